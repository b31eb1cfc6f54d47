"""Discovery of files: paths, globs, folders and URLs -> the files to read, in order, each once."""

import fnmatch
import glob
import logging
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import NamedTuple, NoReturn

import fsspec
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.zip import ZipFileSystem

from halo.corpus.sources.file_kinds import ARCHIVE, KINDS, described, remedy
from halo.corpus.sources.files import COMPRESSIONS, SourceFile
from halo.runtime.errors import InputError, counted, printable, reason

BUNDLED_PREFIX = "bundled:"
CORPORA_DIR = Path(__file__).resolve().parents[2] / "corpora"
HIDDEN = "hidden"
NOT_A_FILE = "neither file nor folder"
BROKEN_LINK = "broken link"
SYSTEM_NAMES = (".DS_Store", "._*", "__MACOSX", "Thumbs.db", "desktop.ini", ".git*")
"""Names of files and folders that operating systems and git write, which nobody counts among the files of a folder."""


log = logging.getLogger(__name__)


class FoundFiles(NamedTuple):
    """The files to read, and the number of ignored ones.

    Attributes:
        files: The files to read, in the order of the given paths, within a folder or a glob in the order of names.
        ignored: Number of files that are not read in the same folders and globs, by their suffix; also those that are
            hidden or broken links.
    """

    files: list[SourceFile]
    ignored: Counter[str]

    def log_ignored(self, key: str) -> None:
        """Logs one line about the files that are not read, if there are any; `key` is the setting of the paths."""
        if self.ignored:
            total = self.ignored.total()
            were = "was" if total == 1 else "were"
            log.info("%s: %s %s not read: %s", key, counted(total, "file"), were, described(self.ignored))


class _Found(NamedTuple):
    """What one path refers to.

    Attributes:
        files: The files, of any kind.
        ignored: Number of things other than files, such as broken links.
        is_choice: Whether the user chose the files by name or suffix, and not as what is in a folder.
    """

    files: list[SourceFile]
    ignored: Counter[str]
    is_choice: bool


def find_files(
    paths: Sequence[str],
    *,
    key: str,
    split: str = "",
    kinds: Sequence[str] = KINDS,
    extensions: Mapping[str, str] = MappingProxyType({}),
) -> FoundFiles:
    """Returns the files that `paths` refer to, each once.

    A file that is named by itself is read as text if its suffix is not known.

    Args:
        paths: Files, folders (searched recursively, except hidden names), globs (`**` for any depth), URLs of
            fsspec, or `bundled:NAME` for a corpus of this package. Of a .zip, the files in it are taken.
        key: The setting that holds the paths, for messages.
        split: The split that the files are given for; empty if there is none.
        kinds: The suffixes of files that are read from folders and archives.
        extensions: What further endings of files are read as, see `data.extensions`.

    Raises:
        InputError: A path does not exist, or refers only to files of other kinds.
    """
    files: dict[str, SourceFile] = {}
    ignored: Counter[str] = Counter()
    for path in paths:
        setting = f"{key}={_shown(path)}"
        found = _find(path, setting, split)
        others = Counter(found.ignored)
        readable = []
        for file in found.files:
            is_archive = file.kind == ARCHIVE and not file.compression
            takes_any = found.is_choice and not is_archive
            for member in _members(file) if is_archive else [file]:
                each = _with_reader(member, extensions)
                if each.kind in kinds or (takes_any and not remedy(each.kind)):
                    readable.append(each)
                else:
                    others[each.kind] += 1
        if not readable:
            raise InputError(f"{setting}: {_nothing_readable(others, kinds)}")
        for file in readable:
            files.setdefault(file.identity, file)
        ignored += others
    return FoundFiles(list(files.values()), ignored)


def _with_reader(file: SourceFile, extensions: Mapping[str, str]) -> SourceFile:
    """Returns the file as it is read: the longest of the given endings that it has decides."""
    stem = file.location.lower().removesuffix(file.compression)
    endings = [each for each in extensions if stem.endswith(f".{each}")]
    return replace(file, read_as=f".{extensions[max(endings, key=len)]}") if endings else file


def _members(archive: SourceFile) -> Iterator[SourceFile]:
    try:
        filesystem = ZipFileSystem(archive.filesystem.open(archive.location, "rb"))
        found = sorted(filesystem.find(""), key=lambda name: PurePosixPath(name).parts)
        names = [name for name in found if not _hidden(PurePosixPath(name).parts)]
    except Exception as error:  # zipfile and filesystems raise exceptions of many types
        raise InputError(
            f"{archive.setting}: {archive.name} is no ZIP archive, or damaged ({reason(error)}); "
            "download or write it again"
        ) from error
    for name in names:
        shown = f"{archive.name}/{_shown(name)}"
        yield replace(archive, name=shown, filesystem=filesystem, location=name, container=f"{archive.identity}:")


