"""What ends a run from outside: Ctrl-C, and what a cluster sends before it takes a machine away."""

import os
import signal
import threading
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

    def listen(self) -> None:
        """Begins to note signals; only the main thread of a program may."""
        if threading.current_thread() is not threading.main_thread():
            return
        numbers = [signal.SIGINT, signal.SIGTERM, *([signal.SIGUSR1] if slurm_job() else [])]
        for number in numbers:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._note)

    def forget(self) -> None:
        """Lets signals do what they did before."""
        for number, handler in self._before.items():
            if handler is not None:
                signal.signal(number, handler)
        self._before.clear()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.received = number
        self.forget()


def slurm_job() -> str | None:
    """Returns the job of SLURM that this process belongs to, as `scontrol` calls it; None outside SLURM."""
    array, task = os.environ.get("SLURM_ARRAY_JOB_ID"), os.environ.get("SLURM_ARRAY_TASK_ID")
    return f"{array}_{task}" if array and task else os.environ.get("SLURM_JOB_ID")
