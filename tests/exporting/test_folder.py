"""An export is complete or absent, replaces only an export, and stays out of the model's folder."""

import errno
import os
from pathlib import Path

import pytest

from halo.exporting.folder import export_folder
from halo.runtime.errors import InputError


def write(output: Path, source: Path, *names: str) -> None:
    with export_folder(output, source=source) as folder:
        for name in names:
            (folder / name).write_text(name)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "run" / "bundle"
    folder.mkdir(parents=True)
    return folder


def test_an_earlier_export_is_replaced_as_a_whole(tmp_path: Path, source: Path) -> None:
    output = tmp_path / "new" / "deep" / "export"
    write(output, source, "a", "b")
    write(output, source, "c")
    assert sorted(path.name for path in output.iterdir()) == ["c", "export.json"]
    assert [path.name for path in output.parent.iterdir()] == ["export"]


def test_what_the_user_added_is_not_replaced(tmp_path: Path, source: Path) -> None:
    output = tmp_path / "export"
    write(output, source, "a")
    (output / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"export: holds notes\.txt, which is not part of an export; name another"):
        write(output, source, "b")
    assert sorted(path.name for path in output.iterdir()) == ["a", "export.json", "notes.txt"]


def test_a_failure_leaves_nothing_behind(tmp_path: Path, source: Path) -> None:
    output = tmp_path / "new" / "export"

    def fail(error: BaseException) -> None:
        with export_folder(output, source=source) as folder:
            (folder / "a").write_text("half")
            raise error

    with pytest.raises(InputError, match=r"output=.*export: cannot be written \(No space left on device\)"):
        fail(OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(KeyboardInterrupt):
        fail(KeyboardInterrupt())
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    write(output, source, "whole")
    with pytest.raises(RuntimeError):
        fail(RuntimeError())
    assert (output / "whole").read_text() == "whole"
    assert len(list(output.parent.iterdir())) == 1


@pytest.mark.parametrize("place", [".", "..", "inside/export", "../..", "link"])
def test_the_folder_of_the_model_is_refused(source: Path, place: str) -> None:
    (source / "link").symlink_to(source, target_is_directory=True)
    with pytest.raises(InputError, match="overlaps with the folder of the model"):
        write(source / place, source, "a")
    assert [path.name for path in source.iterdir()] == ["link"]


def test_a_file_and_other_content_are_refused(tmp_path: Path, source: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is not a folder"):
        write(tmp_path / "file", source, "a")
    with pytest.raises(InputError, match="cannot be written"):
        write(tmp_path / "file" / "export", source, "a")
    (tmp_path / "other").mkdir()
    write(tmp_path / "other", source, "a")  # empty
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "export.json").write_text("[]")
    with pytest.raises(InputError, match=r"holds export\.json, which is not part"):
        write(tmp_path / "full", source, "a")
    with pytest.raises(InputError, match="cannot be written"):
        write(tmp_path / ("x" * 300), source, "a")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_refused(tmp_path: Path, source: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(InputError, match="cannot be written"):
        write(tmp_path / "closed" / "export", source, "a")
