"""A file, here or on another filesystem, and what is in it: bytes, decompressed, piece by piece."""

import gzip
import hashlib
import importlib
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

COMPRESSIONS = (".gz", ".zst")
CHUNK_BYTES = 2**18
# zstd can blow 4 bytes up to 128 KiB, and its decompressor knows no limit for what one call returns: small bites keep
# the memory small.
ZSTD_BITE_BYTES = 4096


def _ignore(_: int) -> None:
    pass


@dataclass(frozen=True)
class SourceFile:
    """One file that text is read from.

    Attributes:
        name: The file as the user would name it: a path, a URL, or `bundled:NAME`.
        setting: The setting that led to it, such as `data.path=FOLDER`.
        split: The split that it was given for; empty where its documents are still to be divided.
        filesystem: The fsspec filesystem that opens it.
        location: What that filesystem knows it by.
        on_read: Is told the number of bytes each time that some were read.
    """

    name: str
    setting: str
    split: str
    filesystem: Any
    location: str
    on_read: Callable[[int], None] = field(default=_ignore, compare=False)

    def mark(self) -> str:
        """Returns something that changes when the file does, as far as its filesystem tells.

        Raises:
            InputError: The file is not there any more.
        """
        try:
            return str(self.filesystem.ukey(self.location))
        except Exception as error:
            raise _unreadable(self, error) from error

    @property
    def identity(self) -> str:
        """The same for two files that are one, under two names perhaps."""
        if isinstance(self.filesystem, LocalFileSystem):
            return os.path.realpath(self.location)
        return str(self.filesystem.unstrip_protocol(self.location))

    @property
    def compression(self) -> str:
        """`.gz`, `.zst`, or empty."""
        suffix = PurePosixPath(self.location).suffix.lower()
        return suffix if suffix in COMPRESSIONS else ""

    @property
    def kind(self) -> str:
        """The suffix, before that of a compression: `.txt` for `a.txt.gz`."""
        location = self.location[: len(self.location) - len(self.compression)]
        return PurePosixPath(location).suffix.lower()


class SourceFingerprint(NamedTuple):
    """What identifies the content of a file, as it is stored: the `sha256sum` of a .gz is that of the .gz.

    Attributes:
        name: The file.
        split: The split that it was given for; empty where there is none.
        size_bytes: Its size.
        sha256: The hash of its content, hexadecimal.
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
    fingerprints = []
    for file in files:
        digest, size = hashlib.sha256(), 0
        with _opened(file) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
        fingerprints.append(SourceFingerprint(file.name, file.split, size, digest.hexdigest()))
    return fingerprints


def read_chunks(file: SourceFile) -> Iterator[bytes]:
    """Yields the content of `file`, decompressed, in pieces of at most `CHUNK_BYTES`.

    Raises:
        InputError: It cannot be read, its compressed form is broken or cut off, or a package is missing.
    """
    with _opened(file) as opened:
        stream = _Metered(opened, file.on_read)
        if file.compression == ".gz":
            yield from _gunzip(stream, file)
        elif file.compression == ".zst":
            yield from _decompress_zstd(stream, file)
        else:
            yield from iter(partial(stream.read, CHUNK_BYTES), b"")


@contextmanager
def open_seekable(file: SourceFile) -> Iterator[BinaryIO]:
    """Opens `file` for formats that jump about in it; a compressed one is unpacked into a temporary file first.

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
            f"{file.name}: cannot be unpacked in the folder of temporary files ({reason(error)}); "
            "make room there, or set TMPDIR to another folder"
        ) from error


def optional_module(name: str, *, extra: str, where: str) -> Any:
    """Returns an optional library.

    Raises:
        InputError: It is not installed; the line says which extra brings it.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(
            f"{where}: reading it needs {name.partition('.')[0]}, which is not installed; "
            f"`pip install semblance-halo[{extra}]`"
        ) from error


@contextmanager
def _opened(file: SourceFile) -> Iterator[BinaryIO]:
    try:
        with file.filesystem.open(file.location, "rb") as stream:
            yield stream
    except InputError:
        raise
    except Exception as error:  # each filesystem's package has its own kinds of failure
        raise _unreadable(file, error) from error


def _unreadable(file: SourceFile, error: Exception) -> InputError:
    return InputError(f"{file.name}: cannot be read ({reason(error)}); check that it is there and may be read")


class _Metered:
    """A stream that tells how much of it is read."""

    def __init__(self, stream: BinaryIO, on_read: Callable[[int], None]) -> None:
        self._stream = stream
        self._on_read = on_read

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._on_read(len(data))
        return data


def _gunzip(stream: _Metered, file: SourceFile) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=cast(BinaryIO, stream)) as unpacked:
            yield from iter(partial(unpacked.read, CHUNK_BYTES), b"")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _broken(file, error) from error


def _decompress_zstd(stream: _Metered, file: SourceFile) -> Iterator[bytes]:
    """Frame by frame; the library's own reader takes a file that is cut off for a whole one."""
    zstandard = optional_module("zstandard", extra="zstd", where=file.name)
    decompressor = None
    try:
        for bite in iter(partial(stream.read, ZSTD_BITE_BYTES), b""):
            rest = bite
            while rest:
                decompressor = decompressor or zstandard.ZstdDecompressor().decompressobj()
                unpacked = decompressor.decompress(rest)
                yield from (unpacked[at : at + CHUNK_BYTES] for at in range(0, len(unpacked), CHUNK_BYTES))
                rest = decompressor.unused_data if decompressor.eof else b""
                decompressor = None if decompressor.eof else decompressor
    except zstandard.ZstdError as error:
        raise _broken(file, error) from error
    if decompressor is not None:
        raise _broken(file, EOFError("it ends within a frame"))


def _broken(file: SourceFile, error: Exception) -> InputError:
    kind = "gzip" if file.compression == ".gz" else "zstd"
    return InputError(f"{file.name}: broken or cut off {kind} data ({reason(error)}); fetch or compress it again")
