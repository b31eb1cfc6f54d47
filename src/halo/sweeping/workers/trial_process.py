"""The process of a trial: a run of halo.train that can be stopped and killed alone, and what its end means."""

import json
import math
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from halo.runtime.errors import DISK_FULL_STATUS, PRUNED_STATUS, printable
from halo.runtime.threads import THREADS
from halo.sweeping.trials import Claim
from halo.training.resume.checkpoint_files import has_resume_checkpoint

CONSOLE = "console.log"
"""What a trial prints, in its run folder."""

MAX_TAIL_BYTES = 2**14
STOP_SIGNALS = ("SIGHUP", "SIGINT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGXCPU")


class Ending(NamedTuple):
    """How the process of a trial has ended.

    Attributes:
        kind: `complete`, `pruned`, `fail`, or for a trial that is to go on `killed` or `disk full`.
        values: The objectives of a complete trial.
        reason: Why it failed or was killed, in a few words.
    """

    kind: Literal["complete", "pruned", "fail", "killed", "disk full"]
    values: tuple[float, ...] = ()
    reason: str = ""


@dataclass
class TrialProcess:
    """A process that trains a trial.

    Attributes:
        claim: The trial.
        process: The process.
        started: When it was started, on a monotonic clock.
        printed_before: The size of the file with its output, in bytes, when it was started.
    """

    claim: Claim
    process: "subprocess.Popen[bytes]"
    started: float
    printed_before: int

    @classmethod
    def start(cls, claim: Claim, command: Sequence[str], environment: Mapping[str, str]) -> "TrialProcess":
        """Starts the process, which holds the lock of its trial as long as it runs.

        It belongs to no terminal: Ctrl-C reaches the sweep alone, which passes it on once.

        Args:
            claim: The trial.
            command: The program and its arguments.
            environment: Variables besides those of this process.
        """
        claim.run_dir.mkdir(parents=True, exist_ok=True)
        if has_resume_checkpoint(claim.run_dir):  # exact only with the number of threads that it records
            environment = {name: value for name, value in environment.items() if name != THREADS}
        with (claim.run_dir / CONSOLE).open("ab") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
                pass_fds=(claim.lock.descriptor,),
                start_new_session=True,
            )
            return cls(claim, process, time.monotonic(), output.tell())

    def stop(self) -> None:
        """Asks the process to write a resume checkpoint and end."""
        self.process.terminate()

    def kill(self) -> None:
        """Ends the process at once, and those that it has started."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def ending(self, objectives: Sequence[str]) -> Ending:
        """Returns how the process has ended.

        Args:
            objectives: The figures of the run that the sweep minimises.
        """
        status = self.process.wait()
        if status == 0:
            return _measured(self.claim.run_dir, objectives)
        if status == PRUNED_STATUS:
            return Ending("pruned")
        error = _last_error(self.claim.run_dir / CONSOLE, self.printed_before)
        if status == DISK_FULL_STATUS:
            return Ending("disk full", reason=error)
        number = -status if status < 0 else status - 128
        is_stop = number in [getattr(signal, name, None) for name in STOP_SIGNALS]
        if status < 0 or is_stop or number == signal.SIGKILL:
            memory = ", perhaps for lack of memory" if number == signal.SIGKILL else ""
            return Ending("killed", reason=f"by {signal_name(number)}{memory}")
        return Ending("fail", reason=error or f"exit status {status}")


def signal_name(number: int) -> str:
    """Returns the name of a signal.

    >>> signal_name(9)
    'SIGKILL'
    """
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _measured(run_dir: Path, objectives: Sequence[str]) -> Ending:
    try:
        metrics = json.loads((run_dir / "metrics.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Ending("fail", reason="it has left no metrics.json")
    if isinstance(minutes := metrics.get("minutes"), int | float):
        metrics["seconds"] = 60 * minutes
    values = []
    for name in objectives:
        value = metrics.get(name)
        if not isinstance(value, int | float) or not math.isfinite(value):
            return Ending("fail", reason=f"{name} is not finite")
        values.append(float(value))
    return Ending("complete", tuple(values))


def _last_error(file: Path, start: int) -> str:
    """Returns the last error that a process has printed, without the prefix; empty if there is none."""
    try:
        with file.open("rb") as printed:
            size = printed.seek(0, os.SEEK_END)
            printed.seek(max(start, size - MAX_TAIL_BYTES))
            lines = printed.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    errors = [each for each in lines if each.startswith("error: ")]
    of_python = [each for each in lines if each and not each[0].isspace() and "Error" in each.partition(":")[0]]
    return printable((errors or of_python or [""])[-1].removeprefix("error: "))
