"""The cache: one process at a time prepares a corpus, and leftovers are removed but nothing else."""

from pathlib import Path

import pytest

from halo.corpus.cache_folder import cache_exists, cache_lock, remove_leftovers
from halo.runtime.errors import InputError

NAME = "0123456789abcdef"


def test_what_is_not_renamed_is_removed_with_the_folders_created(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / NAME
    with cache_lock(folder) as unfinished:
        unfinished.mkdir()
        (unfinished / "file").touch()
    assert list(tmp_path.iterdir()) == []
    with cache_lock(folder) as unfinished:
        unfinished.mkdir()
        unfinished.rename(folder)
    assert cache_exists(folder)
    assert list(folder.parent.iterdir()) == [folder]


def test_leftovers_of_killed_processes_are_removed_and_files_of_the_user_stay(tmp_path: Path) -> None:
    for name in (f".{NAME}.unfinished", ".mine.unfinished"):
        (tmp_path / name).mkdir()
    for name in (f".{NAME}.lock", ".mine.lock", "notes.txt"):
        (tmp_path / name).touch()
    remove_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".mine.lock", ".mine.unfinished", "notes.txt"]
    remove_leftovers(tmp_path / "nowhere")


def test_a_cache_that_cannot_be_made_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    message = rf"{NAME}: the prepared corpus cannot be written \(.*\); free some space, or set data\.cache_dir"
    with pytest.raises(InputError, match=message), cache_lock(tmp_path / "file" / NAME):
        pass
