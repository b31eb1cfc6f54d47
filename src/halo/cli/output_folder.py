"""The output folder of a command: Hydra's files go into the run's own folder, and a refused run leaves nothing behind.

Hydra creates the output folder, with its `.hydra/` and a log file, before a command can check its settings. The
callback `OutputFolder` therefore records what is there before that, and `discard_output` restores it.
"""

import contextlib
import logging
import shutil
from pathlib import Path
from typing import Any, NamedTuple

from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from halo.cli.current_job import in_sweep
from halo.cli.launched_ranks import is_first_process
from halo.config import AUTO
from halo.runtime.hydra_quoting import quote_value

HYDRA_FOLDER = ".hydra"
SWEEP_SETTINGS = "multirun.yaml"


class FolderBefore(NamedTuple):
    """What an output folder was before Hydra wrote in it.

    Attributes:
        folder: The folder.
        missing: The folder and those above it that did not exist, the folder itself first.
        names: The names in the folder.
        settings: Path and content of the files with Hydra's record of an earlier command.
    """

    folder: Path
    missing: tuple[Path, ...]
    names: frozenset[str]
    settings: dict[Path, bytes]

    @classmethod
    def of(cls, folder: Path) -> "FolderBefore":
        """Returns the folder as it is now."""
        missing = tuple(each for each in (folder, *folder.parents) if not each.exists())
        names = frozenset() if missing else frozenset(path.name for path in folder.iterdir())
        files = [folder / SWEEP_SETTINGS, *(folder / HYDRA_FOLDER).glob("*.yaml")]
        return cls(folder, missing, names, {file: file.read_bytes() for file in files if file.is_file()})

    def restore(self) -> None:
        """Removes what Hydra wrote since, unless the command has written as well."""
        if not self.folder.is_dir():
            return
        new = {path.name for path in self.folder.iterdir()} - self.names
        of_hydra = {each for each in new if each in (HYDRA_FOLDER, SWEEP_SETTINGS) or each.endswith(".log")}
        if new - of_hydra:
            return
        _close_logs(self.folder, except_for=self.names)
        with contextlib.suppress(OSError):
            for name in of_hydra:
                path = self.folder / name
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            for file, content in self.settings.items():
                file.write_bytes(content)
            for folder in self.missing:
                folder.rmdir()


_before: dict[Path, FolderBefore] = {}
"""The output folders of this command before Hydra wrote in them; Hydra creates its callbacks itself and keeps them."""


class OutputFolder(Callback):
    """Puts Hydra's files into the folder that `run_dir` or `resume` names, and records what it was before."""

    def on_run_start(self, config: DictConfig, **_: Any) -> None:
        """Chooses the folder of a single run."""
        if not is_first_process():  # launched with the first process's folder
            return
        folder = _resumed_folder(config) or _named_folder(config)
        if folder and not _is_given(config, "hydra.run.dir"):
            config.hydra.run.dir = folder
        _record(Path(config.hydra.run.dir))

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Chooses the folder of a sweep."""
        folder = _named_folder(config)
        if folder and not _is_given(config, "hydra.sweep.dir"):
            config.hydra.sweep.dir = folder
            config.hydra.overrides.hydra.append(
                f"hydra.sweep.dir={quote_value(folder)}"
            )  # of which each job is composed
        sweep_dir = Path(config.hydra.sweep.dir)
        _record(sweep_dir)
        if sweep_dir.is_dir():
            for job in sweep_dir.iterdir():
                if job.is_dir():
                    _record(job)


def discard_output(folder: Path) -> None:
    """Restores the output folder of a refused job to what it was."""
    folder = folder.resolve()
    if folder in _before:
        _before.pop(folder).restore()
    elif in_sweep():
        FolderBefore(folder, (folder,), frozenset(), {}).restore()


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


def _record(folder: Path) -> None:
    folder = folder.resolve()
    _before[folder] = FolderBefore.of(folder)


def _named_folder(config: DictConfig) -> str | None:
    run_dir = OmegaConf.select(config, "run_dir", throw_on_missing=False)
    return str(run_dir) if isinstance(run_dir, str | int | float) and str(run_dir) else None


def _resumed_folder(config: DictConfig) -> str | None:
    """Returns the folder of the run that `resume` names, as a folder or as a checkpoint in it; None if it is no run."""
    resume = OmegaConf.select(config, "resume", throw_on_missing=False)
    if not isinstance(resume, str) or resume == AUTO:
        return None
    path = Path(resume)
    folder = path.parent.parent if path.is_file() else path
    return str(folder) if (folder / "config.yaml").is_file() else None


def _is_given(config: DictConfig, key: str) -> bool:
    """Returns whether a setting of Hydra stands on the command line."""
    return any(override.lstrip("+").startswith(f"{key}=") for override in config.hydra.overrides.hydra)


def _close_logs(folder: Path, *, except_for: frozenset[str]) -> None:
    """Closes the log files of a folder that is about to be removed: the next message would look for the folder.

    Args:
        folder: The folder.
        except_for: The names of log files that stay.
    """
    root = logging.getLogger()
    for handler in [*root.handlers]:
        if isinstance(handler, logging.FileHandler):
            file = Path(handler.baseFilename).resolve()
            if file.parent == folder and file.name not in except_for:
                root.removeHandler(handler)
                handler.close()
