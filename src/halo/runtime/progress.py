"""A progress bar for long texts: bytes, words a second, time left."""

import logging
import time
from types import TracebackType

from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

SHOWN_FROM_BYTES = 2**22
log = logging.getLogger(__name__)


class Progress:
    """Shows how far the reading of a text is, where there is a terminal. A context manager.

    Args:
        size_bytes: The size of the files. Short texts are read without a bar.
    """

    def __init__(self, size_bytes: int) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, transient=True, disable=size_bytes < SHOWN_FROM_BYTES)
        self._task = self._bar.add_task("reading and cleaning", total=size_bytes, speed="")
        self._words = 0
        self._began = time.perf_counter()

    def __enter__(self) -> "Progress":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()

    def advance_bytes(self, number: int) -> None:
        """Adds bytes that were read."""
        self._bar.advance(self._task, number)

    def advance_words(self, number: int) -> None:
        """Adds words that were cleaned."""
        self._words += number
        elapsed = self._bar.tasks[0].elapsed
        if elapsed:
            self._bar.update(self._task, speed=f"{self._words / elapsed / 1e6:.2f} M words/s")

    def restart(self) -> None:
        """Begins anew: the text is read once more."""
        self._words = 0
        self._bar.reset(self._task)

    def log_summary(self) -> None:
        """Logs how long it took, from the beginning until now."""
        seconds = time.perf_counter() - self._began
        speed = self._words / seconds / 1e6
        log.info("%s words made into ids in %.1f s, %.2f million a second", f"{self._words:,}", seconds, speed)

    def begin(self, what: str) -> None:
        """Names the next step, which comes after the reading."""
        self._bar.update(self._task, description=what)