def _find(path: str, setting: str, split: str) -> _Found:
    if path.startswith(BUNDLED_PREFIX):
        return _Found([_bundled(path, setting, split)], Counter(), is_choice=True)
    if "://" in path:
        return _find_remote(path, setting, split)
    try:
        is_literal = os.path.lexists(path)  # also a name that begins with ~
        root = Path(path) if is_literal else Path(path).expanduser()
        found, ignored, is_choice = _find_local(root, setting)
    except InputError:  # is a ValueError too
        raise
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: no home folder for ~name
        raise InputError(f"{setting}: cannot be searched ({reason(error)}); give a readable file or folder") from error
    filesystem = LocalFileSystem()
    files = [SourceFile(_shown(str(file)), setting, split, filesystem, _location(file)) for file in found]
    return _Found(files, ignored, is_choice)


def _location(file: Path) -> str:
    """Returns the path that fsspec opens as this file; it would take ~ for the home folder."""
    return os.path.abspath(file) if str(file).startswith("~") else str(file)  # noqa: PTH100


def is_file(path: str) -> bool:
    """Returns whether a text is the name of an existing file, with a separator or a suffix as names of files have."""
    try:
        return bool(PurePosixPath(path).suffix or os.sep in path) and Path(path).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):  # too long for a name, or no home folder
        return False


def _bundled(path: str, setting: str, split: str) -> SourceFile:
    names = sorted(file.name for file in CORPORA_DIR.glob("*.jsonl"))
    name = path.removeprefix(BUNDLED_PREFIX)
    if name not in names:
        raise InputError(f"{setting}: no such bundled corpus; available: {', '.join(names)}")
    return SourceFile(path, setting, split, LocalFileSystem(), str(CORPORA_DIR / name))


def _find_local(root: Path, setting: str) -> tuple[list[Path], Counter[str], bool]:
    if root.is_dir():
        found, ignored = _walk(root)
        return sorted(found), ignored, False
    if root.exists():
        if not root.is_file():
            raise InputError(f"{setting}: neither a regular file nor a folder; {_allowed()}")
        return [root], Counter(), True
    if root.is_symlink():
        raise InputError(
            f"{setting}: a link to {_shown(str(root.readlink()))}, which does not exist; give another file"
        )
    if not glob.has_magic(str(root)):
        where = "" if root.is_absolute() else f" in {_shown(str(Path.cwd()))}, where relative paths begin"
        raise InputError(f"{setting}: no such file or folder{where}")
    matches = [Path(match) for match in glob.glob(str(root), recursive=True)]  # noqa: PTH207  ** and absolute globs
    files = [file for file in matches if file.is_file()]
    if not files:
        raise InputError(f"{setting}: no file matches; use ** for folders of any depth")
    is_choice = bool(root.suffix) and not glob.has_magic(root.suffix)
    return sorted(files), Counter(_kind_of_no_file(file) for file in matches if not file.exists()), is_choice


def _walk(root: Path) -> tuple[list[Path], Counter[str]]:
    """Returns the files in a folder and in the folders below it, through links too, and the number of other things.

    Each folder is searched once, so that links in a circle do no harm.
    """
    found: list[Path] = []
    ignored: Counter[str] = Counter()
    searched: set[str] = set()
    # Not Path.rglob: it silently skips a folder that may not be opened.
    for folder, folders, names in os.walk(root, onerror=_raise, followlinks=True):
        real = os.path.realpath(folder)
        if real in searched:
            folders.clear()
            continue
        searched.add(real)
        hidden = {name for name in (*folders, *names) if _hidden((name,))}
        ignored[HIDDEN] += sum(not _is_of_system(name) for name in hidden)
        folders[:] = sorted(name for name in folders if name not in hidden)
        for path in (Path(folder, name) for name in names if name not in hidden):
            if path.is_file():
                found.append(path)
            else:
                ignored[_kind_of_no_file(path)] += 1
    return found, +ignored


def _kind_of_no_file(path: Path) -> str:
    return BROKEN_LINK if path.is_symlink() else NOT_A_FILE


def _find_remote(url: str, setting: str, split: str) -> _Found:
    is_choice = False
    try:
        filesystem, root = fsspec.core.url_to_fs(url)
        if filesystem.isfile(root):
            found, is_choice = [root], True
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
    container = url.partition("::")[2]
    files = [SourceFile(names[file], setting, split, filesystem, file, container) for file in ordered]
    return _Found(files, Counter(), is_choice)


def _raise(error: OSError) -> NoReturn:
    raise error


def _hidden(parts: Sequence[str]) -> bool:
    return any(part.startswith(".") or _is_of_system(part) for part in parts)


def _is_of_system(name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in SYSTEM_NAMES)


def _shown(name: str) -> str:
    """Returns a file name as one printable line, whatever bytes it consists of."""
    return printable(os.fsencode(name).decode("utf-8", "replace"))


def _nothing_readable(others: Counter[str], kinds: Sequence[str]) -> str:
    if not others:
        return f"no files in this folder; {_allowed(kinds)}"
    return f"nothing that is read: {described(others)}; {_allowed(kinds)}"


def _allowed(kinds: Sequence[str] = KINDS) -> str:
    compressed = f"{', '.join(COMPRESSIONS[:-1])} or {COMPRESSIONS[-1]}"
    return f"files that are read: {', '.join(kinds)}, each also with {compressed}, or in a {ARCHIVE}"
