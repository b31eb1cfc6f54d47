"""A prepared folder at a URL of fsspec: its files are listed in checksums.json and checked when they are read."""

from pathlib import Path
from typing import Any

from halo.corpus.remote.checksums import BLOCK_BYTES, CHECKSUMS, FileChecksums, parse_checksums
from halo.runtime.errors import InputError, reason

RANGE_PROBE = 16  # bytes


def is_url(path: str) -> bool:
    """Returns whether a path is a URL.

    >>> is_url("s3://bucket/cache"), is_url("outputs/cache")
    (True, False)
    """
    return "://" in path


class RemoteFolder:
    """A prepared folder at a URL.

    Args:
        url: The URL, such as `s3://BUCKET/CACHE/FINGERPRINT`.
        setting: The setting that names it, for messages.

    Raises:
        InputError: There is no such folder, or it cannot be read in parts.
    """

    def __init__(self, url: str, *, setting: str) -> None:
        self.url, self._setting = url.rstrip("/"), setting
        self._filesystem, self._root = _filesystem(self.url, setting)
        try:
            content = self._filesystem.cat_file(self._path(CHECKSUMS))
            self._checksums = parse_checksums(content)
        except FileNotFoundError as error:
            raise InputError(
                f"{setting}: no prepared corpus there ({CHECKSUMS} is missing); give the URL of a folder that "
                "halo.prepare wrote, with all its files"
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{setting}: damaged {CHECKSUMS} ({reason(error)}); upload the folder again") from error
        except Exception as error:  # each filesystem's package raises its own kinds of exceptions
            raise InputError(f"{setting}: cannot be read ({reason(error)}); check the URL and the network") from error
        if self.read(CHECKSUMS, 0, RANGE_PROBE) != content[:RANGE_PROBE]:
            raise InputError(
                f"{setting}: the server sends whole files instead of the requested part; use one that supports range "
                "requests, or copy the folder to this machine and give its path"
            )

    @property
    def name(self) -> str:
        """The last part of the URL: the key of the corpus."""
        return self.url.rpartition("/")[2]

    def checksums_of(self, name: str) -> FileChecksums:
        """Returns the checksums of a file.

        Raises:
            InputError: It is not a file of the folder.
        """
        if name not in self._checksums:
            raise InputError(f"{self._setting}: has no {name}; give the URL of a folder that halo.prepare wrote")
        return self._checksums[name]

    def size(self, name: str) -> int:
        """Returns the size of a file in bytes.

        Raises:
            InputError: It does not exist.
        """
        try:
            return int(self._filesystem.size(self._path(name)))
        except Exception as error:
            raise InputError(f"{self.url}/{name}: cannot be read ({reason(error)}); upload the folder again") from error

    def read(self, name: str, begin: int, end: int) -> bytes:
        """Returns some bytes of a file; raises whatever exception the filesystem raises."""
        return bytes(self._filesystem.cat_file(self._path(name), start=begin, end=end))

    def download(self, target: Path, *, without: set[str]) -> None:
        """Copies all files other than `without` into a local folder, checked.

        Raises:
            InputError: A file cannot be read, or has other content than was prepared.
        """
        for name, checksums in self._checksums.items():
            if name in without or "/" in name:
                continue
            try:
                content = self._filesystem.cat_file(self._path(name))
            except Exception as error:
                where = f"{self.url}/{name}"
                raise InputError(f"{where}: cannot be read ({reason(error)}); upload the folder again") from error
            blocks = [content[at : at + BLOCK_BYTES] for at in range(0, len(content), BLOCK_BYTES)]
            is_whole = len(content) == checksums.size_bytes
            if not is_whole or not all(checksums.is_block(index, block) for index, block in enumerate(blocks)):
                raise InputError(f"{self.url}/{name}: other content than was prepared; upload the folder again")
            (target / name).write_bytes(content)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"


def remote_folder_exists(url: str, *, setting: str) -> bool:
    """Returns whether there is a complete prepared folder at a URL.

    Raises:
        InputError: The URL cannot be reached.
    """
    filesystem, root = _filesystem(url, setting)
    try:
        return bool(filesystem.exists(f"{root}/{CHECKSUMS}"))
    except Exception as error:
        raise InputError(f"{setting}: cannot be reached ({reason(error)}); check the URL and the network") from error


def upload_folder(folder: Path, url: str, *, setting: str) -> None:
    """Copies a prepared folder to a URL; `checksums.json` last, which shows that it is complete.

    Raises:
        InputError: It cannot be written there.
    """
    filesystem, root = _filesystem(url, setting)
    names = sorted((file.name for file in folder.iterdir()), key=lambda name: (name == CHECKSUMS, name))
    try:
        filesystem.makedirs(root, exist_ok=True)
        for name in names:
            filesystem.put_file(str(folder / name), f"{root}/{name}")
    except Exception as error:
        raise InputError(
            f"{setting}: cannot be written ({reason(error)}); give a URL that may be written, or a folder"
        ) from error


def _filesystem(url: str, setting: str) -> tuple[Any, str]:
    import fsspec.core  # not installed where models are only used, which imports this module

    try:
        filesystem, root = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise InputError(
            f"{setting}: the package for this kind of URL is not installed ({reason(error)}); "
            "install it with pip, or give a local path"
        ) from error
    except Exception as error:
        raise InputError(f"{setting}: not a URL that fsspec can open ({reason(error)}); give a local path") from error
    return filesystem, root.rstrip("/")
