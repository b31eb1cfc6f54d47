"""The job that Hydra runs at the moment: a single run, or one job of a sweep (a multirun)."""

import math
import shlex
from collections.abc import Collection
from pathlib import Path

from hydra.conf import HydraConf
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from halo.runtime.hydra_quoting import repeated_argument


class FailedJob(float):
    """The result of a job of a sweep that did not finish: infinitely bad for a sweeper.

    Attributes:
        exit_status: The exit status of a single run that ends like this job: 2 if it wrote nothing, else 1.
        reason: Why it failed, in one line.
    """

    def __new__(cls, exit_status: int, reason: str) -> "FailedJob":
        """Returns infinity with an exit status and a reason."""
        failed = super().__new__(cls, math.inf)
        failed.exit_status, failed.reason = exit_status, reason
        return failed

    exit_status: int
    reason: str

    def __getnewargs__(self) -> tuple[int, str]:  # type: ignore[override]  # a launcher may send it to another process
        return self.exit_status, self.reason


def in_sweep() -> bool:
    """Returns whether the job belongs to a sweep."""
    return bool(HydraConfig.get().mode == RunMode.MULTIRUN)


def output_dir() -> Path:
    """Returns the folder that Hydra has created for the job."""
    return Path(HydraConfig.get().runtime.output_dir)


def given_settings() -> dict[str, str]:
    """Returns the settings of the command line by their keys, such as `data` and `data.path`, quoted for Hydra."""
    given = (each.lstrip("+~").partition("=") for each in HydraConfig.get().overrides.task)
    return {key: value for key, _, value in given}


def run_folder(run_dir: str | None) -> Path:
    """Returns the folder in which a training run writes.

    Args:
        run_dir: The setting `run_dir`. In a sweep it names the folder of all jobs, and each of them writes in its own
            folder below; without it the run writes in Hydra's folder.
    """
    if run_dir is None:
        return output_dir()
    folder = Path(run_dir).expanduser()
    names_sweep = in_sweep() and folder.resolve() == Path(HydraConfig.get().sweep.dir).resolve()
    return output_dir() if names_sweep else folder


def repeat_command(hydra: HydraConf | DictConfig, *settings: str, without: Collection[str]) -> str:
    """Returns the command line of a job or multirun with other settings, ready to paste into a shell.

    Args:
        hydra: Hydra's settings of the job or multirun.
        settings: The options and settings to add, quoted for a shell.
        without: The keys of those to leave out.
    """
    from halo.reports.console import relative_to_cwd

    folders = [source.path for source in hydra.runtime.config_sources if source.provider == "command-line"]
    options = [part for folder in folders for part in ("--config-dir", shlex.quote(str(relative_to_cwd(Path(folder)))))]
    if hydra.job.config_name != hydra.job.name:
        options += ["--config-name", shlex.quote(str(hydra.job.config_name))]
    given = [*hydra.overrides.task, *(each for each in hydra.overrides.hydra if "hydra.searchpath=" in each)]
    kept = [repeated_argument(each) for each in given if each.lstrip("+").partition("=")[0] not in without]
    added = [each for each in settings if each.startswith("-")], [each for each in settings if not each.startswith("-")]
    return " ".join(["python", "-m", f"halo.{hydra.job.name}", *options, *added[0], *kept, *added[1]])
