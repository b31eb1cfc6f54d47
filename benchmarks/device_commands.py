"""Commands of the device check: started with a time limit, in a folder of their own, and their losses compared."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from step_losses import read_losses

BENCHMARKS = Path(__file__).resolve().parent
ROOT = BENCHMARKS.parent


class FailedError(Exception):
    """A check has failed; the message says why."""


class Machine(NamedTuple):
    """The device to check, and where.

    Attributes:
        device: cuda or cpu.
        folder: Where everything is written.
        settings: Further settings of each training.
        ends: Time at which no command may run any more, as `time.monotonic` counts.
        patience: Factor of all time limits.
    """

    device: str
    folder: Path
    settings: list[str]
    ends: float
    patience: float

    @property
    def trainer(self) -> str:
        """The group of settings that trains on the device."""
        return "trainer=cpu" if self.device == "cpu" else "trainer=gpu"

    @property
    def num_gpus(self) -> int:
        """The number of GPUs of the machine."""
        return int(self.run("-c", "import torch; print(torch.cuda.device_count())").split()[-1])

    def within(self, seconds: float) -> "Machine":
        """Returns the machine with an earlier end."""
        return self._replace(ends=min(self.ends, time.monotonic() + self.patience * seconds))

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Starts Python with arguments, in a process group of its own."""
        path = os.pathsep.join(filter(None, [str(ROOT / "src"), str(BENCHMARKS), os.environ.get("PYTHONPATH")]))
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", *command],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, "COLUMNS": "80"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *command: str, status: int = 0) -> str:
        """Returns what a Python command prints.

        Raises:
            FailedError: Its exit status is another one, or it did not end in time.
        """
        return self.wait(self.start(*command), status=status)

    def wait(self, process: subprocess.Popen[str], *, status: int = 0) -> str:
        """Returns what a started command prints when it has ended; see `run`."""
        try:
            printed, _ = process.communicate(timeout=max(1.0, self.ends - time.monotonic()))
        except subprocess.TimeoutExpired as error:
            raise FailedError("did not end in time") from error
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        if process.returncode != status:
            lines = [line.strip() for line in printed.splitlines() if line.strip()]
            told = [line for line in lines if re.match(r"(\w+\.)*\w*(Error|error)\b.*: ", line)] or lines[-3:]
            raise FailedError(f"exit status {process.returncode}: {' | '.join(told[:3])[-500:]}")
        return printed

    def training(self, name: str, *settings: str, trainer: str | None = None) -> list[str]:
        """Returns the arguments of a training whose run folder and losses have this name."""
        losses = ["+callbacks.losses._target_=step_losses.StepLosses", f"+callbacks.losses.file={self.losses(name)}"]
        shared = [f"run_dir={self.folder / name}", f"data.cache_dir={self.folder / 'cache'}", *self.settings]
        return ["halo.train", trainer or self.trainer, *shared, *losses, *settings]

    def losses(self, name: str) -> Path:
        """Returns the file of the losses of a training."""
        return self.folder / f"{name}.losses"

    def same_losses(self, name: str, reference: str, *, tolerance: float) -> str:
        """Compares the losses of two trainings.

        Raises:
            FailedError: They differ by more than the tolerance, relative to the reference.
        """
        own, other = read_losses(self.losses(name)), read_losses(self.losses(reference))
        if own.keys() != other.keys():
            raise FailedError(f"{len(own)} steps instead of {len(other)}")
        difference = max(abs(own[step] - other[step]) / abs(other[step]) for step in other)
        said = f"{len(own)} losses as {reference}: largest difference {difference:.1e}, allowed {tolerance:g}"
        if not difference <= tolerance:
            raise FailedError(said)
        return said
