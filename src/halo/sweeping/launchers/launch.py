"""Starts the workers of a study elsewhere, each with the command of the sweep for one worker."""

import logging
from collections.abc import Sequence
from pathlib import Path

from halo.config.launcher import RayLauncherConfig, SlurmLauncherConfig
from halo.reports.console import relative_to_cwd
from halo.runtime.errors import counted
from halo.runtime.hydra_quoting import SETTING
from halo.sweeping.launchers.ray_cluster import require_cluster, run_workers
from halo.sweeping.launchers.slurm import require_slurm, submit_workers

OUTPUT = "workers"
"""The folder, in that of the study, for what the workers print."""

log = logging.getLogger(__name__)


def require_launcher(config: SlurmLauncherConfig | RayLauncherConfig) -> None:
    """Checks that a cluster is there, before the folder of a study is made.

    Raises:
        InputError: There is no SLURM on this machine, or no Ray cluster at the address.
    """
    if isinstance(config, RayLauncherConfig):
        require_cluster(config)
    else:
        require_slurm()


def launch_workers(
    config: SlurmLauncherConfig | RayLauncherConfig,
    arguments: Sequence[str],
    *,
    workers: int,
    study: str,
    folder: Path,
) -> bool:
    """Starts workers that join a study; returns whether they have ended, and not only been submitted.

    Args:
        config: The settings of the launcher.
        arguments: The arguments of the command, of halo.sweep.
        workers: The number of workers.
        study: The name of the study.
        folder: The folder of the study.

    Raises:
        InputError: The cluster cannot be reached, or refuses the workers.
    """
    joining = joining_arguments(arguments)
    output = folder / OUTPUT
    if isinstance(config, RayLauncherConfig):
        log.info("%s on Ray, whose output is in %s", counted(workers, "worker"), relative_to_cwd(output))
        run_workers(config, joining, workers=workers, folder=output)
        return True
    job = submit_workers(config, joining, workers=workers, study=study, folder=output)
    log.info(
        "Submitted %s as SLURM job %s, whose output is in %s.\n"
        "  squeue --jobs=%s shows them, and scancel %s ends them.\n"
        "  The last one writes the results; the same command adds workers.",
        *(counted(workers, "worker"), job, relative_to_cwd(output), job, job),
    )
    return False


def joining_arguments(arguments: Sequence[str]) -> list[str]:
    """Returns the arguments of Python with which one worker joins the study of a command, on its own machine.

    >>> joining_arguments(["--config-dir", "my", "study=a", "launcher=slurm", "launcher.qos=long", "workers=8"])
    ['-m', 'halo.sweep', '--config-dir', 'my', 'study=a', 'launcher=local', 'workers=1']
    """
    kept = [each for each in arguments if not _is_about_workers(each)]
    return ["-m", "halo.sweep", *kept, "launcher=local", "workers=1"]


def _is_about_workers(argument: str) -> bool:
    match = SETTING.fullmatch(argument)
    return match is not None and match["key"].partition(".")[0] in ("launcher", "workers")
