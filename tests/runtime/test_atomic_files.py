"""Atomic writes: complete or absent, and nothing else is left."""

import os
from pathlib import Path

import pytest

from halo.runtime.atomic_files import atomic_write, atomic_write_bytes


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
