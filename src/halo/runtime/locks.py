"""A folder that is whole or not there: one process makes it under another name, and what killed ones left goes.

    CACHE/.NAME.lock         held by the process that makes CACHE/NAME; the others wait for it
    CACHE/.NAME.unfinished   what it has made so far; renamed at the end

Both go before the lock is given back. After a kill they stay, until the next process comes by that uses the cache.
"""

import contextlib
import logging
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import filelock

from halo.runtime.errors import InputError, reason

_OURS = re.compile(r"\.[0-9a-f]{16}\.(lock|unfinished)")  # in a folder of the user's there may be others
_ATTEMPTS = 10
log = logging.getLogger(__name__)


def cache_exists(folder: Path) -> bool:
    """Returns whether `folder` is there.

    Raises:
        InputError: That cannot be told.
    """
    try:
        return folder.is_dir()
    except OSError as error:
        raise unwritable(folder, error) from error


def unwritable(folder: Path, error: OSError) -> InputError:
    """Returns what is told where `folder` cannot be made."""
    return InputError(
        f"{folder}: the prepared text cannot be written ({reason(error)}); "
        "make room, or name another folder with data.cache_dir"
    )


@contextlib.contextmanager
def cache_lock(folder: Path) -> Iterator[Path]:
    """Waits until no other process makes `folder`, and gives the name under which it is to be made.

    What is left under that name at the end is removed, and so are the folders above where nothing came of it.

    Raises:
        InputError: Nothing can be written there.
    """
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    lock = _lock(unfinished)
    created: list[Path] = []
    try:
        try:
            created += [path for path in (folder.parent, *folder.parent.parents) if not path.exists()]
            folder.parent.mkdir(parents=True, exist_ok=True)
            remove_leftovers(folder.parent)
            _acquire(lock, folder)
        except OSError as error:
            raise unwritable(folder, error) from error
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
    """Removes what killed processes left in a folder, as far as it may be written."""
    with contextlib.suppress(OSError):
        for unfinished in {path.with_suffix(".unfinished") for path in cache.iterdir() if _OURS.fullmatch(path.name)}:
            lock = _lock(unfinished)
            with contextlib.suppress(OSError), lock.acquire(timeout=0):  # a Timeout, where it is held, is one
                _remove(unfinished)


def _lock(unfinished: Path) -> filelock.FileLock:
    return filelock.FileLock(unfinished.with_suffix(".lock"))


def _acquire(lock: filelock.FileLock, folder: Path) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire(timeout=0)
            except filelock.Timeout:
                log.info("%s is being prepared by another process; waiting for it", folder)
                lock.acquire()
        except FileNotFoundError:  # a process that was refused has removed the folder that it had made
            if attempt == _ATTEMPTS:
                raise
        else:
            return


def _remove(unfinished: Path) -> None:
    """Removes a folder and its lock, which this process holds: a lock without a name is none, and is taken anew."""
    shutil.rmtree(unfinished, ignore_errors=True)
    with contextlib.suppress(OSError):
        unfinished.with_suffix(".lock").unlink()


@contextlib.contextmanager
def run_lock(run_dir: Path) -> Iterator[None]:
    """Keeps other runs out of a folder while this one lasts, however it ends.

    Raises:
        InputError: Another run uses the folder, or it cannot be written.
    """
    lock = filelock.FileLock(run_dir / ".lock", blocking=False)
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except filelock.Timeout as error:
        raise InputError(f"run_dir={run_dir}: another run is using it; wait, or name another folder") from error
    except OSError as error:
        raise InputError(f"run_dir={run_dir}: cannot be written ({error.strerror}); name another folder") from error
    with lock:
        yield
