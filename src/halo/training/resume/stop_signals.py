"""Receives the signals that stop a run: Ctrl-C, and those that a cluster sends before it ends a job."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

Handler = Any
"""A result of `signal.getsignal`: a function, a constant, or None for a handler that was not installed by Python."""


class StopSignals:
    """Records the first SIGINT, SIGTERM or, under SLURM, SIGUSR1, so that a loop can stop at a safe point.

    The second signal has its usual effect: another Ctrl-C ends the run at once. A signal that is ignored, as SIGINT is
    in a background process of a shell, stays ignored.

    Attributes:
        received: The number of the recorded signal; None until there is one.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._original_handlers: dict[int, Handler] = {}

    @contextlib.contextmanager
    def restored(self) -> Iterator[None]:
        """Restores the signal handlers on exit, including those that Lightning replaces."""
        is_main = threading.current_thread() is threading.main_thread()  # only there may handlers be installed
        numbers = [signal.SIGINT, signal.SIGTERM, *([signal.SIGUSR1] if slurm_job() else [])]
        self._original_handlers = {number: signal.getsignal(number) for number in numbers if is_main}
        try:
            yield
        finally:
            self._restore_handlers()
            self._original_handlers = {}

    def listen(self) -> None:
        """Installs the handlers that record signals; only within `restored`."""
        for number, handler in self._original_handlers.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, self._record)

    def _restore_handlers(self) -> None:
        for number, handler in self._original_handlers.items():
            if handler is not None:
                signal.signal(number, handler)

    def _record(self, number: int, frame: FrameType | None) -> None:
        self.received = number
        self._restore_handlers()


def slurm_job() -> str | None:
    """Returns the SLURM job id of this process in the form that `scontrol` takes; None outside SLURM."""
    array, task = os.environ.get("SLURM_ARRAY_JOB_ID"), os.environ.get("SLURM_ARRAY_TASK_ID")
    return f"{array}_{task}" if array and task else os.environ.get("SLURM_JOB_ID")


def requeue(job: str) -> str:
    """Asks SLURM to requeue a job, and returns the outcome for the log."""
    try:
        done = subprocess.run(["scontrol", "requeue", job], capture_output=True, text=True, check=False)
    except OSError as error:
        return f"was not requeued: scontrol: {error.strerror}"
    return "was requeued" if done.returncode == 0 else f"was not requeued: {done.stderr.strip()}"
