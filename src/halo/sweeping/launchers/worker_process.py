"""Runs the command of a worker as a child process, and passes on that it has to stop."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

POLL_SECONDS = 0.2


class WorkerProcess:
    """Runs the command of one worker.

    The process has a session of its own: clusters send signals to all processes of a job, and the trials of a worker
    would take a second signal for the wish to end at once.

    Args:
        arguments: The arguments of Python: -m halo.sweep and its settings.
        folder: The folder in which the sweep was started, on a shared disk.
    """

    def __init__(self, arguments: Sequence[str], folder: Path) -> None:
        self.arguments = [*arguments]
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, output: TextIO | None = None) -> int:
        """Runs the command with this machine's Python, and returns its exit status.

        Args:
            output: The file for what it prints; None for the output of this process.
        """
        self._process = subprocess.Popen(
            [sys.executable, *self.arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
        )
        try:
            return self._wait(self._process)
        except KeyboardInterrupt:
            self.stop()
            raise

    def stop(self) -> None:
        """Makes the command stop, and waits until its trials have written resume checkpoints; from handlers too."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._wait(self._process)

    def _wait(self, process: "subprocess.Popen[bytes]") -> int:
        # Not with process.wait(), whose lock a signal handler that waits as well would never get.
        while (status := process.poll()) is None:
            time.sleep(POLL_SECONDS)
        return status
