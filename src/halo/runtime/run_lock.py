"""A lock on a run's folder: the file `.lock`, which exists only while a run uses the folder or after it was killed."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import filelock

from halo.runtime.errors import InputError

LOCK_FILE = ".lock"


@contextlib.contextmanager
def run_lock(run_dir: Path) -> Iterator[None]:
    """Locks a run's folder against other runs for the duration of the context, however it ends.

    The operating system releases the lock of a process that dies. The file names the process, for the message.

    Raises:
        InputError: Another run uses the folder, or it cannot be written.
    """
    lock, file = _lock_of(run_dir), run_dir / LOCK_FILE
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except filelock.Timeout as error:
        raise _in_use(run_dir) from error
    except OSError as error:
        raise InputError(f"run_dir={run_dir}: cannot be written ({error.strerror}); name another folder") from error
    try:
        with contextlib.suppress(OSError):  # a full disk: the lock holds without the name
            file.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):  # removed while it is locked: whoever opened it before finds it gone
            file.unlink()
        lock.release()


def require_unlocked(run_dir: Path) -> None:
    """Raises `InputError` if a run uses the folder at the moment."""
    if (run_dir / LOCK_FILE).exists():
        lock = _lock_of(run_dir)
        try:
            with lock.acquire():
                pass
        except filelock.Timeout as error:
            raise _in_use(run_dir) from error
        except OSError:  # whether the folder can be written is checked where it is written
            return


def _lock_of(run_dir: Path) -> filelock.FileLock:
    return filelock.FileLock(run_dir / LOCK_FILE, blocking=False)


def _in_use(run_dir: Path) -> InputError:
    try:
        holder = (run_dir / LOCK_FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:  # the other run has just ended
        holder = ""
    by = f" ({holder[:100]})" if holder.startswith("process ") else ""
    remedy = "wait, or name another folder"
    if by and not holder.endswith(f" on {socket.gethostname()}"):  # a network drive may keep the lock of a dead machine
        remedy += f"; if that machine is down, delete {run_dir / LOCK_FILE}"
    return InputError(f"run_dir={run_dir}: another run is using it{by}; {remedy}")
