"""Workers as SLURM jobs: submitit submits an array job, each of whose tasks joins the study."""

import contextlib
import io
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from halo.config.launcher import SlurmLauncherConfig
from halo.runtime.errors import InputError, packages_of_extra, reason
from halo.sweeping.launchers.worker_process import WorkerProcess

if TYPE_CHECKING:
    from submitit import SlurmExecutor
    from submitit.core.utils import DelayedSubmission

GRACE_SECONDS = 900  # longer than the time that clusters give to a job that is preempted


class SlurmWorker:
    """The function of a job: runs a worker, and makes its trials write resume checkpoints before the job ends.

    At the time limit, and at pre-emption if the cluster is set up so, submitit calls `checkpoint` and requeues the job.
    When SLURM ends the job itself, be it pre-emption or scancel, it sends SIGTERM first.

    Args:
        process: The worker's command.
    """

    def __init__(self, process: WorkerProcess) -> None:
        self.process = process
        self._is_ending = False

    def __call__(self) -> None:
        """Runs the worker until the study is finished; exits with its status if it fails."""
        signal.signal(signal.SIGTERM, self._stop)
        status = self.process.run()
        if self._is_ending:
            # A job that ends by itself would not be requeued: SLURM ends it, within its grace period.
            time.sleep(GRACE_SECONDS)
        if status:
            sys.exit(status if status > 0 else 128 - status)

    def checkpoint(self) -> "DelayedSubmission":
        """Stops the worker, and returns what the requeued job is to do: the same."""
        from submitit.helpers import DelayedSubmission

        self.process.stop()
        return DelayedSubmission(SlurmWorker(WorkerProcess(self.process.arguments, self.process.folder)))

    def _stop(self, *_: int | FrameType | None) -> None:
        self._is_ending = True
        self.process.stop()


def require_slurm() -> None:
    """Raises `InputError` if jobs cannot be submitted from this machine."""
    if shutil.which("srun") is None:  # which submitit looks for as well
        remedy = "start the command on a machine of the cluster, or see examples/slurm"
        raise InputError(f"launcher=slurm: there is no SLURM here, no srun on PATH; {remedy}")


def submit_workers(
    config: SlurmLauncherConfig, arguments: Sequence[str], *, workers: int, study: str, folder: Path
) -> str:
    """Submits the workers as one job, an array if there are several, and returns its id.

    Args:
        config: The settings of the launcher.
        arguments: The arguments of Python with which each worker joins the study: -m halo.sweep and its settings.
        workers: The number of workers.
        study: The name of the study, for the job's name.
        folder: The folder for the files of submitit and the output of the workers, on a shared disk.

    Raises:
        InputError: There is no SLURM, or it refuses the job.
    """
    require_slurm()
    with packages_of_extra("sweep", purpose="launcher=slurm"):
        from submitit.core.utils import FailedJobError, FailedSubmissionError
    executor = _make_executor(config, study=study, folder=folder)
    worker = SlurmWorker(WorkerProcess(arguments, Path.cwd()))
    before = {*folder.glob("*"), *folder.glob(".*")}
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # submitit prints there what it raises as well
            jobs = executor.submit_array([worker] * workers)
    except (FailedJobError, FailedSubmissionError, OSError) as error:
        for file in {*folder.glob("*"), *folder.glob(".*")} - before:
            file.unlink()
        said = reason(error).removeprefix("sbatch: error: ")
        raise InputError(f"launcher=slurm: the job was refused ({said}); see the settings launcher.*") from error
    return str(jobs[0].job_id).partition("_")[0]


def _make_executor(config: SlurmLauncherConfig, *, study: str, folder: Path) -> "SlurmExecutor":
    from submitit import SlurmExecutor

    executor = SlurmExecutor(folder.absolute(), max_num_timeout=config.max_requeues)
    given: dict[str, Any] = {
        "job_name": f"halo-sweep-{study}",
        "partition": config.partition,
        "account": config.account,
        "qos": config.qos,
        "time": config.time_minutes,
        "signal_delay_s": config.signal_seconds,
        "cpus_per_task": config.cpus_per_worker,
        "gpus_per_node": config.gpus_per_worker or None,
        "mem": None if config.memory_gb is None else f"{round(config.memory_gb * 1024)}MB",
        "array_parallelism": config.max_parallel or 100_000,
        "setup": config.setup or None,
        "stderr_to_stdout": True,
        "additional_parameters": {
            name.lstrip("-"): value for name, value in config.options.items() if value is not False
        },
    }
    executor.update_parameters(wckey=None, **{name: value for name, value in given.items() if value is not None})
    return executor
