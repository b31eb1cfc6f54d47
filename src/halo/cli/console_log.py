"""Writes log messages to the terminal."""

import logging
import sys
from typing import Literal, TextIO

from halo.cli.standard_streams import discard_messages, discard_output, for_encoding, report_lost


class ConsoleHandler(logging.StreamHandler[TextIO]):
    """Writes messages to the current `sys.stdout`, which a progress bar replaces to stay below them.

    Args:
        output: `stderr` for a command whose standard output is data for other programs.
    """

    def __init__(self, output: Literal["stdout", "stderr"] = "stdout") -> None:
        super().__init__()
        self.output = output

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one message."""
        self.stream = getattr(sys, self.output)
        super().emit(record)

    def format(self, record: logging.LogRecord) -> str:
        """Returns the text of a message, with tables that the encoding of the stream can show."""
        return for_encoding(super().format(record), getattr(self.stream, "encoding", None))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the library's name
        """Discards further output once it cannot be written, as in `python -m halo.prepare | head`."""
        error = sys.exc_info()[1]
        if self.output == "stderr" and isinstance(error, OSError):
            discard_messages()
        elif isinstance(error, BrokenPipeError):
            discard_output()
        elif isinstance(error, OSError):
            report_lost(error)
        else:
            super().handleError(record)
