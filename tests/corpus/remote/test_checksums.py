"""Checksums: each block of each file."""

import json
import zlib
from pathlib import Path

import pytest

from halo.corpus.remote import checksums
from halo.corpus.remote.checksums import CHECKSUMS, parse_checksums, write_checksums


def test_each_block_has_its_checksum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksums, "BLOCK_BYTES", 4)
    (tmp_path / "a").write_bytes(b"0123456789")
    (tmp_path / "b").write_bytes(b"")
    write_checksums(tmp_path)
    found = parse_checksums((tmp_path / CHECKSUMS).read_bytes())
    assert found == {"a": (10, [zlib.crc32(b"0123"), zlib.crc32(b"4567"), zlib.crc32(b"89")]), "b": (0, [])}
    assert [found["a"].block_size(index) for index in range(3)] == [4, 4, 2]
    assert found["a"].is_block(2, b"89")
    assert not found["a"].is_block(2, b"88")
    assert not found["a"].is_block(2, b"890")


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", json.dumps({"block_bytes": 5, "files": {}}).encode()])
def test_something_else_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_checksums(content)
