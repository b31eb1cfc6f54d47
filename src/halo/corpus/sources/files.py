"""A source file, local or on another filesystem, and its content: bytes, decompressed, chunk by chunk."""

import bz2
import gzip
import hashlib
import importlib
import lzma
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath
from typing import Any, BinaryIO, NamedTuple, cast

from fsspec.implementations.local import LocalFileSystem

from halo.runtime.errors import InputError, reason

COMPRESSIONS = (".gz", ".bz2", ".xz", ".zst")
CHUNK_BYTES = 2**18
_DECOMPRESSORS: dict[str, Callable[[], Any]] = {".bz2": bz2.BZ2Decompressor, ".xz": lzma.LZMADecompressor}
# zstd can expand 4 bytes to 128 KiB, and its decompressor has no limit for what one call returns: small inputs keep the
# memory small.
ZSTD_INPUT_BYTES = 4096


def _ignore(_: object) -> None:
    pass


@dataclass(frozen=True)
class SourceFile:
    """A file that text is read from.

    Attributes:
        name: The file as the user would name it: a path, a URL, or `bundled:NAME`.
        setting: The setting that led to it, such as `data.path=FOLDER`.
        split: The split that it was given for; empty if its documents are still to be assigned.
        filesystem: The fsspec filesystem that opens it.
        location: Its path on that filesystem.
        container: The identity of the archive that it is in; empty if it is in none.
        begin: Where the part of it that is read begins, in bytes; a part of a large file consists of whole lines.
        end: Where the part ends; None for the end of the file.
        first_line: The number of the first line of the part.
        read_as: The kind that it is read as, such as `.text`, whatever its suffix; empty for the kind of its suffix.
        on_read: Called with the number of bytes after each read.
    """

    name: str
    setting: str
    split: str
    filesystem: Any
    location: str
    container: str = ""
    begin: int = 0
    end: int | None = None
    first_line: int = 1
    read_as: str = ""
    on_read: Callable[[int], None] = field(default=_ignore, compare=False)

    def change_mark(self) -> str:
        """Returns a string that changes when the file is modified, as far as its filesystem records it.

        Raises:
            InputError: The file no longer exists.
        """
        try:
            return str(self.filesystem.ukey(self.location))
        except Exception as error:
            raise _unreadable(self, error) from error

    @property
    def identity(self) -> str:
        """A string that is the same for two names of one file."""
        if isinstance(self.filesystem, LocalFileSystem):
            return os.path.realpath(self.location)
        return f"{self.container}{self.filesystem.unstrip_protocol(self.location)}"

    @property
    def compression(self) -> str:
        """The suffix of the compression, one of `COMPRESSIONS`; empty if there is none."""
        suffix = PurePosixPath(self.location).suffix.lower()
        return suffix if suffix in COMPRESSIONS else ""

    @property
    def kind(self) -> str:
        """The kind that it is read as: that of its suffix, without a compression's, `.txt` for `a.txt.gz`."""
        if self.read_as:
            return self.read_as
        location = self.location[: len(self.location) - len(self.compression)]
        return PurePosixPath(location).suffix.lower()


class SourceFingerprint(NamedTuple):
    """The size and hash of a file as it is stored: those of `a.txt.gz` are of its compressed content.

    Attributes:
        name: The name of the file.
        split: The split that it was given for; empty if there is none.
        size_bytes: Its size.
        sha256: The SHA-256 hash of its content, hexadecimal.
    """

    name: str
    split: str
    size_bytes: int
    sha256: str


def fingerprint_sources(files: Sequence[SourceFile]) -> list[SourceFingerprint]:
    """Returns name, size and SHA-256 of each file, read once from end to end.

    Raises:
        InputError: A file cannot be read.
    """
    return [fingerprint_source(file) for file in files]


def fingerprint_source(file: SourceFile, *, observe: Callable[[bytes], None] = _ignore) -> SourceFingerprint:
    """Returns name, size and SHA-256 of a file, read once from end to end; `observe` is called with each chunk.

    Raises:
        InputError: The file cannot be read.
    """
    digest, size = hashlib.sha256(), 0
    with _opened(file) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
            observe(chunk)
            size += len(chunk)
    return SourceFingerprint(file.name, file.split, size, digest.hexdigest())


def read_chunks(file: SourceFile) -> Iterator[bytes]:
    """Yields the decompressed content of `file`, or of the part of it, in chunks of at most `CHUNK_BYTES`.

    Raises:
        InputError: It cannot be read, its compressed data is damaged or truncated, or a package is missing.
    """
    with _opened(file) as opened:
        stream = _MeteredStream(opened, file.on_read)
        if file.compression == ".gz":
            yield from _gunzip(stream, file)
        elif file.compression in _DECOMPRESSORS:
            yield from _decompress(stream, file)
        elif file.compression == ".zst":
            yield from _decompress_zstd(stream, file)
        elif file.begin or file.end is not None:
            opened.seek(file.begin)
            yield from _read_until(stream, file)
        else:
            yield from iter(partial(stream.read, CHUNK_BYTES), b"")


