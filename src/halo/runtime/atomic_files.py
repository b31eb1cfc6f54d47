"""Atomic file writes: a file is either complete or absent; and what is written as JSON."""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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


def json_text(figures: Any) -> str:
    """Returns plain data as indented JSON, with null for infinity and NaN, which JSON lacks.

    >>> json_text({"perplexity": float("inf"), "interval": [1.5, float("nan")]}).split()
    ['{', '"perplexity":', 'null,', '"interval":', '[', '1.5,', 'null', ']', '}']
    """
    return json.dumps(_finite(figures), indent=2, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
