"""Shows the progress of an epoch on the terminal."""

import shutil
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import RichProgressBar

WIDTH_OF_SPEED, WIDTH_OF_BAR, WIDTH_OF_TIME = 100, 75, 60
"""Columns of a terminal from which each is shown; epoch, batches and perplexity are on every one."""


class EpochProgressBar(RichProgressBar):
    """Lightning's progress bar in one line of the terminal, with epochs counted from 1 as in the printed lines."""

    def configure_columns(self, trainer: L.Trainer) -> list[Any]:
        """Returns the columns that fit: epoch, bar, batches, and time so far and left; the speed is in tokens/s."""
        description, bar, batches, seconds, _ = super().configure_columns(trainer)
        width = _terminal_width()
        bar.bar_width = 10 if width < WIDTH_OF_SPEED else 20
        bars, times = [bar] * (width >= WIDTH_OF_BAR), [seconds] * (width >= WIDTH_OF_TIME)
        return [description, *bars, batches, *times]

    def get_metrics(self, trainer: L.Trainer, pl_module: L.LightningModule) -> dict[str, Any]:
        """Returns the figures at the end of the bar, on a narrow terminal the perplexity alone."""
        metrics: dict[str, Any] = super().get_metrics(trainer, pl_module)
        is_wide = _terminal_width() >= WIDTH_OF_SPEED
        return {name: figure for name, figure in metrics.items() if is_wide or name == "perplexity"}

    def _get_train_description(self, current_epoch: int) -> str:
        limit = self.trainer.max_epochs
        description = f"epoch {current_epoch + 1}"
        if limit is not None and limit > 0:
            description += f"/{limit}"
        return description.ljust(len(self.validation_description))


def _terminal_width() -> int:
    return shutil.get_terminal_size().columns
