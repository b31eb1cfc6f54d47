"""Standard input as a file that the readers of files can read."""

import contextlib
import select
import sys
from contextlib import AbstractContextManager
from io import BufferedReader
from typing import BinaryIO, cast

from halo.corpus.sources.files import SourceFile
from halo.runtime.errors import InputError

STANDARD_INPUT = "-"


class _Arriving:
    """Standard input as a stream whose reads return what has arrived, instead of waiting for as much as is asked."""

    def read(self, size: int) -> bytes:
        """Returns at least one byte, unless standard input has ended."""
        return cast(BufferedReader, sys.stdin.buffer).read1(size)


class _StandardInput:
    """A filesystem whose only file is standard input."""

    def open(self, _location: str, _mode: str) -> AbstractContextManager[BinaryIO]:
        """Returns standard input, which is not closed at the end."""
        return contextlib.nullcontext(cast(BinaryIO, _Arriving()))


def standard_input(*, has_columns: bool) -> SourceFile:
    """Returns standard input as a file, of the kind that its beginning shows.

    JSON Lines begin with an object; a table is what has columns, separated by what divides its first line; all else is
    a text a line.

    Args:
        has_columns: Whether the user names a column.

    Raises:
        InputError: It is closed.
    """
    if sys.stdin is None or sys.stdin.closed:
        raise InputError("path=-: standard input is closed; give it with `< FILE` or a pipe, or name a file with path")
    begin = cast(BufferedReader, sys.stdin.buffer).peek(64).lstrip()
    kind = ".jsonl" if begin.startswith(b"{" if has_columns else b'{"') else ".csv" if has_columns else ".txt"
    return SourceFile("standard input", "path=-", "", _StandardInput(), f"standard input{kind}")


def would_wait() -> bool:
    """Returns whether reading on from standard input means waiting for whoever writes it.

    Then what has been read is worked on first: `tail -f log.txt | python -m halo.predict path=-` answers line by line.
    """
    try:
        ready, _, _ = select.select([sys.stdin.buffer], [], [], 0)
    except (OSError, ValueError):  # not a file of the operating system
        return False
    return not ready
