"""Atomic writes: complete or absent, and nothing else is left."""

import json
import math
import os
from pathlib import Path

import pytest

from halo.runtime.atomic_files import atomic_write, atomic_write_bytes, json_text


def test_a_file_is_written_with_its_folders_and_replaced(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "c.txt"
    atomic_write(file, "é one")
    atomic_write_bytes(file, memoryview(b"two"))
    assert file.read_bytes() == b"two"
    assert list(file.parent.iterdir()) == [file]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    file = tmp_path / "c.txt"
    atomic_write(file, "old")
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        atomic_write(file, "new")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_numbers_that_json_lacks_are_null() -> None:
    figures = {"a": math.inf, "b": [1, -math.inf, {"c": math.nan}], "d": (0.1, None, "inf", True)}
    assert json.loads(json_text(figures)) == {"a": None, "b": [1, None, {"c": None}], "d": [0.1, None, "inf", True]}


def test_other_figures_are_written_as_ever() -> None:
    figures = {"perplexity": 123.456, "splits": {"test": {"tokens": 7}}, "interval": [1.0, 2.5]}
    assert json_text(figures) == json.dumps(figures, indent=2)
