"""The output folder of a command: Hydra's files go into the run's own folder, and a refused run leaves nothing behind.

Hydra creates the output folder, with its `.hydra/` and a log file, before a command can check its settings. The
callback `OutputFolder` therefore records what is there before that, and `discard_output` restores it.
"""

import contextlib
import itertools
import logging
import os
import shutil
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobReturn
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from halo.cli.current_job import in_sweep, output_dir
from halo.cli.error_messages import exit_on_error
from halo.cli.launched_ranks import require_no_launcher, settle_ranks_of
from halo.config import AUTO
from halo.runtime.errors import InputError, require
from halo.runtime.hydra_quoting import expand_home, quote_value
from halo.runtime.process_ranks import is_first_process, is_launched_by_first_process
from halo.runtime.run_lock import require_unlocked

HYDRA_FOLDER = ".hydra"
SWEEP_SETTINGS = "multirun.yaml"


class FolderBefore(NamedTuple):
    """What an output folder was before Hydra wrote in it.

    Attributes:
        folder: The folder.
        log: The name of the log file that Hydra writes.
        missing: The folder and those above it that did not exist, the folder itself first.
        names: The names in the folder.
        settings: Path and content of the files with Hydra's record of an earlier command.
        log_bytes: The size of the log file of earlier commands.
    """

    folder: Path
    log: str
    missing: tuple[Path, ...]
    names: frozenset[str]
    settings: dict[Path, bytes]
    log_bytes: int

    @classmethod
    def of(cls, folder: Path, log: str) -> "FolderBefore":
        """Returns the folder as it is now."""
        missing = tuple(each for each in (folder, *folder.parents) if not each.exists())
        names = frozenset() if missing else frozenset(path.name for path in folder.iterdir())
        files = [folder / SWEEP_SETTINGS, *(folder / HYDRA_FOLDER).glob("*.yaml")]
        settings = {file: file.read_bytes() for file in files if file.is_file()}
        return cls(folder, log, missing, names, settings, (folder / log).stat().st_size if log in names else 0)

    def restore(self) -> None:
        """Removes what Hydra wrote since, unless the command has written as well."""
        if not self.folder.is_dir():
            return
        new = {path.name for path in self.folder.iterdir()} - self.names
        of_hydra = new & {HYDRA_FOLDER, SWEEP_SETTINGS, self.log}
        if new - of_hydra:
            return
        _close_logs(self.folder)
        with contextlib.suppress(OSError):
            for name in of_hydra:
                path = self.folder / name
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            for file, content in self.settings.items():
                if file.read_bytes() != content:
                    file.write_bytes(content)
            if self.log in self.names:
                os.truncate(self.folder / self.log, self.log_bytes)
            for folder in self.missing:
                folder.rmdir()


_before: dict[Path, FolderBefore] = {}
"""The output folders of this command before Hydra wrote in them; Hydra creates its callbacks itself and keeps them."""


