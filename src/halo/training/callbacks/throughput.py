"""Measures training throughput in tokens per second."""

import time
from typing import Any

import lightning as L

from halo.data.streams import Window


class Throughput(L.Callback):
    """Counts the trained tokens of all processes and the training time, without validation.

    Attributes:
        tokens_seen: The number of tokens trained on, repetitions included.
        seconds: The time spent training on them.
    """

    def __init__(self) -> None:
        self.tokens_seen = 0
        self.seconds = 0.0
        self._last_time = self._start_time = time.perf_counter()
        self._seconds_before_resuming = 0.0

    @property
    def minutes(self) -> float:
        """Duration of the run so far; after resuming, without the lost steps and the time between the two processes."""
        return (self._seconds_before_resuming + time.perf_counter() - self._start_time) / 60

    @property
    def tokens_per_second(self) -> float:
        """Training throughput over the run so far."""
        return self.tokens_seen / self.seconds if self.seconds else 0.0

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Starts the clock; a resumed run starts within an epoch."""
        self._last_time = time.perf_counter()

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Excludes the time between two epochs."""
        self._last_time = time.perf_counter()

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Window, batch_idx: int
    ) -> None:
        """Adds the tokens and the time of the step, and logs the throughput."""
        now = time.perf_counter()
        self.seconds += now - self._last_time
        self._last_time = now
        self.tokens_seen += batch.num_targets
        if trainer.global_step % max(1, trainer.log_every_n_steps) == 0:  # type: ignore[attr-defined]  # after the update
            pl_module.log("tokens_seen", float(self.tokens_seen), batch_size=1)
            pl_module.log("train/tokens_per_second", self.tokens_per_second, batch_size=1)
            if trainer.progress_bar_callback is not None:
                pl_module.log("tokens/s", self.tokens_per_second, batch_size=1, prog_bar=True, logger=False)

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Excludes the time of the validation."""
        self._last_time = time.perf_counter()

    def state_dict(self) -> dict[str, Any]:
        """Returns the counts so far, for the checkpoint."""
        return {"tokens_seen": self.tokens_seen, "seconds": self.seconds, "run_seconds": 60 * self.minutes}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restores the counts from a checkpoint."""
        self.tokens_seen, self.seconds = state_dict["tokens_seen"], state_dict["seconds"]
        self._seconds_before_resuming = state_dict["run_seconds"]
