"""What ends a run from outside: Ctrl-C, and what a cluster sends before it takes a machine away."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

Handler = Any
"""What `signal.getsignal` returns: a function, a constant, or None for a handler that Python does not know."""


class StopSignals:
    """Notes the first SIGINT, SIGTERM, or under SLURM SIGUSR1, for a loop to look at when it can stop.

    The second signal does what it would have done without this: an impatient Ctrl-C ends the run at once. A signal
    that is ignored, as SIGINT is in the background of a shell, stays ignored.

    Attributes:
        received: The number of the signal that came; None as long as there is none.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._before: dict[int, Handler] = {}

    @contextlib.contextmanager
    def restored(self) -> Iterator[None]:
        """Sees to it that signals do afterwards what they did before, whatever Lightning, too, makes of them."""
        is_main = threading.current_thread() is threading.main_thread()  # only this one may say what signals do
        numbers = [signal.SIGINT, signal.SIGTERM, *([signal.SIGUSR1] if slurm_job() else [])]
        self._before = {number: signal.getsignal(number) for number in numbers if is_main}
        try:
            yield
        finally:
            self.forget()
            self._before = {}

    def listen(self) -> None:
        """Begins to note signals, within `restored`."""
        for number, handler in self._before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, self._note)

    def forget(self) -> None:
        """Lets signals do what they did before."""
        for number, handler in self._before.items():
            if handler is not None:
                signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.received = number
        self.forget()


def slurm_job() -> str | None:
    """Returns the job of SLURM that this process belongs to, as `scontrol` calls it; None outside SLURM."""
    array, task = os.environ.get("SLURM_ARRAY_JOB_ID"), os.environ.get("SLURM_ARRAY_TASK_ID")
    return f"{array}_{task}" if array and task else os.environ.get("SLURM_JOB_ID")
