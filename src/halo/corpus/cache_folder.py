"""The cache of prepared corpora: one process prepares a corpus, the others wait; leftovers of killed ones are removed.

    CACHE/.NAME.lock         held by the process that prepares CACHE/NAME; the others wait for it
    CACHE/.NAME.unfinished   what it has written so far; renamed to CACHE/NAME at the end

Both are removed before the lock is released. After a kill they remain until another process uses the same cache.
"""

import contextlib
import logging
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import filelock

from halo.runtime.errors import InputError, reason

_LEFTOVER = re.compile(r"\.[0-9a-f]{16}\.(lock|unfinished)")  # the user may keep other hidden files in that folder
_MAX_ATTEMPTS = 10
log = logging.getLogger(__name__)


def cache_exists(folder: Path) -> bool:
    """Returns whether the prepared corpus `folder` exists.

    Raises:
        InputError: The file system cannot answer, for example because the name is too long.
    """
    try:
        return folder.is_dir()
    except OSError as error:
        raise unwritable_error(folder, error) from error


def unwritable_error(folder: Path, error: OSError) -> InputError:
    """Returns the error to raise where `folder` cannot be written."""
    return InputError(
        f"{folder}: the prepared corpus cannot be written ({reason(error)}); "
        "free some space, or set data.cache_dir to another folder"
    )


@contextlib.contextmanager
def cache_lock(folder: Path) -> Iterator[Path]:
    """Waits until no other process is preparing `folder`, and yields the temporary path to write to.

    Whatever remains at that path at the end is removed, and so are the parent folders created here if they are empty.

    Raises:
        InputError: The cache cannot be written.
    """
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    lock = _lock_of(unfinished)
    created: list[Path] = []
    try:
        try:
            created += [path for path in (folder.parent, *folder.parent.parents) if not path.exists()]
            folder.parent.mkdir(parents=True, exist_ok=True)
            remove_leftovers(folder.parent)
            _acquire(lock, folder)
        except OSError as error:
            raise unwritable_error(folder, error) from error
        shutil.rmtree(unfinished, ignore_errors=True)  # of a process that was killed while this one waited
        yield unfinished
    finally:
        if lock.is_locked:
            _remove(unfinished)
            lock.release()
        for path in created:
            with contextlib.suppress(OSError):
                path.rmdir()


def remove_leftovers(cache: Path) -> None:
    """Removes the unfinished folders and locks of killed processes, as far as permissions allow."""
    with contextlib.suppress(OSError):
        leftovers = (path for path in cache.iterdir() if _LEFTOVER.fullmatch(path.name))
        for unfinished in {path.with_suffix(".unfinished") for path in leftovers}:
            lock = _lock_of(unfinished)
            with contextlib.suppress(OSError), lock.acquire(timeout=0):  # filelock.Timeout is an OSError
                _remove(unfinished)


def _lock_of(unfinished: Path) -> filelock.FileLock:
    return filelock.FileLock(unfinished.with_suffix(".lock"))


def _acquire(lock: filelock.FileLock, folder: Path) -> None:
    for attempt in range(1, _MAX_ATTEMPTS + 1):
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire(timeout=0)
            except filelock.Timeout:
                log.info("%s: another process is preparing it; waiting", folder)
                lock.acquire()
        except FileNotFoundError:  # a process that failed has just removed the folder that it had created
            if attempt == _MAX_ATTEMPTS:
                raise
        else:
            return


def _remove(unfinished: Path) -> None:
    """Removes a folder and its lock file, which this process holds: whoever waits for it then creates a new one."""
    shutil.rmtree(unfinished, ignore_errors=True)
    with contextlib.suppress(OSError):
        unfinished.with_suffix(".lock").unlink()
