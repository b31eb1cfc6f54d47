"""Discovery of files: paths, globs, folders and URLs -> the files to read, in order, each once."""

import glob
import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple, NoReturn

import fsspec
from fsspec.implementations.local import LocalFileSystem

from halo.corpus.sources.files import COMPRESSIONS, SourceFile
from halo.runtime.errors import InputError, printable, reason

BUNDLED_PREFIX = "bundled:"
CORPORA_DIR = Path(__file__).resolve().parents[2] / "corpora"
KINDS = (".txt", ".tokens", ".md", ".jsonl", ".csv", ".tsv", ".parquet")


class FoundFiles(NamedTuple):
    """The files to read, and the number of ignored ones.

    Attributes:
        files: The files to read, in the order of the given paths, within a folder or a glob in the order of names.
        ignored: Number of files of other kinds in the same folders and globs.
    """

    files: list[SourceFile]
    ignored: int


def find_files(paths: Sequence[str], *, key: str, split: str = "") -> FoundFiles:
    """Returns the files that `paths` refer to, each once.

    Args:
        paths: Files, folders (searched recursively, except hidden names), globs (`**` for any depth), URLs of
            fsspec, or `bundled:NAME` for a corpus of this package.
        key: The setting that holds the paths, for messages.
        split: The split that the files are given for; empty if there is none.

    Raises:
        InputError: A path does not exist, or refers only to files of other kinds.
    """
    files: dict[str, SourceFile] = {}
    ignored: set[str] = set()
    for path in paths:
        setting = f"{key}={_shown(path)}"
        found = _find(path, setting, split)
        readable = [file for file in found if file.kind in KINDS]
        if not readable:
            raise InputError(f"{setting}: {_nothing_readable(found)}; {_allowed()}")
        for file in readable:
            files.setdefault(file.identity, file)
        ignored |= {file.identity for file in found if file.kind not in KINDS}
    return FoundFiles(list(files.values()), len(ignored))


def _find(path: str, setting: str, split: str) -> list[SourceFile]:
    if path.startswith(BUNDLED_PREFIX):
        return [_bundled(path, setting, split)]
    if "://" in path:
        return _find_remote(path, setting, split)
    try:
        found = _find_local(Path(path).expanduser(), setting)
    except InputError:  # is a ValueError too
        raise
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: no home folder for ~name
        raise InputError(f"{setting}: cannot be searched ({reason(error)}); give a readable file or folder") from error
    filesystem = LocalFileSystem()
    return [SourceFile(_shown(str(file)), setting, split, filesystem, str(file)) for file in found]


def _bundled(path: str, setting: str, split: str) -> SourceFile:
    names = sorted(file.name for file in CORPORA_DIR.glob("*.jsonl"))
    name = path.removeprefix(BUNDLED_PREFIX)
    if name not in names:
        raise InputError(f"{setting}: no such bundled corpus; available: {', '.join(names)}")
    return SourceFile(path, setting, split, LocalFileSystem(), str(CORPORA_DIR / name))


def _find_local(root: Path, setting: str) -> list[Path]:
    if root.is_dir():
        # Not Path.rglob: it silently skips a folder that may not be opened.
        walk = os.walk(root, onerror=_raise)
        found = [Path(folder, name) for folder, _, names in walk for name in names]
        found = [file for file in found if file.is_file() and not _hidden(file.relative_to(root).parts)]
    elif root.exists():
        if not root.is_file():
            raise InputError(f"{setting}: neither a regular file nor a folder; {_allowed()}")
        found = [root]
    elif glob.has_magic(str(root)):
        found = [Path(match) for match in glob.glob(str(root), recursive=True)]  # noqa: PTH207  ** and absolute globs
        found = [file for file in found if file.is_file()]
        if not found:
            raise InputError(f"{setting}: no file matches; use ** for folders of any depth")
    else:
        raise InputError(f"{setting}: no such file or folder")
    return sorted(found)


def _find_remote(url: str, setting: str, split: str) -> list[SourceFile]:
    try:
        filesystem, root = fsspec.core.url_to_fs(url)
        if filesystem.isfile(root):
            found = [root]
        elif filesystem.isdir(root):
            parts = len(PurePosixPath(root).parts)
            found = [file for file in filesystem.find(root) if not _hidden(PurePosixPath(file).parts[parts:])]
        elif glob.has_magic(root):
            matches = filesystem.glob(root, detail=True).items()
            include_hidden = _hidden(PurePosixPath(root).parts)  # a pattern with a leading full stop requests them
            found = [file for file, facts in matches if facts["type"] == "file"]
            found = [file for file in found if include_hidden or not _hidden(PurePosixPath(file).parts)]
        else:
            found = []
        names = {file: _shown(filesystem.unstrip_protocol(file)) for file in found}
    except ImportError as error:
        raise InputError(
            f"{setting}: the package for this kind of URL is not installed ({reason(error)}); "
            "install it with pip, or give a local path"
        ) from error
    except Exception as error:  # each filesystem's package raises its own kinds of exceptions
        raise InputError(
            f"{setting}: cannot be reached ({reason(error)}); give a local path, or a URL that fsspec can open"
        ) from error
    if not found:
        raise InputError(f"{setting}: no such file or folder, or no file matches")
    ordered = sorted(found, key=lambda file: PurePosixPath(file).parts)
    return [SourceFile(names[file], setting, split, filesystem, file) for file in ordered]


def _raise(error: OSError) -> NoReturn:
    raise error


def _hidden(parts: Sequence[str]) -> bool:
    return any(part.startswith(".") for part in parts)


def _shown(name: str) -> str:
    """Returns a file name as one printable line, whatever bytes it consists of."""
    return printable(os.fsencode(name).decode("utf-8", "replace"))


def _nothing_readable(found: Sequence[SourceFile]) -> str:
    kinds = sorted({file.kind for file in found})
    shown = ", ".join(f"'{kind}'" for kind in kinds[:5])
    return f"files with suffix {shown} are not read" if found else "no files in this folder"


def _allowed() -> str:
    return f"files that are read: {', '.join(KINDS)}, each also with {' or '.join(COMPRESSIONS)}"
