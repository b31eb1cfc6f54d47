"""Measures training throughput in tokens per second, and says once if other programs reduce it."""

import logging
import time
from typing import Any

import lightning as L
import torch
from lightning.pytorch.utilities import rank_zero_only

from halo.data.streams import Window
from halo.runtime.threads import THREADS
from halo.training.callbacks.contention import Contention, ContentionMonitor, Interval

log = logging.getLogger(__name__)


class Throughput(L.Callback):
    """Counts the trained tokens of all processes and the training time, without validation.

    Attributes:
        tokens_seen: The number of tokens trained on, repetitions included.
        seconds: The time spent training on them.
    """

    def __init__(self) -> None:
        self.tokens_seen = 0
        self._logged_at = -1
        self.seconds = 0.0
        self._last_time = self._start_time = time.perf_counter()
        self._seconds_before_resuming = 0.0
        self._monitor = ContentionMonitor()
        self._last_cpu_time = time.process_time()
        self._interval = Interval(0.0, 0.0, 0)  # since the last logged step

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
        self._restart_clock()

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Excludes the time between two epochs."""
        self._restart_clock()

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Window, batch_idx: int
    ) -> None:
        """Adds the tokens and the time of the step, and logs the throughput."""
        before, cpu_before = self._last_time, self._last_cpu_time
        self._restart_clock()
        seconds, cpu_seconds = self._last_time - before, self._last_cpu_time - cpu_before
        self.seconds += seconds
        self.tokens_seen += batch.num_targets
        earlier = self._interval
        self._interval = Interval(
            earlier.seconds + seconds, earlier.cpu_seconds + cpu_seconds, earlier.tokens + batch.num_targets
        )
        if trainer.global_step % max(1, trainer.log_every_n_steps) == 0:  # type: ignore[attr-defined]  # after the update
            self._log_totals(pl_module)
            self._logged_at = trainer.global_step
            pl_module.log("train/tokens_per_second", self.tokens_per_second, batch_size=1)
            if trainer.progress_bar_callback is not None:
                pl_module.log("tokens/s", self.tokens_per_second, batch_size=1, prog_bar=True, logger=False)
            contention = self._monitor.add(self._interval)
            self._interval = Interval(0.0, 0.0, 0)
            if contention is not None and trainer.strategy.root_device.type == "cpu":
                _report(contention, num_threads=torch.get_num_threads())

    def on_validation_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Logs the totals at each validation, so that curves can be drawn against them; once for each step."""
        if trainer.global_step != self._logged_at:
            self._log_totals(pl_module)

    def _log_totals(self, pl_module: L.LightningModule) -> None:
        pl_module.log("tokens_seen", float(self.tokens_seen), batch_size=1)
        pl_module.log("seconds", self.seconds, batch_size=1)

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Excludes the time of the validation."""
        self._restart_clock()

    def _restart_clock(self) -> None:
        self._last_time, self._last_cpu_time = time.perf_counter(), time.process_time()

    def state_dict(self) -> dict[str, Any]:
        """Returns the counts so far, for the checkpoint."""
        return {"tokens_seen": self.tokens_seen, "seconds": self.seconds, "run_seconds": 60 * self.minutes}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restores the counts from a checkpoint."""
        self.tokens_seen, self.seconds = state_dict["tokens_seen"], state_dict["seconds"]
        self._seconds_before_resuming = state_dict["run_seconds"]


@rank_zero_only
def _report(contention: Contention, *, num_threads: int) -> None:
    remedy = f"; Ctrl-C, then resume with {THREADS}=1, may be faster" if num_threads > 1 else ""
    log.warning(
        "Other programs need the cores of this run: steps take %.1f times as long as before (%.1f cores instead of "
        "%.1f)%s",
        contention.slowdown,
        contention.cores,
        contention.cores_before,
        remedy,
    )
