"""Files that are whole or not there."""

import os
from pathlib import Path


def write_whole(file: Path, text: str) -> None:
    """Writes a text file under a temporary name and renames it, so that it is whole or not there."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
