"""Ids at a URL are those of the file, however they are indexed; what goes wrong is retried, then one line."""

import pickle
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from halo.corpus.remote import checksums, remote_array, remote_folder
from halo.corpus.remote.checksums import write_checksums
from halo.corpus.remote.remote_array import RemoteArray
from halo.corpus.remote.remote_folder import RemoteFolder
from halo.corpus.store.array_writer import ArrayWriter
from halo.data.streams import StreamLoader
from halo.runtime.errors import InputError, TrainingError
from tests.support.file_server import FileServer, file_server

IDS = np.random.default_rng(0).integers(0, 60_000, 5000)


@pytest.fixture(params=[np.uint16, np.uint32])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one file of ids, in blocks of some hundred of them."""
    for module in (checksums, remote_array, remote_folder):
        monkeypatch.setattr(module, "BLOCK_BYTES", 512)
    monkeypatch.setattr(remote_array, "FIRST_PAUSE_SECONDS", 0.001)
    with ArrayWriter(tmp_path / "train.npy", request.param) as file:
        file.append(IDS)
    write_checksums(tmp_path)
    return tmp_path


@pytest.fixture
def server(folder: Path) -> Iterator[FileServer]:
    with file_server(folder) as server:
        yield server


def open_ids(server: FileServer) -> RemoteArray:
    return RemoteArray(RemoteFolder(server.url, setting=f"data.prepared={server.url}"), "train.npy")


def test_every_index_gives_what_numpy_gives(server: FileServer) -> None:
    ids = open_ids(server)
    assert (len(ids), ids.shape, ids.ndim, ids.dtype.kind) == (5000, (5000,), 1, "u")
    assert np.array_equal(np.asarray(ids), IDS)
    for piece in (slice(None), slice(3, 1000), slice(-5, None), slice(9, 3), slice(0, 5000, 700), slice(4999, 9999)):
        assert np.array_equal(ids[piece], IDS[piece])
    places = np.random.default_rng(1).integers(-5000, 5000, (7, 9))
    assert np.array_equal(ids[places], IDS[places])
    assert ids[17] == IDS[17]
    assert ids[places[:0]].shape == (0, 9)
    for outside in (5000, -5001):
        with pytest.raises(IndexError):
            ids[outside]


def test_windows_are_those_of_the_file_and_blocks_are_kept_while_they_are_needed(server: FileServer) -> None:
    remote, local = (
        StreamLoader(ids, eos_id=1, batch_size=6, sequence_length=17, length_seed=3)  # type: ignore[arg-type]
        for ids in (open_ids(server), IDS.astype(np.uint32))
    )
    server.parts.clear()
    for ours, theirs in zip(remote, local, strict=True):
        assert ours.inputs_BT.equal(theirs.inputs_BT)
        assert ours.targets_BT.equal(theirs.targets_BT)
    # Once each, but for where a stream ends in the blocks with which the next one began.
    assert len(server.parts) <= len(set(server.parts)) + 2 * 6


def test_few_blocks_are_kept(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_array, "MIN_CACHED_BLOCKS", 4)
    ids = open_ids(server)
    for begin in range(0, 5000, 100):
        assert np.array_equal(ids[begin : begin + 100], IDS[begin : begin + 100])
        assert len(ids._blocks) <= 6


def test_another_process_opens_its_own_connections(server: FileServer) -> None:
    ids = open_ids(server)
    assert ids[4] == IDS[4]
    assert np.array_equal(pickle.loads(pickle.dumps(ids))[:], IDS)


def test_a_failure_that_passes_is_not_noticed(server: FileServer) -> None:
    ids = open_ids(server)
    server.num_failures = 2
    assert np.array_equal(ids[:3], IDS[:3])


def test_a_failure_that_stays_is_one_line(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = open_ids(server)
    server.num_failures = 1000
    with pytest.raises(TrainingError, match=r"train\.npy: bytes 0 to 512 cannot be read in 4 attempts \(503.*\); when"):
        ids[0]
    server.num_failures = 0
    assert ids[0] == IDS[0]  # an error is not kept


def test_a_file_that_changes_is_refused(server: FileServer, folder: Path) -> None:
    ids = open_ids(server)
    content = bytearray((folder / "train.npy").read_bytes())
    content[-1] ^= 1
    (folder / "train.npy").write_bytes(content)
    assert np.array_equal(ids[:100], IDS[:100])
    with pytest.raises(TrainingError, match=r"other content than was prepared: it has changed, or is damaged"):
        ids[-1]


def test_a_file_of_another_size_is_refused_at_once(server: FileServer, folder: Path) -> None:
    content = (folder / "train.npy").read_bytes()
    (folder / "train.npy").write_bytes(content[:-2])
    with pytest.raises(
        InputError, match=r"train\.npy: [\d,]+ bytes, but [\d,]+ were prepared; upload the folder again"
    ):
        open_ids(server)


def test_what_is_no_file_of_ids_is_refused(server: FileServer, folder: Path) -> None:
    (folder / "train.npy").write_bytes(b"some text " * 100)
    write_checksums(folder)
    with pytest.raises(InputError, match=r"train\.npy: not a file of ids"):
        open_ids(server)
