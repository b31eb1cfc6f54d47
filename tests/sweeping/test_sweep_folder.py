"""The folder of a sweep: refused if it is something else; its locks outlive the process that took them."""

import subprocess
import sys
from pathlib import Path

import pytest

from halo.runtime.errors import InputError
from halo.sweeping.sweep_folder import FileLock, SweepFolder, require_same


def test_what_is_no_folder_of_a_sweep_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.yaml").touch()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").touch()
    for name, message in (("file", "is a file"), ("run", "is a run"), ("other", "holds other files and no sweep")):
        with pytest.raises(InputError, match=message):
            SweepFolder(tmp_path / name)
        assert not (tmp_path / name / ".locks").exists()
    with pytest.raises(InputError, match="cannot be written"):
        SweepFolder(tmp_path / "file" / "below")


def test_a_lock_is_held_until_the_last_process_with_it_has_ended(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path / "sweep")
    lock = folder.claim(3)
    assert lock is not None
    assert folder.claim(3) is None
    program = "import sys; sys.stdin.read()"
    child = subprocess.Popen([sys.executable, "-S", "-c", program], stdin=subprocess.PIPE, pass_fds=[lock.descriptor])
    lock.release()
    assert folder.claim(3) is None
    child.communicate(b"")
    again = folder.claim(3)
    assert again is not None
    again.release()


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path / "sweep")
    assert folder.read_record() is None
    written = folder.write_record({"study": "a", "overrides": ["x=é"]})
    assert folder.read_record() == written
    (tmp_path / "sweep" / "sweep.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(InputError, match=r"sweep\.yaml: cannot be read"):
        folder.read_record()


def test_what_differs_is_named() -> None:
    before = {"sampler": {"name": "tpe", "seed": 1}, "overrides": ["a=1", "b=2"], "search_space": {"x.y": {"low": 1}}}
    require_same(before, before, study="s")
    now = {"sampler": {"name": "random", "seed": 1}, "overrides": ["a=1"], "search_space": {"x.z": {"low": 1}}}
    with pytest.raises(InputError) as caught:
        require_same(before, now, study="s")
    for part in ("sampler.name=random, was tpe", "b=2 is missing", "search_space.x.z={low: 1}, was nothing"):
        assert part in str(caught.value)


def test_a_lock_can_be_waited_for(tmp_path: Path) -> None:
    lock = FileLock.acquire(tmp_path / "lock", waits=True)
    assert lock is not None
    lock.release()
