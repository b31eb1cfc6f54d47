"""Prepared folders at URLs: uploaded complete or not at all, and refused in one line if they are something else."""

from pathlib import Path
from unittest.mock import patch

import fsspec
import pytest

from halo.corpus.remote.checksums import CHECKSUMS, write_checksums
from halo.corpus.remote.remote_folder import RemoteFolder, remote_folder_exists, upload_folder
from halo.runtime.errors import InputError
from tests.support.file_server import file_server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.json").write_text("{}")
    (folder / "b.npy").write_bytes(b"x" * 1000)
    write_checksums(folder)
    return folder


def test_what_is_uploaded_is_downloaded(folder: Path, tmp_path: Path) -> None:
    url = f"memory://{tmp_path.name}/cache"
    assert not remote_folder_exists(url, setting="s")
    upload_folder(folder, url, setting="s")
    assert remote_folder_exists(url, setting="s")
    remote = RemoteFolder(url, setting="s")
    (tmp_path / "copy").mkdir()
    remote.download(tmp_path / "copy", without={"b.npy"})
    assert [file.name for file in (tmp_path / "copy").iterdir()] == ["a.json"]
    assert remote.read("b.npy", 998, 1000) == b"xx"
    assert (remote.name, remote.size("b.npy")) == ("cache", 1000)


def test_an_upload_that_breaks_off_leaves_no_folder_that_counts(folder: Path, tmp_path: Path) -> None:
    url = f"memory://{tmp_path.name}/broken"
    put_file = fsspec.filesystem("memory").put_file

    def full(source: str, target: str) -> None:
        if target.endswith("b.npy"):
            raise OSError(28, "No space left on device")
        put_file(source, target)

    message = r"^s: cannot be written \(No space left on device\); give a URL that may be written, or a folder"
    full_disk = patch("fsspec.implementations.memory.MemoryFileSystem.put_file", side_effect=full)
    with full_disk, pytest.raises(InputError, match=message):
        upload_folder(folder, url, setting="s")
    assert not remote_folder_exists(url, setting="s")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("memory://nowhere/at-all", r"^s: no prepared corpus there \(checksums\.json is missing\); give the URL"),
        ("nosuchprotocol://a/b", r"^s: not a URL that fsspec can open \(.*nosuchprotocol.*\); give a local path"),
        ("http://127.0.0.1:9/a", r"^s: cannot be read \(.*\); check the URL and the network"),
    ],
)
def test_no_folder_is_one_line(url: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        RemoteFolder(url, setting="s")


def test_a_server_without_range_requests_is_refused(folder: Path) -> None:
    with file_server(folder) as server:
        server.has_ranges = False
        with pytest.raises(InputError, match=r"^s: the server sends whole files instead of the requested part; use"):
            RemoteFolder(server.url, setting="s")


def test_damage_is_refused(folder: Path, tmp_path: Path) -> None:
    with file_server(folder) as server:
        remote = RemoteFolder(server.url, setting="s")
        (folder / "a.json").write_text("[]")
        with pytest.raises(InputError, match=r"a\.json: other content than was prepared; upload the folder again"):
            remote.download(tmp_path, without=set())
        with pytest.raises(InputError, match=r"^s: has no c\.npy; give the URL"):
            remote.checksums_of("c.npy")
        (folder / CHECKSUMS).write_text("nothing")
        with pytest.raises(InputError, match=r"^s: damaged checksums\.json \(.*\); upload the folder again"):
            RemoteFolder(server.url, setting="s")
