"""Checksums of a prepared folder, block by block, so that any part of it can be checked when it is read from a URL."""

import json
import zlib
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter

CHECKSUMS = "checksums.json"
BLOCK_BYTES = 2**19  # small enough that a block for each of some dozen streams fits into memory many times


class FileChecksums(NamedTuple):
    """Size and checksums of a file.

    Attributes:
        size_bytes: Its size.
        crc32: The CRC-32 of each block of `BLOCK_BYTES`; the last one is shorter.
    """

    size_bytes: int
    crc32: list[int]

    def is_block(self, index: int, content: bytes) -> bool:
        """Returns whether `content` is the block with this index."""
        return len(content) == self.block_size(index) and zlib.crc32(content) == self.crc32[index]

    def block_size(self, index: int) -> int:
        """Returns the size of a block in bytes."""
        return min(BLOCK_BYTES, self.size_bytes - index * BLOCK_BYTES)


def write_checksums(folder: Path) -> None:
    """Writes the checksums of all files of a folder to `checksums.json`.

    Raises:
        OSError: The disk is full.
    """
    files: dict[str, Any] = {}
    for file in sorted(folder.iterdir()):
        with file.open("rb") as stream:
            crc32 = [zlib.crc32(block) for block in iter(partial(stream.read, BLOCK_BYTES), b"")]
        files[file.name] = {"size_bytes": file.stat().st_size, "crc32": crc32}
    content = json.dumps({"block_bytes": BLOCK_BYTES, "files": files})
    (folder / CHECKSUMS).write_text(content, encoding="utf-8")


def parse_checksums(content: bytes) -> dict[str, FileChecksums]:
    """Returns the checksums of each file by its name.

    Raises:
        ValueError: It is something else, or was made with blocks of another size.
    """
    tree = json.loads(content)
    if not isinstance(tree, dict) or tree.get("block_bytes") != BLOCK_BYTES:
        raise ValueError(f"its blocks are not of {BLOCK_BYTES:,} bytes")
    files = TypeAdapter(dict[str, dict[str, int | list[int]]]).validate_python(tree["files"])
    return {name: TypeAdapter(FileChecksums).validate_python(entry) for name, entry in files.items()}
