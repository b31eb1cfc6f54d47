"""Ends a program quietly when the reader of its output is gone, as in `halo train --help | head`."""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def exit_on_broken_pipe() -> Iterator[None]:
    """Exits with the status that shells give a program ended by SIGPIPE, without a message.

    Standard output is flushed before this ends, since Python would report a broken pipe at its own exit otherwise.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
        sys.exit(128 + signal.SIGPIPE)


def discard_output() -> None:
    """Discards everything that is printed from now on."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
