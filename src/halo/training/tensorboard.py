"""What a run writes to TensorBoard besides scalars: text and figures."""

import lightning as L
from lightning.pytorch.loggers import TensorBoardLogger

from halo.corpus.corpus import Corpus


def log_text(trainer: L.Trainer, tag: str, text: str) -> None:
    """Writes `text` into the trainer's TensorBoard loggers as it is: Markdown would take marks such as * away."""
    for logger in trainer.loggers:
        if isinstance(logger, TensorBoardLogger):
            fenced = "\n".join(f"    {line}" for line in text.splitlines())
            logger.experiment.add_text(tag, fenced, trainer.global_step)


def log_corpus_figures(trainer: L.Trainer, corpus: Corpus) -> None:
    """Draws the figures of the data report into the trainer's TensorBoard loggers, where there are any."""
    loggers = [logger for logger in trainer.loggers if isinstance(logger, TensorBoardLogger)]
    if not loggers:
        return
    from halo.reports.data_report.figures import draw_figures

    for name, figure in draw_figures(corpus).items():
        for logger in loggers:
            logger.experiment.add_figure(f"data/{name}", figure, trainer.global_step)
