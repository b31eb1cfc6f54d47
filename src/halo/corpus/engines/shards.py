"""Shards: the pieces of a corpus that are read one by one, the same for every engine.

A shard is some small files, a large file, or a range of whole lines of a large file whose format permits it. Batches of
documents begin anew in each shard, so that whoever reads it, on whatever machine, makes the same batches of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from halo.config import DataConfig
from halo.corpus.sources.documents import Document, batch_documents, read_parts
from halo.corpus.sources.encodings import mark_of
from halo.corpus.sources.file_kinds import JSON_LINES_KINDS, RECORD_KINDS
from halo.corpus.sources.files import SourceFile, SourceFingerprint, fingerprint_source
from halo.corpus.sources.lines import UTF_8, ReadLog

SHARD_BYTES = 2**24  # of text; a shard takes a core some seconds, and starting a task some milliseconds
BATCH_CHARACTERS = 2**20
EXPANSION = 4  # compressed text becomes about so many times larger

Shard = tuple[SourceFile, ...]
"""Files, or parts of them, in the order of reading."""


class Cut(NamedTuple):
    """A place where a file can be divided: after the end of a line at which no document is open.

    Attributes:
        offset: Number of bytes before it.
        line: Number of the line that follows it.
    """

    offset: int
    line: int


class ScannedFile(NamedTuple):
    """A file that was read once from end to end.

    Attributes:
        file: The file.
        fingerprint: Its name, size and hash.
        cuts: Where it can be divided, about `SHARD_BYTES` apart.
    """

    file: SourceFile
    fingerprint: SourceFingerprint
    cuts: tuple[Cut, ...]


def scan_file(file: SourceFile, config: DataConfig) -> ScannedFile:
    """Returns the fingerprint of a file and the places where it can be divided.

    Raises:
        InputError: The file cannot be read.
    """
    finder = _CutFinder(_document_end(file, config))
    fingerprint = fingerprint_source(file, observe=finder.add)
    return ScannedFile(file, fingerprint, tuple(cut for cut in finder.cuts if cut.offset < fingerprint.size_bytes))


def plan_shards(scanned: Sequence[ScannedFile]) -> list[Shard]:
    """Returns the shards of the files, in order; they depend on the content of the files and on nothing else."""
    shards: list[Shard] = []
    pending: list[SourceFile] = []
    weight = 0
    for file, fingerprint, cuts in scanned:
        bounds = [Cut(0, 1), *cuts, Cut(fingerprint.size_bytes, 0)]
        for begin, end in pairwise(bounds):
            part = replace(file, begin=begin.offset, end=end.offset, first_line=begin.line) if cuts else file
            pending.append(part)
            is_packed = bool(file.compression) or file.kind == ".parquet"
            weight += (end.offset - begin.offset) * (EXPANSION if is_packed else 1)
            if weight >= SHARD_BYTES:
                shards.append(tuple(pending))
                pending, weight = [], 0
    return [*shards, tuple(pending)] if pending else shards


def read_shard(shard: Shard, config: DataConfig, read_log: ReadLog) -> Iterator[list[Document]]:
    """Yields the documents of a shard in batches, and notes in `read_log` what was found.

    Raises:
        InputError: A file cannot be read, see `read_parts`.
    """
    return batch_documents(read_parts(shard, config, read_log), characters=BATCH_CHARACTERS)


def _document_end(file: SourceFile, config: DataConfig) -> bytes:
    """Returns the bytes after which no document of a file is open; empty if it can only be read as a whole."""
    if file.compression or file.container or config.encoding not in UTF_8:
        return b""
    if file.kind in JSON_LINES_KINDS:
        return b"\n"
    if file.kind in RECORD_KINDS:  # line ends within quotation marks, or another format altogether
        return b""
    return {"file": b"", "paragraph": b"\n\n"}.get(config.documents, b"\n")


class _CutFinder:
    """Finds the places where a file can be divided, and counts its lines as `read_lines` does.

    Args:
        document_end: The bytes to cut after; empty to cut nowhere.
    """

    def __init__(self, document_end: bytes) -> None:
        self._end = document_end
        self._offset, self._line = 0, 1
        self._last = b""
        self.cuts: list[Cut] = []

    def add(self, chunk: bytes) -> None:
        """Reads on; a cut lies within a chunk."""
        if self._offset == 0 and mark_of(chunk)[1] not in ("", *UTF_8):
            self._end = b""
        if not self._end:
            return
        before = self.cuts[-1].offset if self.cuts else 0
        cut = 0
        if self._offset + len(chunk) - before >= SHARD_BYTES and (found := chunk.rfind(self._end)) >= 0:
            cut = found + len(self._end)
            self._count(chunk[:cut])
            self.cuts.append(Cut(self._offset + cut, self._line))
        self._count(chunk[cut:])
        self._offset += len(chunk)

    def _count(self, content: bytes) -> None:
        """Counts the line ends LF, CR LF and CR."""
        self._line += content.count(b"\n") - (self._last == b"\r" and content[:1] == b"\n")
        if b"\r" in content:
            self._line += content.count(b"\r") - content.count(b"\r\n")
        self._last = content[-1:] or self._last