class OutputFolder(Callback):
    """Chooses the output folder, before Hydra writes in it, and records what it was.

    A folder that the user names is refused if it holds a run or a sweep already. Otherwise the command gets a folder of
    its own, even if two commands start in the same second.
    """

    def on_run_start(self, config: DictConfig, **_: Any) -> None:
        """Chooses the folder of a single run."""
        with _refusing(config):
            _refuse_chdir(config)
            settle_ranks_of(config)
            if is_launched_by_first_process():  # with its folder
                return
            if not is_first_process():
                _write_nothing(config)
                return
            config.hydra.run.dir = expand_home(config.hydra.run.dir)
            is_given = _is_given(config, "hydra.run.dir")
            named, resumed = _named_folder(config), _resumed_folder(config)
            if "run_dir" in config and (resumed or named or is_given):
                run_dir = Path(resumed or named or config.hydra.run.dir)
                key = "resume" if resumed else "run_dir" if named else "hydra.run.dir"
                require_usable(run_dir, key, resumes=_resumes(config))
            if is_given or resumed or named:
                if not is_given:
                    config.hydra.run.dir = resumed or named
                _open(Path(config.hydra.run.dir), config)
            else:
                config.hydra.run.dir = str(_create_new(Path(config.hydra.run.dir), config))

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Chooses the folder of a sweep."""
        with _refusing(config):
            _refuse_chdir(config)
            require_no_launcher()
            settle_ranks_of(config)
            named = _named_folder(config)
            is_given = _is_given(config, "hydra.sweep.dir")
            folder = Path(expand_home(config.hydra.sweep.dir) if is_given or not named else named)
            if is_given or named:
                key, resumes = "hydra.sweep.dir" if is_given else "run_dir", _resumes(config)
                require_usable(folder, key, resumes=resumes)
                is_new = resumes or not (folder / SWEEP_SETTINGS).exists()
                require(is_new, key, folder, "already holds a sweep; name another folder")
                _open(folder, config)
            else:
                folder = _create_new(folder, config)
            if not is_given:  # each job is composed of the overrides
                config.hydra.sweep.dir = str(folder)
                config.hydra.overrides.hydra.append(f"hydra.sweep.dir={quote_value(str(folder))}")
            for job in folder.iterdir():
                if (job / HYDRA_FOLDER).is_dir():
                    _record(job, config)

    def on_job_end(self, config: DictConfig, job_return: JobReturn, **_: Any) -> None:
        """Records the folder of a job of a sweep as it is now: another job may be told to use the same one."""
        if in_sweep():
            _record(output_dir(), config)


def require_current_folder() -> None:
    """Raises `InputError` if the folder in which the command was started has been deleted."""
    try:
        Path.cwd()
    except OSError as error:
        raise InputError("the current folder no longer exists; change to another one") from error


def require_usable(folder: Path, key: str, *, resumes: bool) -> None:
    """Raises `InputError` if a command cannot use a folder that the user names.

    Args:
        folder: The folder.
        key: The setting that names it.
        resumes: Whether the folder may hold a run already; it may not be running.
    """
    is_folder = folder.is_dir() or not os.path.lexists(folder)
    require(is_folder, key, folder, "is not a folder; name another one")
    require_unlocked(folder)
    holds_run = not resumes and (folder / "config.yaml").exists()
    require(not holds_run, key, folder, "already holds a run; name another folder")


@contextlib.contextmanager
def _refusing(config: DictConfig) -> Iterator[None]:
    """Ends the command where its output folder cannot be used; Hydra would only warn of an exception in a callback."""
    try:
        with exit_on_error(str(config.hydra.job.name), has_started=lambda: False):
            yield
    except Exception:  # the user has asked for tracebacks
        traceback.print_exc()
        sys.exit(2)


def _refuse_chdir(config: DictConfig) -> None:
    chdir = config.hydra.job.chdir
    require(not chdir, "hydra.job.chdir", "true", "is not supported: paths are relative to the current folder")


def _write_nothing(config: DictConfig) -> None:
    """Leaves the output folder to the first process, which may choose another name where none is given."""
    named = _resumed_folder(config) or _named_folder(config)
    if not _is_given(config, "hydra.run.dir"):
        config.hydra.run.dir = named or str(Path(config.hydra.run.dir).parent)
    config.hydra.output_subdir = None


def _open(folder: Path, config: DictConfig) -> None:
    """Records what a folder is, and creates it if it is missing."""
    _record(folder, config)
    folder.mkdir(parents=True, exist_ok=True)


def _create_new(folder: Path, config: DictConfig) -> Path:
    """Creates a folder that no other command uses, and records that it is new.

    Args:
        folder: The folder to create; where it exists, -1, -2, ... is appended to its name.
        config: The composed settings.
    """
    for number in itertools.count():
        candidate = folder.with_name(f"{folder.name}-{number}") if number else folder
        before = FolderBefore.of(candidate.resolve(), _log_name(config))
        try:
            candidate.mkdir(parents=True)
        except FileExistsError:
            if candidate.is_dir():
                continue
            raise
        _before[before.folder] = before
        break
    return candidate


def discard_output(folder: Path) -> None:
    """Restores the output folder of a refused job to what it was."""
    folder = folder.resolve()
    if folder in _before:
        _before.pop(folder).restore()
    elif in_sweep():
        FolderBefore(folder, f"{HydraConfig.get().job.name}.log", (folder,), frozenset(), {}, 0).restore()


def finish_output(*, keep: bool) -> None:
    """Forgets the output folders of this command, at its end.

    Args:
        keep: Whether the command has written something. If not, the folders are restored to what they were.
    """
    deepest_first = sorted(_before.values(), key=lambda each: len(each.folder.parts), reverse=True)
    _before.clear()
    if not keep:
        for each in deepest_first:
            each.restore()


def _record(folder: Path, config: DictConfig) -> None:
    folder = folder.resolve()
    _before[folder] = FolderBefore.of(folder, _log_name(config))


def _log_name(config: DictConfig) -> str:
    return f"{config.hydra.job.name}.log"


def _resumes(config: DictConfig) -> bool:
    return OmegaConf.select(config, "resume", throw_on_missing=False) is not None


def _named_folder(config: DictConfig) -> str | None:
    run_dir = OmegaConf.select(config, "run_dir", throw_on_missing=False)
    return expand_home(str(run_dir)) if isinstance(run_dir, str | int | float) and str(run_dir) else None


def _resumed_folder(config: DictConfig) -> str | None:
    """Returns the folder of the run that `resume` names, as a folder or as a checkpoint in it; None if it is no run."""
    resume = OmegaConf.select(config, "resume", throw_on_missing=False)
    if not isinstance(resume, str) or resume == AUTO:
        return None
    path = Path(resume).expanduser()
    folder = path.parent.parent if path.is_file() else path
    return str(folder) if (folder / "config.yaml").is_file() else None


def _is_given(config: DictConfig, key: str) -> bool:
    """Returns whether a setting of Hydra stands on the command line."""
    return any(override.lstrip("+").startswith(f"{key}=") for override in config.hydra.overrides.hydra)


def _close_logs(folder: Path) -> None:
    """Closes the log files in a folder that is about to be restored: the next message would write in it again."""
    root = logging.getLogger()
    for handler in [*root.handlers]:
        if isinstance(handler, logging.FileHandler) and Path(handler.baseFilename).resolve().parent == folder:
            root.removeHandler(handler)
            handler.close()
