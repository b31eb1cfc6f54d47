"""Finds the folders of runs: those that are named, that match a pattern, or that lie in a folder of several runs."""

import glob
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from halo.runtime.errors import InputError, counted, printable, reason
from halo.runtime.hydra_quoting import expand_home

MAX_LEVELS = 6  # outputs/train/multirun/DATE/TIME/JOB/seed_1
MAX_FOLDERS = 100_000
WEIGHTS, SETTINGS = "model.safetensors", "config.yaml"
NUMBERED = re.compile(r"\d+|seed_\d+")
"""The folders of the jobs of a multirun, of the trials of a study, and of seeds."""

ADVICE = "give run folders of halo.train, bundles, or folders that hold runs"


class RunFolders(NamedTuple):
    """The folders of runs.

    Attributes:
        folders: The folder of each run, as the user wrote its beginning, each run once.
        notes: What was left out, a line each.
    """

    folders: list[Path]
    notes: list[str]


def find_run_folders(paths: Sequence[str]) -> RunFolders:
    """Returns the run folders and bundles that paths name: run folders, bundles, patterns, and folders that hold runs.

    Args:
        paths: The paths; a pattern has `*`, `?` or `[...]`, and is no name of a folder.

    Raises:
        InputError: A path does not exist, a pattern matches nothing, or none of the paths holds a run.
    """
    found: dict[Path, Path] = {}
    notes: list[str] = []
    seen: set[str] = set()
    for path in map(os.path.normpath, map(expand_home, _expanded(paths))):
        if path in seen:
            notes.append(f"{printable(path)}: given twice; it counts once")
            continue
        seen.add(path)
        try:
            runs = list(_runs_at(Path(path)))
        except OSError as error:
            notes.append(f"{printable(path)}: left out: it cannot be read ({reason(error)})")
            continue
        if not runs:
            what = "a file" if Path(path).is_file() else "no run, and holds none"
            notes.append(f"{printable(path)}: left out: {what}")
        for run in runs:
            first = found.setdefault(run.resolve(), run)
            if first is not run:
                notes.append(f"{printable(str(run))}: left out: the same run as {printable(str(first))}")
    for resolved, run in list(found.items()):
        if resolved.name == "bundle" and resolved.parent in found:
            del found[resolved]
            notes.append(f"{printable(str(run))}: left out: the bundle of {printable(str(found[resolved.parent]))}")
    if not found:
        raise InputError(f"{notes[0] if notes else 'no runs'}; {ADVICE}")
    return RunFolders(list(found.values()), notes)


def _expanded(paths: Sequence[str]) -> Iterator[str]:
    """Yields the paths, and in the place of patterns those that match them."""
    for path in paths:
        if not path.strip():
            raise InputError(f"an empty path; {ADVICE}")
        if os.path.lexists(expand_home(path)):
            yield path
            continue
        is_pattern = glob.has_magic(path)
        try:
            matches = sorted(_matches(path), key=_natural) if is_pattern else []
        except (OSError, ValueError, re.error) as error:
            raise InputError(f"{printable(path)}: cannot be searched ({reason(error)}); {ADVICE}") from error
        if not matches:
            problem = "nothing matches this pattern" if is_pattern else "no such folder"
            raise InputError(f"{printable(path)}: {problem}; {ADVICE}")
        yield from (match for match in matches if os.path.isdir(match))  # noqa: PTH112  a pattern matches files as well


def _matches(pattern: str) -> list[str]:
    return glob.glob(expand_home(pattern), recursive=True)  # noqa: PTH207  Path.glob takes no absolute patterns


def _runs_at(folder: Path) -> Iterator[Path]:
    """Yields a folder if it is a run, or the runs in it."""
    if not folder.is_dir():
        return
    if is_run(folder):
        yield folder
        return
    remaining = [MAX_FOLDERS]
    yield from _runs_in(folder, MAX_LEVELS, remaining)
    if remaining[0] < 0:
        raise InputError(f"{folder}: more than {counted(MAX_FOLDERS, 'folder')} in it; {ADVICE}")


def _runs_in(folder: Path, levels: int, remaining: list[int]) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        inner = sorted(
            (Path(each) for each in entries if not each.name.startswith(".") and each.is_dir()), key=_natural
        )
    for each in inner:
        remaining[0] -= 1
        if is_run(each):
            yield each
        elif levels > 1 and remaining[0] >= 0 and not each.is_symlink():
            runs = list(_runs_in(each, levels - 1, remaining))
            yield from runs
            if not runs and NUMBERED.fullmatch(each.name):
                yield each  # ended before it had written anything


def is_run(folder: Path) -> bool:
    """Returns whether a folder is that of a run, or a bundle."""
    return (folder / SETTINGS).is_file() or (folder / WEIGHTS).is_file()


def is_bundle(folder: Path) -> bool:
    """Returns whether a folder is a bundle."""
    return (folder / WEIGHTS).is_file()


def _natural(path: Path | str) -> list[tuple[int, int, str]]:
    """Returns a key by which numbers in names are sorted by their size.

    >>> sorted(["10", "9", "seed_2", "seed_10"], key=_natural)
    ['9', '10', 'seed_2', 'seed_10']
    """
    parts = re.split(r"(\d+)", str(path))
    return [(0, int(part), "") if part.isdecimal() and part.isascii() else (1, 0, part) for part in parts if part]


def names_of(folders: Sequence[Path]) -> list[str]:
    """Returns for each folder the end of its path that tells it from the others.

    >>> names_of([Path("outputs/sweep/a/trials/0001"), Path("outputs/sweep/a/trials/0002")])
    ['0001', '0002']
    >>> names_of([Path("outputs/a/0"), Path("outputs/b/0"), Path("outputs/b")])
    ['a/0', 'b/0', 'b']
    """
    absolute = [os.path.abspath(folder) for folder in folders]  # noqa: PTH100  links stay as the user named them
    above = os.path.commonpath([os.path.dirname(each) for each in absolute])  # noqa: PTH120
    return [printable(os.path.relpath(each, above)) for each in absolute]
