"""Lightning callbacks that record the memory and the number of open files of a training process."""

import json
import os
import time
from pathlib import Path
from typing import Any

import lightning as L

MIB = 2**20


def memory_mib(kind: str = "VmRSS") -> float:
    """Returns the memory of this process in MiB: `kind` is a field of /proc/self/status."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(kind)) / 1024


def open_files() -> int:
    """Returns the number of files that this process holds open."""
    return len(list(Path("/proc/self/fd").iterdir()))


class Footprint(L.Callback):
    """Writes memory and open files at regular steps, as a JSON list of [step, MiB, files].

    Args:
        file: The JSON file, rewritten at each measurement.
        every_n_steps: The number of steps between measurements.
    """

    def __init__(self, file: str, every_n_steps: int) -> None:
        self.file = Path(file)
        self.every_n_steps = every_n_steps
        self.seen: list[tuple[int, float, int]] = []

    def on_train_batch_end(self, trainer: L.Trainer, *_: Any) -> None:
        """Measures, if this step is due."""
        if trainer.global_step % self.every_n_steps == 0:
            self.seen.append((trainer.global_step, memory_mib(), open_files()))
            self.file.write_text(json.dumps(self.seen), encoding="utf-8")


class StepFootprint(L.Callback):
    """Writes the end times of steps and the memory after the last one, then ends the process at once.

    Args:
        file: The JSON file.
        steps: The number of steps to run.
    """

    def __init__(self, file: str, steps: int) -> None:
        self.file = Path(file)
        self.steps = steps
        self.times: list[float] = []

    def on_train_batch_end(self, *_: Any) -> None:
        """Records the time; after the last step, writes the file and exits."""
        self.times.append(time.perf_counter())
        if len(self.times) == self.steps:
            memory = {"own_mib": memory_mib("RssAnon"), "resident_mib": memory_mib()}
            self.file.write_text(json.dumps({"times": self.times, **memory}), encoding="utf-8")
            os._exit(0)
