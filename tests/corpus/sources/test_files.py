"""The bytes of a file: decompressed piece by piece, whole or refused; and what identifies them."""

import bz2
import gzip
import hashlib
import lzma
import sys
import tracemalloc
from pathlib import Path

import fsspec
import pytest

from halo.corpus.sources.discovery import find_files
from halo.corpus.sources.files import (
    CHUNK_BYTES,
    SourceFile,
    fingerprint_sources,
    open_seekable,
    optional_module,
    read_chunks,
)
from halo.runtime.errors import InputError

CONTENT = b"".join(b"%d bottles\n" % number for number in range(300_000))  # more than a piece


def source(path: Path | str) -> SourceFile:
    return find_files([str(path)], key="data.path").files[0]


def compress(content: bytes, compression: str) -> bytes:
    if compression == ".gz":
        return gzip.compress(content, mtime=0)  # the same bytes at any time
    if compression == ".bz2":
        return bz2.compress(content)
    if compression == ".xz":
        return lzma.compress(content)
    if compression == ".zst":
        compressor = pytest.importorskip("zstandard").ZstdCompressor(write_checksum=True)
        return bytes(compressor.compress(content))
    return content


@pytest.mark.parametrize("compression", ["", ".gz", ".bz2", ".xz", ".zst"])
def test_content_comes_in_pieces_of_bounded_size(tmp_path: Path, compression: str) -> None:
    file = tmp_path / f"a.txt{compression}"
    file.write_bytes(compress(CONTENT, compression))
    pieces = list(read_chunks(source(file)))
    assert b"".join(pieces) == CONTENT
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= CHUNK_BYTES
    with open_seekable(source(file)) as stream:
        assert stream.seek(-4, 2) == len(CONTENT) - 4
        assert stream.read() == CONTENT[-4:]


@pytest.mark.parametrize("compression", [".gz", ".bz2", ".xz", ".zst"])
def test_a_file_of_several_parts_is_read_to_its_end(tmp_path: Path, compression: str) -> None:
    file = tmp_path / f"a.txt{compression}"
    file.write_bytes(compress(b"one ", compression) + compress(b"", compression) + compress(b"two", compression))
    assert b"".join(read_chunks(source(file))) == b"one two"


@pytest.mark.parametrize("compression", [".gz", ".bz2", ".xz", ".zst"])
@pytest.mark.parametrize("damage", ["cut", "changed", "foreign", "garbage after"])
def test_a_broken_compressed_file_is_refused(tmp_path: Path, compression: str, damage: str) -> None:
    whole = compress(CONTENT[:50_000], compression)
    middle = len(whole) // 2
    content = {
        "cut": whole[:-5],
        "changed": whole[:middle] + bytes([whole[middle] ^ 255]) * 4 + whole[middle + 4 :],
        "foreign": b"plain text",
        "garbage after": whole + b"garbage",
    }[damage]
    file = tmp_path / f"a.txt{compression}"
    file.write_bytes(content)
    with pytest.raises(
        InputError, match=rf"a\.txt{compression}: damaged or truncated (gzip|bzip2|xz|zstd) data"
    ) as caught:
        list(read_chunks(source(file)))
    assert "\n" not in str(caught.value)


def test_a_small_file_that_unpacks_to_much_does_not_fill_the_memory(tmp_path: Path) -> None:
    file = tmp_path / "a.txt.zst"
    file.write_bytes(compress(b"\n" * 2**28, ".zst"))
    assert file.stat().st_size < 2**16
    tracemalloc.start()
    try:
        assert sum(map(len, read_chunks(source(file)))) == 2**28
        assert tracemalloc.get_traced_memory()[1] < 2**28
    finally:
        tracemalloc.stop()


def test_a_file_that_vanished_or_cannot_be_read_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.touch()
    gone = source(file)
    file.unlink()
    with pytest.raises(InputError, match=r"a\.txt: cannot be read \(No such file or directory\)"):
        list(read_chunks(gone))
    with pytest.raises(InputError, match="cannot be read"):
        fingerprint_sources([gone])


def test_a_fingerprint_is_that_of_the_bytes_as_they_are_stored(tmp_path: Path) -> None:
    file = tmp_path / "a.txt.gz"
    file.write_bytes(compress(CONTENT, ".gz"))
    fsspec.filesystem("memory").pipe("/files/b.txt", b"remote")
    remote = find_files(["memory://files/b.txt"], key="data.test_path", split="test").files[0]
    first, second = fingerprint_sources([source(file), remote])
    assert first == (str(file), "", file.stat().st_size, hashlib.sha256(file.read_bytes()).hexdigest())
    assert second == ("memory:///files/b.txt", "test", 6, hashlib.sha256(b"remote").hexdigest())


@pytest.mark.parametrize(("module", "extra"), [("zstandard", "zstd"), ("pyarrow.parquet", "parquet")])
def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch, module: str, extra: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # import fails as if it were not installed
    with pytest.raises(InputError, match=rf"^a\.x: .*not installed; install .*`pip install semblance-halo\[{extra}\]`"):
        optional_module(module, extra=extra, where="a.x")


def test_no_room_for_unpacking_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    file = tmp_path / "a.parquet.gz"
    file.write_bytes(compress(CONTENT, ".gz"))
    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with (
        pytest.raises(InputError, match=r"cannot be decompressed .*No space left on device.*TMPDIR"),
        open_seekable(source(file)),
    ):
        pass
