"""Files that are whole or not there."""

import os
from pathlib import Path

UNFINISHED = ".unfinished"


def atomic_write(file: Path, text: str) -> None:
    """Writes a text file under a temporary name and renames it, so that it is whole or not there."""
    atomic_write_bytes(file, text.encode("utf-8"))


def atomic_write_bytes(file: Path, content: bytes | memoryview) -> None:
    """Writes a file under a temporary name beside it and renames it; it has reached the disk when this returns.

    The temporary name ends in `UNFINISHED`; a process that is killed may leave it.
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
