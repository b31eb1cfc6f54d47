"""Writes figures, text and word vectors to TensorBoard, in the order in which they are read."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import lightning as L
import numpy as np
import numpy.typing as npt
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only
from torch.utils.tensorboard.summary import hparams

from halo.corpus.corpus import Corpus

TAGS = {
    "val/perplexity": "1_perplexity/validation",
    "train/perplexity": "1_perplexity/train",
    "val/nll": "2_loss/validation",
    "train/nll": "2_loss/train",
    "train/loss": "2_loss/train_step",
    "train/penalty": "2_loss/train_step_penalty",
}
"""The tags of the figures that are looked at first, by the names that they have everywhere else."""

GROUPS = {"hp/": "0_final/", "train": "3_training", "lr-": "3_training/lr-", "diagnosis": "z_diagnosis"}
"""The beginnings of the other tags, by the beginnings of the names; the rest is `3_training`, or stays as it is."""

PROJECTOR = "word_vectors"


class OrderedTensorBoardLogger(TensorBoardLogger):
    """Lightning's logger with tags that TensorBoard, which sorts them, shows in a useful order.

    The final figures come first, which makes them the ones that HParams shows; then perplexity during training, the
    loss, the course of training, the figures of the text, and last what `callbacks.diagnosis` measures. metrics.csv and
    monitors keep the names that the figures are logged with.
    """

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Writes figures under the tags that `tag_of` gives them."""
        super().log_metrics({tag_of(name): figure for name, figure in metrics.items()}, step)


def tag_of(name: str) -> str:
    """Returns the tag under which TensorBoard shows a figure.

    >>> [tag_of(name) for name in ("val/perplexity", "train/grad_norm", "lr-AdamW/weights", "epoch")]
    ['1_perplexity/validation', '3_training/grad_norm', '3_training/lr-AdamW/weights', '3_training/epoch']
    >>> tag_of("diagnosis/clipped"), tag_of("hp/test_perplexity")
    ('z_diagnosis/clipped', '0_final/test_perplexity')
    """
    if name in TAGS:
        return TAGS[name]
    for beginning, group in GROUPS.items():
        if name.startswith(beginning):
            return group + name.removeprefix(beginning)
    return name if "/" in name else f"3_training/{name}"


@rank_zero_only
def log_hparams(logger: TensorBoardLogger, settings: Mapping[str, float | bool | str], step: int) -> None:
    """Writes the settings of a run for TensorBoard's HParams tab.

    Lightning and PyTorch write the list of columns as well, each run its own, and TensorBoard takes that of any run, by
    name. Without one it makes the list from the runs that it shows: first the settings that differ among them.

    Args:
        logger: The logger of the run.
        settings: The settings by their full names; a setting has values of one type in all runs.
        step: The step of the measurement.
    """
    _, start, end = hparams(dict(settings), {})  # type: ignore[no-untyped-call]
    writer = logger.experiment._get_file_writer()
    for summary in (start, end):
        writer.add_summary(summary, step)


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
    for logger in _tensorboard_loggers(trainer):
        code_block = "\n".join(f"    {line}" for line in text.splitlines())
        logger.experiment.add_text(tag, code_block, last_step(trainer))


def log_corpus_figures(trainer: L.Trainer, corpus: Corpus) -> None:
    """Writes the figures of the data report to the TensorBoard loggers of a Trainer."""
    loggers = _tensorboard_loggers(trainer)
    if not loggers:
        return
    from halo.reports.data_report.figures import draw_figures

    for name, figure in draw_figures(corpus).items():
        for logger in loggers:
            logger.experiment.add_figure(f"data/{name}", figure, last_step(trainer))


def log_word_vectors(trainer: L.Trainer, words: Sequence[str], vectors_WD: npt.NDArray[np.float32]) -> None:
    """Writes word vectors for TensorBoard's projector; those of an earlier measurement of the run are replaced.

    Args:
        trainer: The Trainer.
        words: The words, which the projector shows as labels.
        vectors_WD: The vector of each word, shape (W, D): W words, D features.
    """
    labels = [word if word.strip() and word.isprintable() else repr(word) for word in words]
    for logger in _tensorboard_loggers(trainer):
        for earlier in Path(logger.log_dir).glob(f"*/{PROJECTOR}"):
            shutil.rmtree(earlier.parent)
        logger.experiment.add_embedding(vectors_WD, labels, tag=PROJECTOR, global_step=last_step(trainer))


def _tensorboard_loggers(trainer: L.Trainer) -> list[TensorBoardLogger]:
    return [logger for logger in trainer.loggers if isinstance(logger, TensorBoardLogger)]
