"""The lock of a run's folder: one run at a time."""

import contextlib
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from halo.runtime.errors import InputError
from halo.runtime.run_lock import require_unlocked, run_lock


def test_a_second_run_in_the_same_folder_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    with run_lock(tmp_path / "run"):
        with pytest.raises(InputError, match=r"run_dir=.*/run: another run is using it"), run_lock(tmp_path / "run"):
            pass
        with run_lock(tmp_path / "other"):
            pass
    with run_lock(tmp_path / "run"):
        pass


def test_the_message_names_the_run_and_nothing_is_left(tmp_path: Path) -> None:
    require_unlocked(tmp_path)
    with run_lock(tmp_path):
        holder = rf"\(process {os.getpid()} on {socket.gethostname()}\)"
        here = rf"another run is using it {holder}; wait, or name another folder$"
        with pytest.raises(InputError, match=here):
            require_unlocked(tmp_path)
        (tmp_path / ".lock").write_text("process 7 on elsewhere")
        with pytest.raises(
            InputError, match=r"\(process 7 on elsewhere\); .*; if that machine is down, delete .*/\.lock$"
        ):
            require_unlocked(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_file_of_a_killed_run_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / ".lock").write_text("process 7 on elsewhere")
    require_unlocked(tmp_path)
    with run_lock(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_one_of_many_threads_holds_the_lock(tmp_path: Path) -> None:
    """Each removes the file at the end, while others are opening it."""
    holders: list[int] = []

    def hold(number: int) -> int:
        for _ in range(40):
            with contextlib.suppress(InputError), run_lock(tmp_path):
                holders.append(number)
                assert holders == [number]
                holders.remove(number)
        return number

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(hold, range(8))) == list(range(8))


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"), run_lock(tmp_path / "file" / "run"):
        pass
