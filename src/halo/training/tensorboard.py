"""Writes text and figures to TensorBoard."""

import lightning as L
from lightning.pytorch.loggers import TensorBoardLogger

from halo.corpus.corpus import Corpus


def last_step(trainer: L.Trainer) -> int:
    """Returns the step of the latest update, counted from 0 as in the curves; 0 before the first."""
    return max(0, trainer.global_step - 1)


def log_text(trainer: L.Trainer, tag: str, text: str) -> None:
    """Writes `text` to the TensorBoard loggers of a Trainer, indented so that Markdown keeps characters such as `*`.

    Args:
        trainer: The Trainer.
        tag: The name under which TensorBoard shows the text.
        text: The text.
    """
    for logger in trainer.loggers:
        if isinstance(logger, TensorBoardLogger):
            code_block = "\n".join(f"    {line}" for line in text.splitlines())
            logger.experiment.add_text(tag, code_block, last_step(trainer))


def log_corpus_figures(trainer: L.Trainer, corpus: Corpus) -> None:
    """Writes the figures of the data report to the TensorBoard loggers of a Trainer."""
    loggers = [logger for logger in trainer.loggers if isinstance(logger, TensorBoardLogger)]
    if not loggers:
        return
    from halo.reports.data_report.figures import draw_figures

    for name, figure in draw_figures(corpus).items():
        for logger in loggers:
            logger.experiment.add_figure(f"data/{name}", figure, last_step(trainer))
