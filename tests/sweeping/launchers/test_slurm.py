"""Tests of the launcher for SLURM: what is asked of sbatch, and that a worker that has to end is requeued in order."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from halo.config.launcher import SlurmLauncherConfig
from halo.runtime.errors import InputError
from halo.sweeping.launchers.slurm import SlurmWorker, submit_workers
from halo.sweeping.launchers.worker_process import WorkerProcess
from tests.support.slurm import JOB, add_slurm_to
from tests.sweeping.launchers.test_worker_process import WAITS, wait_for_text

CONFIG = SlurmLauncherConfig(
    name="slurm",
    partition="short",
    account=None,
    qos=None,
    time_minutes=30,
    signal_seconds=90,
    max_requeues=5,
    cpus_per_worker=2,
    gpus_per_worker=1,
    memory_gb=1.5,
    max_parallel=3,
    setup=["export SET_UP=1"],
    options={"constraint": "a100", "exclusive": True, "requeue": False},
)


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a stand-in for a cluster, whose commands are on PATH."""
    folder = tmp_path / "cluster"
    for name, value in add_slurm_to(folder).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return folder


def test_workers_are_one_array_job(cluster: Path, tmp_path: Path) -> None:
    command = ["-c", "import os; print(os.getcwd(), os.environ['SLURM_ARRAY_TASK_ID'], os.environ['SET_UP'])"]
    assert submit_workers(CONFIG, command, workers=2, study="lstm", folder=tmp_path / "workers") == JOB
    options = set((cluster / "options").read_text().splitlines())
    assert {
        "#SBATCH --partition=short",
        "#SBATCH --time=30",
        "#SBATCH --signal=USR2@90",
        "#SBATCH --cpus-per-task=2",
        "#SBATCH --gpus-per-node=1",
        "#SBATCH --mem=1536MB",
        "#SBATCH --array=0-1%2",
        "#SBATCH --job-name=halo-sweep-lstm",
        "#SBATCH --constraint=a100",
        "#SBATCH --exclusive",
    } <= options
    assert not any("requeue" in each or "qos" in each or "account" in each for each in options)
    for task in (0, 1):
        wait_for_text(cluster / f"batch-{task}", "completed successfully")
        assert f"{tmp_path} {task} 1" in (cluster / f"batch-{task}").read_text()


def test_a_worker_that_runs_out_of_time_is_requeued_after_its_checkpoints(cluster: Path, tmp_path: Path) -> None:
    folder = tmp_path / "workers"
    submit_workers(CONFIG, ["-c", WAITS], workers=1, study="lstm", folder=folder)
    wait_for_text(cluster / "batch-0", "started")
    pid = int((cluster / "tasks").read_text())
    os.kill(pid, signal.SIGUSR2)
    wait_for_text(cluster / "requeued", f"requeue {JOB}")
    printed = (cluster / "batch-0").read_text()
    assert "checkpoint\n" in printed
    (cluster / "requeued").unlink()
    again = subprocess.Popen(
        ["sh", cluster / "script-0.sh"], env=task_environment(), stdout=(cluster / "again").open("w")
    )
    wait_for_text(cluster / "again", "started")
    pid = int((cluster / "tasks").read_text().split()[-1])
    os.kill(pid, signal.SIGTERM)  # SLURM itself ends the job
    wait_for_text(cluster / "again", "checkpoint")
    time.sleep(0.3)
    assert again.poll() is None  # so that SLURM requeues it
    assert not (cluster / "requeued").exists()
    os.kill(pid, signal.SIGKILL)
    again.wait()


def task_environment() -> dict[str, str]:
    """Returns the environment of the task of a job that is no array."""
    return {**os.environ, "SLURM_JOB_ID": JOB, "SLURM_NTASKS": "1", "SLURM_PROCID": "0"}


@pytest.fixture
def own_handlers() -> Iterator[None]:
    """Restores the handler of the signal that a worker handles in its job."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("own_handlers")
def test_a_worker_runs_in_the_executors_of_submitit(tmp_path: Path) -> None:
    submitit = pytest.importorskip("submitit", reason="needs the extra `sweep`")
    command = ["-c", "import pathlib; pathlib.Path('done').touch()"]
    submitit.DebugExecutor(tmp_path / "debug").submit(SlurmWorker(WorkerProcess(command, tmp_path))).result()
    assert (tmp_path / "done").exists()


@pytest.mark.usefixtures("own_handlers")
def test_a_worker_that_fails_fails_its_job(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        SlurmWorker(WorkerProcess(["-c", "raise SystemExit(2)"], tmp_path))()
    assert ended.value.code == 2


def test_a_refused_job_is_one_line_and_leaves_nothing(
    cluster: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (cluster / "refuse").touch()
    with pytest.raises(InputError) as refused:
        submit_workers(CONFIG, [], workers=2, study="lstm", folder=tmp_path / "workers")
    expected = "the job was refused (invalid partition specified: nowhere); see the settings launcher.*"
    assert str(refused.value) == f"launcher=slurm: {expected}"
    assert list((tmp_path / "workers").iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_a_machine_without_slurm_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(
        InputError, match="launcher=slurm: there is no SLURM here, no srun on PATH; start the command on"
    ):
        submit_workers(replace(CONFIG), [], workers=1, study="lstm", folder=tmp_path / "workers")
