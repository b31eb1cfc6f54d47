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


REQUESTS = ("SIGINT", "SIGTERM", "SIGHUP")
"""Signals that end a program: Ctrl-C, kill, and a terminal that is closed."""

WARNINGS = ("SIGUSR1", "SIGUSR2", "SIGXCPU")
"""Signals that clusters send some time before they end a job. Without a handler they would end it at once."""


class StopSignals:
    """Records the first of `REQUESTS` and `WARNINGS`, so that a loop can stop at a safe point.

    The second signal has its usual effect: another Ctrl-C ends the run at once. Only SIGHUP is awaited again, since a
    shell and the system may both send it. A signal that is ignored, as SIGINT is in a background process of a shell and
    SIGHUP under nohup, stays ignored, and a handler that a program has installed for one of `WARNINGS` stays.

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
        handlers = {name: signal.getsignal(number) for name, number in _numbers().items() if is_main}
        free = (signal.SIG_DFL, signal.SIG_IGN)
        kept = {name: handler for name, handler in handlers.items() if name in REQUESTS or handler in free}
        self._original_handlers = {_numbers()[name]: handler for name, handler in kept.items()}
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

    def request(self, number: int) -> bool:
        """Records a signal that another process has received, and returns whether there is a loop that will stop."""
        if self._original_handlers and self.received is None:
            self.received = number
        return bool(self._original_handlers)

    def _restore_handlers(self) -> None:
        for number, handler in self._original_handlers.items():
            if handler is not None:
                signal.signal(number, handler)

    def _record(self, number: int, frame: FrameType | None) -> None:
        if self.received is None:
            self.received = number
            self._restore_handlers()
            hangup = _numbers().get("SIGHUP")
            if hangup is not None and self._original_handlers.get(hangup) is not signal.SIG_IGN:
                signal.signal(hangup, self._record)


def _numbers() -> dict[str, int]:
    """Returns the numbers of the signals that this system has."""
    return {name: getattr(signal, name) for name in (*REQUESTS, *WARNINGS) if hasattr(signal, name)}


def slurm_job() -> str | None:
    """Returns the SLURM job id of this process in the form that `scontrol` takes; None outside SLURM."""
    array, task = os.environ.get("SLURM_ARRAY_JOB_ID"), os.environ.get("SLURM_ARRAY_TASK_ID")
    return f"{array}_{task}" if array and task else os.environ.get("SLURM_JOB_ID")


def requeue(job: str) -> str:
    """Asks SLURM to requeue a job, and returns the outcome for the log."""
    try:
        done = subprocess.run(["scontrol", "requeue", job], capture_output=True, errors="replace", check=False)
    except OSError as error:
        return f"was not requeued: scontrol: {error.strerror}"
    return "was requeued" if done.returncode == 0 else f"was not requeued: {done.stderr.strip()}"
