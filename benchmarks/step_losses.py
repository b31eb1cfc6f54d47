"""A Lightning callback that writes the loss of each step of a run to a file, to compare devices and strategies."""

from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.utilities import rank_zero_only


class StepLosses(L.Callback):
    """Appends a line "STEP LOSS" for each step, nats per token; a resumed run goes on in the same file.

    Args:
        file: The file.
    """

    def __init__(self, file: str) -> None:
        self.file = Path(file)

    @rank_zero_only
    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, *_: Any) -> None:
        """Writes the loss of the step; reading it from a GPU waits for the step."""
        with self.file.open("a", encoding="utf-8") as stream:
            stream.write(f"{trainer.global_step} {outputs['loss'].item()!r}\n")


def read_losses(file: Path) -> dict[int, float]:
    """Returns the loss of each step; of a step that was repeated after a stop, the last one."""
    lines = [line.split() for line in file.read_text(encoding="utf-8").splitlines()]
    return {int(step): float(loss) for step, loss in lines}
