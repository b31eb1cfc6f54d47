"""Standard output and error, which may be closed, full, in another encoding than UTF-8, or a pipe that nobody reads."""

import contextlib
import io
import os
import signal
import sys
from collections.abc import Iterator

from halo.runtime.errors import reason

BOXES = str.maketrans("━─┃│┏┳┓┡╇┩┗┻┛┌┬┐├┼┤└┴┘╭╮╰╯", "--||++++++++++++++++++++++")
"""ASCII characters for those with which tables are drawn."""

CANNOT_PRINT = 1
"""The exit status of a command whose output was lost, unless it has failed for another reason."""

_lost: list[OSError] = []
"""Why standard output could not be written."""


@contextlib.contextmanager
def standard_streams() -> Iterator[None]:
    """Provides standard streams that can be written whatever they are, and reports at the end if output was lost.

    A closed stream is replaced, so that no file that the program opens takes its place. Characters that the encoding of
    a stream lacks are printed as escape sequences. If the reader of a pipe is gone, as in `halo train --help | head`,
    the program exits with the status that shells give a program ended by SIGPIPE, without a message.
    """
    _lost.clear()
    _replace_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        yield
    except BrokenPipeError:
        discard_output()
        sys.exit(128 + signal.SIGPIPE)
    finally:
        _flush()
    if _lost:
        sys.exit(CANNOT_PRINT)


def print_output(text: str) -> None:
    """Prints a text and a line end on standard output; if it cannot be written, this is reported, without an error."""
    write_output(f"{text}\n")


def write_output(text: str) -> None:
    """Writes a text to standard output; if it cannot be written, this is reported and the command goes on."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
        sys.exit(128 + signal.SIGPIPE)
    except OSError as error:
        report_lost(error)


def report_lost(error: OSError) -> None:
    """Prints one line about output that cannot be written, and discards what follows."""
    discard_output()
    if not _lost:
        print_message(f"error: standard output cannot be written ({reason(error)}); free some space, or redirect it")
    _lost.append(error)


def print_message(line: str) -> None:
    """Prints a line on standard error, if it can be written: where not, there is no place to say so."""
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        discard_messages()


def discard_messages() -> None:
    """Discards everything that is written to standard error from now on."""
    _discard(sys.stderr.fileno())


def discard_output() -> None:
    """Discards everything that is printed from now on."""
    _discard(sys.stdout.fileno())


def for_encoding(text: str, encoding: str | None) -> str:
    """Returns a text whose tables are drawn with ASCII characters if the encoding lacks some of its characters.

    >>> for_encoding("│ é │", "latin-1"), for_encoding("│ é │", "utf-8")
    ('| é |', '│ é │')
    """
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return text.translate(BOXES)
    return text


def _discard(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _replace_closed() -> None:
    for descriptor in range(3):  # in this order: an opened file gets the lowest free number
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  for good
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  for good


def _flush() -> None:
    """Flushes standard output, of which Python would report an error over several lines at its own exit."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
        sys.exit(128 + signal.SIGPIPE)
    except OSError as error:
        report_lost(error)
