"""Trained tokens per second."""

import time
from typing import Any

import lightning as L

from halo.data.streams import Window


class Throughput(L.Callback):
    """Counts trained tokens, of all processes, and the seconds that they took, without validation.

    Attributes:
        tokens_seen: Trained tokens.
        seconds: Time spent on them.
    """

    def __init__(self) -> None:
        self.tokens_seen = 0
        self.seconds = 0.0
        self._since = self._began = time.perf_counter()
        self._seconds_before = 0.0  # of the run, before it was stopped and went on

    @property
    def minutes(self) -> float:
        """Duration of the whole run so far, without what was lost or waited for before it went on."""
        return (self._seconds_before + time.perf_counter() - self._began) / 60

    @property
    def tokens_per_second(self) -> float:
        """Trained tokens per second, over the whole run so far."""
        return self.tokens_seen / self.seconds if self.seconds else 0.0

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Starts the clock; a run that goes on begins within an epoch."""
        self._since = time.perf_counter()

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Leaves out what came between two epochs."""
        self._since = time.perf_counter()

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Window, batch_idx: int
    ) -> None:
        """Reads the clock, and logs the figures."""
        now = time.perf_counter()
        self.seconds += now - self._since
        self._since = now
        self.tokens_seen += batch.num_targets
        if trainer.global_step % max(1, trainer.log_every_n_steps) == 0:  # type: ignore[attr-defined]  # after the update
            pl_module.log("tokens_seen", float(self.tokens_seen), batch_size=1)
            pl_module.log("train/tokens_per_second", self.tokens_per_second, batch_size=1)
            if trainer.progress_bar_callback is not None:
                pl_module.log("tokens/s", self.tokens_per_second, batch_size=1, prog_bar=True, logger=False)

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Leaves out the time that validation took."""
        self._since = time.perf_counter()

    def state_dict(self) -> dict[str, Any]:
        """Returns what has been counted, for a run that goes on later."""
        return {"tokens_seen": self.tokens_seen, "seconds": self.seconds, "run_seconds": 60 * self.minutes}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on counting from there."""
        self.tokens_seen, self.seconds = state_dict["tokens_seen"], state_dict["seconds"]
        self._seconds_before = state_dict["run_seconds"]
