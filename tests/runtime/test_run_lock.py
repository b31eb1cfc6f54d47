"""The lock of a run's folder: one run at a time."""

from pathlib import Path

import pytest

from halo.runtime.errors import InputError
from halo.runtime.run_lock import run_lock


def test_a_second_run_in_the_same_folder_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    with run_lock(tmp_path / "run"):
        with pytest.raises(InputError, match=r"run_dir=.*/run: another run is using it"), run_lock(tmp_path / "run"):
            pass
        with run_lock(tmp_path / "other"):
            pass
    with run_lock(tmp_path / "run"):
        pass


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"), run_lock(tmp_path / "file" / "run"):
        pass
