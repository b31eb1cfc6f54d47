"""A progress bar for preparing long texts: bytes read, words per second, time left."""

import logging
import os
import sys
import time
from types import TracebackType

from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

MIN_BYTES_SHOWN = 2**22
log = logging.getLogger(__name__)


def has_terminal() -> bool:
    """Returns whether standard output is a terminal on which a line can be overwritten."""
    return sys.stdout.isatty() and os.environ.get("TERM", "").lower() not in ("dumb", "unknown")


class Progress:
    """A progress bar on the terminal while a text is read and cleaned. A context manager.

    Args:
        size_bytes: Total size of the files; a text smaller than `MIN_BYTES_SHOWN` gets no bar.
        unit: What is counted besides bytes.
    """

    def __init__(self, size_bytes: int, *, unit: str = "words") -> None:
        self._unit = unit
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(),
        )
        is_shown = size_bytes >= MIN_BYTES_SHOWN and has_terminal()
        self._bar = RichProgress(*columns, transient=True, disable=not is_shown)
        self._task = self._bar.add_task("reading and cleaning", total=size_bytes, speed="")
        self._words = 0
        self._started = time.perf_counter()

    def __enter__(self) -> "Progress":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()

    def advance_bytes(self, number: int) -> None:
        """Adds `number` bytes to those read."""
        self._bar.advance(self._task, number)

    def advance_words(self, number: int) -> None:
        """Adds `number` words to those cleaned, and updates the speed shown."""
        self._words += number
        elapsed = self._bar.tasks[0].elapsed
        if elapsed:
            self._bar.update(self._task, speed=f"{self._words / elapsed / 1e6:.2f} M {self._unit}/s")

    def restart(self) -> None:
        """Resets the bar for a second reading of the text."""
        self._words = 0
        self._bar.reset(self._task)

    def log_summary(self) -> None:
        """Logs the number of words, the time since the start, and the speed."""
        seconds = time.perf_counter() - self._started
        speed = self._words / seconds / 1e6
        unit = self._unit
        log.info("%s %s prepared in %.1f s (%.2f million %s/s)", f"{self._words:,}", unit, seconds, speed, unit)

    def set_stage(self, description: str) -> None:
        """Shows the name of the current stage."""
        self._bar.update(self._task, description=description)
