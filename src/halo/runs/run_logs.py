"""Writes to the loggers before and after training."""

import contextlib
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import lightning as L
import numpy as np
from lightning.pytorch.loggers import TensorBoardLogger

from halo.config import SPLITS, TrainConfig, plain
from halo.corpus.corpus import Corpus
from halo.models.language_model import LanguageModel
from halo.models.ngram.unigram import token_counts
from halo.reports.console import corpus_table
from halo.reports.run_page.analysis.word_space import word_vectors
from halo.runs.result import FitResult
from halo.training.loggers.wandb import RunWandbLogger
from halo.training.resume.logs import resume_logs
from halo.training.resume.restore import ResumeSource
from halo.training.tensorboard import last_step, log_corpus_figures, log_hparams, log_text, log_word_vectors

log = logging.getLogger(__name__)


HPARAMS = (
    *("averaging.name", "data.batch_size", "data.name", "data.sequence_length", "data.tokenizer.kind"),
    *("data.tokenizer.min_count", "gradient_clip.value", "sampled_softmax.num_frequent", "seed"),
    *("trainer.accumulate_grad_batches", "trainer.max_epochs", "trainer.max_steps", "trainer.precision"),
)
HPARAMS_GROUPS = ("model.", "optim.", "schedule.")
"""The settings that TensorBoard's HParams tab shows; hparams.yaml and config.yaml have all."""

MAX_PROJECTED_WORDS = 1_000
"""Words whose vectors are written for TensorBoard's projector: a few megabytes of text."""

TEXT_COLUMNS = ("trainer.devices", "trainer.precision", "trainer.deterministic", "trainer.profiler")
"""Settings that may be a number in one run and text in another; a column of TensorBoard's HParams has one type."""


def start_logs(config: TrainConfig, trainer: L.Trainer, corpus: Corpus, resumed: ResumeSource | None) -> None:
    """Writes the settings and the corpus figures to the loggers; a resumed run continues its curves instead.

    Args:
        config: The configuration of the run.
        trainer: The Trainer of the run, whose loggers have not been used yet.
        corpus: The text of the run.
        resumed: The checkpoint that the run resumes from; None for a new run.
    """
    settings = _logged_settings(config)
    if config.resume is not None:
        resume_logs(trainer.loggers, settings, 0 if resumed is None else resumed.step)
    if resumed is not None:
        log.info("Resuming after step %d, from %s", resumed.step, resumed.file)
        return
    log_text(trainer, "corpus", corpus_table(corpus))
    log_corpus_figures(trainer, corpus)
    for logger in trainer.loggers:
        logger.log_hyperparams(settings)


def log_result(
    config: TrainConfig, trainer: L.Trainer, result: FitResult, *, model: LanguageModel, corpus: Corpus
) -> None:
    """Writes the final perplexities to the loggers; in TensorBoard next to the settings in HParams, and word vectors.

    A run appears in HParams when it has been measured: a figure of a run without one would be sorted as the best.

    Args:
        config: The configuration of the run.
        trainer: The Trainer, after training.
        result: The result of the run.
        model: The measured model.
        corpus: The text of the run.
    """
    figures = {f"hp/{name}_perplexity": result.scores[name].perplexity for name in SPLITS}
    for logger in trainer.loggers:
        logger.log_metrics(figures, last_step(trainer))
        if isinstance(logger, TensorBoardLogger):
            columns = hparams_columns(_logged_settings(config))
            chosen = {key: value for key, value in columns.items() if key in HPARAMS or key.startswith(HPARAMS_GROUPS)}
            log_hparams(logger, chosen, last_step(trainer))
        logger.save()
    vectors_VD = None if corpus.is_private else word_vectors(model, corpus.tokenizer.vocab_size)
    if vectors_VD is not None:
        frequent = _frequent_words(corpus)
        log_word_vectors(trainer, [corpus.tokenizer.token(number) for number in frequent], vectors_VD[frequent])


@contextlib.contextmanager
def finished_logs(trainer: L.Trainer) -> Iterator[None]:
    """Ends the loggers that have a process of their own, however the run ends: the next job starts new ones."""
    has_failed = True
    try:
        yield
        has_failed = False
    finally:
        for logger in trainer.loggers:
            if isinstance(logger, RunWandbLogger):
                logger.finish(has_failed=has_failed)


def _frequent_words(corpus: Corpus) -> list[int]:
    """Returns the ids of the most frequent words of the training text, without `<unk>` and `<eos>`."""
    counts_V = token_counts(corpus.ids["train"], corpus.tokenizer.vocab_size)
    special = (corpus.tokenizer.unk_id, corpus.tokenizer.eos_id)
    ordered = [number for number in np.argsort(-counts_V, kind="stable").tolist() if number not in special]
    return ordered[:MAX_PROJECTED_WORDS]


def _logged_settings(config: TrainConfig) -> dict[str, Any]:
    return {key: value for key, value in plain(config).items() if key not in ("callbacks", "logger")}


def hparams_columns(settings: Mapping[str, Any], prefix: str = "") -> dict[str, float | bool | str]:
    """Returns settings by their full keys, each of which has values of one type in all runs.

    Numbers are floats, and a setting that is not set is left out: as text it would turn a column of numbers into one of
    text, which TensorBoard neither sorts nor filters by value.

    >>> hparams_columns({"seed": 1, "model": {"layers": 2, "pointer_tokens": None, "tied": True}, "paths": ["a"]})
    {'seed': 1.0, 'model.layers': 2.0, 'model.tied': True, 'paths': "['a']"}
    """
    columns: dict[str, float | bool | str] = {}
    for name, value in settings.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            columns |= hparams_columns(value, f"{key}.")
        elif isinstance(value, bool) and key not in TEXT_COLUMNS:
            columns[key] = value
        elif isinstance(value, int | float) and key not in TEXT_COLUMNS:
            columns[key] = float(value)
        elif value is not None:
            columns[key] = str(value)
    return columns