def _read_until(stream: "_MeteredStream", file: SourceFile) -> Iterator[bytes]:
    position = file.begin
    while chunk := stream.read(CHUNK_BYTES if file.end is None else min(CHUNK_BYTES, file.end - position)):
        yield chunk
        position += len(chunk)


@contextmanager
def open_seekable(file: SourceFile) -> Iterator[BinaryIO]:
    """Opens `file` for random access; a compressed one is decompressed into a temporary file first.

    Raises:
        InputError: As `read_chunks`.
    """
    if not file.compression:
        with _opened(file) as stream:
            yield stream
            file.on_read(stream.seek(0, os.SEEK_END))
        return
    with _unpacked(file) as stream:
        yield stream


@contextmanager
def _unpacked(file: SourceFile) -> Iterator[BinaryIO]:
    try:
        with tempfile.TemporaryFile() as copy:
            for chunk in read_chunks(file):
                copy.write(chunk)
            copy.seek(0)
            yield copy
    except OSError as error:
        raise InputError(
            f"{file.name}: cannot be decompressed into the temporary folder ({reason(error)}); "
            "free some space there, or set TMPDIR to another folder"
        ) from error


def optional_module(name: str, *, extra: str, where: str, use: str = "reading") -> Any:
    """Returns an optional library.

    Args:
        name: The module to import.
        extra: The extra of this package that installs it.
        where: The file that needs it, for messages.
        use: What it is needed for, for messages.

    Raises:
        InputError: It is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(
            f"{where}: {use} it needs {name.partition('.')[0]}, which is not installed; "
            f"install it with `pip install semblance-halo[{extra}]`"
        ) from error


@contextmanager
def _opened(file: SourceFile) -> Iterator[BinaryIO]:
    try:
        with file.filesystem.open(file.location, "rb") as stream:
            yield stream
    except InputError:
        raise
    except Exception as error:  # each filesystem's package raises its own kinds of exceptions
        raise _unreadable(file, error) from error


def _unreadable(file: SourceFile, error: Exception) -> InputError:
    return InputError(f"{file.name}: cannot be read ({reason(error)}); check that it exists and is readable")


class _MeteredStream:
    """A stream that reports the number of bytes read from it."""

    def __init__(self, stream: BinaryIO, on_read: Callable[[int], None]) -> None:
        self._stream = stream
        self._on_read = on_read

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._on_read(len(data))
        return data


def _gunzip(stream: _MeteredStream, file: SourceFile) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=cast(BinaryIO, stream)) as unpacked:
            yield from iter(partial(unpacked.read, CHUNK_BYTES), b"")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _damaged(file, error) from error


def _decompress(stream: _MeteredStream, file: SourceFile) -> Iterator[bytes]:
    """Decompresses part by part; the library's own readers ignore what follows the last part, whatever it is."""
    make = _DECOMPRESSORS[file.compression]
    decompressor = None
    try:
        for compressed in iter(partial(stream.read, CHUNK_BYTES), b""):
            rest = compressed
            while rest or (decompressor and not decompressor.needs_input):
                rest = rest if decompressor or file.compression != ".xz" else rest.lstrip(b"\x00")  # padding
                decompressor = decompressor or (make() if rest else None)
                if decompressor is None:
                    break
                if unpacked := decompressor.decompress(rest, CHUNK_BYTES):
                    yield unpacked
                rest = decompressor.unused_data if decompressor.eof else b""
                decompressor = None if decompressor.eof else decompressor
    except (OSError, lzma.LZMAError) as error:
        if getattr(error, "errno", None) is not None:  # the file itself cannot be read
            raise
        raise _damaged(file, error) from error
    if decompressor is not None:
        raise _damaged(file, EOFError("it ends within its data"))


def _decompress_zstd(stream: _MeteredStream, file: SourceFile) -> Iterator[bytes]:
    """Decompresses frame by frame; the library's own reader does not notice a truncated file."""
    zstandard = optional_module("zstandard", extra="zstd", where=file.name)
    decompressor = None
    try:
        for compressed in iter(partial(stream.read, ZSTD_INPUT_BYTES), b""):
            rest = compressed
            while rest:
                decompressor = decompressor or zstandard.ZstdDecompressor().decompressobj()
                unpacked = decompressor.decompress(rest)
                yield from (unpacked[at : at + CHUNK_BYTES] for at in range(0, len(unpacked), CHUNK_BYTES))
                rest = decompressor.unused_data if decompressor.eof else b""
                decompressor = None if decompressor.eof else decompressor
    except zstandard.ZstdError as error:
        raise _damaged(file, error) from error
    if decompressor is not None:
        raise _damaged(file, EOFError("it ends within a frame"))


def _damaged(file: SourceFile, error: Exception) -> InputError:
    kind = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd"}[file.compression]
    return InputError(f"{file.name}: damaged or truncated {kind} data ({reason(error)}); download or compress it again")
