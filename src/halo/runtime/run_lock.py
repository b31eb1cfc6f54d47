"""A lock on a run's folder."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import filelock

from halo.runtime.errors import InputError


@contextlib.contextmanager
def run_lock(run_dir: Path) -> Iterator[None]:
    """Locks a run's folder against other runs for the duration of the context, however it ends.

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
