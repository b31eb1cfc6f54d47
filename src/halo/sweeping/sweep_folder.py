"""The folder of a sweep: whose it is, what must stay the same, and its locks."""

import contextlib
import fcntl
import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from halo.config.messages import shown
from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import InputError, reason, require
from halo.sweeping.storage import JOURNAL

RECORD = "sweep.yaml"
HEADER = (
    "# What halo.sweep needs to go on with this sweep: the same settings. Written by halo.sweep; not to be changed.\n"
)
LOCKS = ".locks"
FOLDER_ID = "folder_id"


class FileLock:
    """An exclusive lock on a file, which the operating system releases when the last process that holds it ends.

    A process that is started with the descriptor holds the lock as well, so that it outlives the one that took it.

    Attributes:
        descriptor: The open file.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @classmethod
    def acquire(cls, file: Path, *, waits: bool = False) -> "FileLock | None":
        """Takes the lock; returns None if another process holds it.

        Args:
            file: The file, which is created if it is missing.
            waits: Whether to wait until it is free.
        """
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(descriptor)
            return None
        except BaseException:
            os.close(descriptor)
            raise
        return cls(descriptor)

    def release(self) -> None:
        """Gives up this process's share of the lock."""
        os.close(self.descriptor)


class SweepFolder:
    """The folder of a sweep.

    Args:
        path: The folder.
        key: The setting that names it, for messages.

    Raises:
        InputError: It is a file, a run, a folder of something else, or cannot be written.
    """

    def __init__(self, path: Path, *, key: str = "sweep_dir") -> None:
        self.path = path
        place = f"{key}={path}"
        if os.path.lexists(path) and not path.is_dir():
            raise InputError(f"{place}: is a file; name a folder")
        if any((path / name).exists() for name in ("config.yaml", "metrics.json", "model.safetensors")):
            raise InputError(f"{place}: is a run or a model; name another folder")
        try:
            is_known = (path / RECORD).is_file() or (path / JOURNAL).exists() or (path / LOCKS).exists()
            if path.is_dir() and not is_known and any(path.iterdir()):
                raise InputError(f"{place}: holds other files and no sweep; name an empty folder or a new one")
            (path / LOCKS).mkdir(parents=True, exist_ok=True)
            with self.lock():
                pass
        except OSError as error:
            raise InputError(f"{place}: cannot be written ({reason(error)}); name another folder") from error

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Locks the folder against all other workers, for a moment: while a trial is chosen."""
        lock = FileLock.acquire(self.path / LOCKS / "sweep", waits=True)
        assert lock is not None
        try:
            yield
        finally:
            lock.release()

    def claim(self, number: int) -> FileLock | None:
        """Takes the lock of a trial; returns None if another worker has the trial, or its process still runs."""
        return FileLock.acquire(self.path / LOCKS / f"{number:04d}")

    def trial_folder(self, number: int) -> Path:
        """Returns the run folder of a trial."""
        return self.path / trial_name(number)

    def read_record(self) -> dict[str, Any] | None:
        """Returns the record of the sweep; None if there is none yet.

        Raises:
            InputError: It is damaged.
        """
        file = self.path / RECORD
        try:
            record = yaml.safe_load(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise InputError(f"{file}: cannot be read ({reason(error)}); restore it, or name another folder") from error
        require(isinstance(record, dict), str(file), "", "damaged; restore it, or name another folder with sweep_dir")
        return dict(record)

    def write_record(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Writes the record of a new sweep, with a new identity of the folder, and returns it."""
        complete = {**record, FOLDER_ID: uuid.uuid4().hex}
        text = yaml.safe_dump(complete, sort_keys=False, allow_unicode=True, width=120)
        atomic_write(self.path / RECORD, HEADER + text)
        return complete


def trial_name(number: int) -> str:
    """Returns the folder of a trial, relative to that of the sweep.

    >>> trial_name(7)
    'trials/0007'
    """
    return f"trials/{number:04d}"


def require_same(record: Mapping[str, Any], now: Mapping[str, Any], *, study: str) -> None:
    """Checks that a sweep goes on with the settings that it was started with.

    Args:
        record: What it was started with.
        now: What is given now.
        study: The name of the study.

    Raises:
        InputError: Something differs.
    """
    differences = [part for name in now for part in _differences(name, record.get(name), now[name])]
    if differences:
        raise InputError(
            f"study={study}: was started with other settings ({'; '.join(differences)}); repeat its command, or name "
            "another with study=NAME"
        )


def _differences(name: str, before: Any, now: Any) -> list[str]:
    if before == now:
        return []
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        keys = [key for key in dict.fromkeys([*now, *before]) if before.get(key) != now.get(key)]
        return [f"{name}.{key}={_shown(now.get(key))}, was {_shown(before.get(key))}" for key in keys]
    if isinstance(before, list) and isinstance(now, list) and {*before} != {*now}:
        added = [f"{each} is new" for each in now if each not in before]
        return [*added, *(f"{each} is missing" for each in before if each not in now)]
    return [f"{name}={_shown(now)}, was {_shown(before)}"]


def _shown(value: Any) -> str:
    return "nothing" if value is None else shown(value)
