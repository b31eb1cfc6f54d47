"""Writes to the loggers before and after training."""

import logging

import lightning as L
from lightning.pytorch.loggers import TensorBoardLogger

from halo.config import SPLITS, TrainConfig, plain
from halo.corpus.corpus import Corpus
from halo.reports.console import corpus_table
from halo.runs.result import FitResult
from halo.training.resume.logs import resume_logs
from halo.training.resume.restore import ResumeSource
from halo.training.tensorboard import log_corpus_figures, log_text

log = logging.getLogger(__name__)


def start_logs(config: TrainConfig, trainer: L.Trainer, corpus: Corpus, resumed: ResumeSource | None) -> None:
    """Writes the settings and the corpus figures to the loggers; a resumed run continues its curves instead.

    Args:
        config: The configuration of the run.
        trainer: The Trainer of the run, whose loggers have not been used yet.
        corpus: The text of the run.
        resumed: The checkpoint that the run resumes from; None for a new run.
    """
    settings = {key: value for key, value in plain(config).items() if key not in ("callbacks", "logger")}
    if config.resume is not None:
        resume_logs(trainer.loggers, settings, 0 if resumed is None else resumed.step)
    if resumed is not None:
        log.info("Resuming after step %d, from %s", resumed.step, resumed.file)
        return
    log_text(trainer, "corpus", corpus_table(corpus))
    log_corpus_figures(trainer, corpus)
    for logger in trainer.loggers:
        if isinstance(logger, TensorBoardLogger):
            logger.log_hyperparams(settings, {f"hp/{name}_perplexity": 0.0 for name in SPLITS})
        else:
            logger.log_hyperparams(settings)


def log_result(trainer: L.Trainer, result: FitResult) -> None:
    """Writes the final perplexities to the loggers, under the names that TensorBoard's HParams tab shows."""
    figures = {f"hp/{name}_perplexity": result.scores[name].perplexity for name in SPLITS}
    for logger in trainer.loggers:
        logger.log_metrics(figures, trainer.global_step)
        logger.save()
