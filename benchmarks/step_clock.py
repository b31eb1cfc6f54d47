"""A Lightning callback that notes when the steps of a run end, and ends the run after some of them."""

import json
import os
import time
from pathlib import Path
from typing import Any

import lightning as L
import torch


class StepClock(L.Callback):
    """Writes the times at which steps ended, as seconds since 1970, and ends the process, without what else would come.

    Args:
        file: Where they are written, as a JSON list.
        steps: How many there are.
        awaited: After which steps an accelerator is waited for, which its program otherwise runs ahead of; null: all.
    """

    def __init__(self, file: str, steps: int, awaited: list[int] | None = None) -> None:
        self.file = Path(file)
        self.steps = steps
        self.awaited = awaited
        self.times: list[float] = []

    def on_train_batch_end(self, trainer: L.Trainer, *_: Any) -> None:
        """Reads the clock."""
        is_awaited = self.awaited is None or len(self.times) + 1 in self.awaited
        if is_awaited and trainer.strategy.root_device.type != "cpu":
            torch.accelerator.synchronize()
        self.times.append(time.time())
        if len(self.times) == self.steps:
            self.file.write_text(json.dumps(self.times), encoding="utf-8")
            os._exit(0)
