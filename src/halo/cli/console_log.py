"""Writes log messages to the terminal."""

import logging
import sys
from typing import TextIO

from halo.cli.broken_pipe import discard_output


class ConsoleHandler(logging.StreamHandler[TextIO]):
    """Writes messages to the current `sys.stdout`, which a progress bar replaces to stay below them."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one message."""
        self.stream = sys.stdout
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the library's name
        """Discards further output once the reader of a pipe is gone, as in `python -m halo.prepare | head`."""
        if isinstance(sys.exc_info()[1], BrokenPipeError):
            discard_output()
        else:
            super().handleError(record)
