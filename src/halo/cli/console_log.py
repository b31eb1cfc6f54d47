"""Writes log messages to the terminal."""

import logging
import os
import sys
from typing import TextIO


class ConsoleHandler(logging.StreamHandler[TextIO]):
    """Writes messages to the current `sys.stdout`, which a progress bar replaces to stay below them."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one message."""
        self.stream = sys.stdout
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the library's name
        """Discards further output once the reader of a pipe is gone, as in `python -m halo.prepare | head`."""
        if isinstance(sys.exc_info()[1], BrokenPipeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        else:
            super().handleError(record)
