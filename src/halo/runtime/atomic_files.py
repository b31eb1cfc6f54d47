"""Atomic file writes: a file is either complete or absent."""

import os
from pathlib import Path

UNFINISHED = ".unfinished"


def atomic_write(file: Path, text: str) -> None:
    """Writes a text file atomically: under a temporary name, which is then renamed."""
    atomic_write_bytes(file, text.encode("utf-8"))


def atomic_write_bytes(file: Path, content: bytes | memoryview) -> None:
    """Writes a file atomically: under a temporary name beside it, which is then renamed.

    The content is on disk when this returns. The temporary name ends in `UNFINISHED`; a killed process may leave such a
    file behind.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}{UNFINISHED}")
    try:
        with unfinished.open("wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
