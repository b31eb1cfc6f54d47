"""The job that Hydra runs at the moment: a single run, or one job of a sweep (a multirun)."""

import math
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode


class FailedJob(float):
    """The result of a job of a sweep that did not finish: infinitely bad for a sweeper.

    Attributes:
        status: `refused` if the job wrote nothing, else `failed`.
    """

    def __new__(cls, status: str) -> "FailedJob":
        """Returns infinity with a status."""
        failed = super().__new__(cls, math.inf)
        failed.status = status
        return failed

    status: str

    def __getnewargs__(self) -> tuple[str]:  # type: ignore[override]  # a launcher may send it to another process
        return (self.status,)


def in_sweep() -> bool:
    """Returns whether the job belongs to a sweep."""
    return bool(HydraConfig.get().mode == RunMode.MULTIRUN)


def output_dir() -> Path:
    """Returns the folder that Hydra has created for the job."""
    return Path(HydraConfig.get().runtime.output_dir)


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
