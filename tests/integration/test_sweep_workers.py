"""Two commands on one study, with each kind of storage, and workers that a cluster starts."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import optuna
import pytest
import yaml

from halo.sweeping.storage import open_storage
from tests.support.postgresql import PASSWORD, running_postgresql
from tests.support.slurm import JOB, add_slurm_to

pytestmark = [pytest.mark.exhaustive, pytest.mark.timeout(600)]  # whole runs, on a busy machine


def sweep(tiny: list[str], *settings: str, **environment: str) -> "subprocess.Popen[str]":
    """Starts a sweep of four short trials in the current folder."""
    study = ["study=two", "search_space=learning_rate", "sampler=random", "num_trials=4"]
    short = [*tiny, "trainer.max_epochs=1", "data.cache_dir=cache"]
    return subprocess.Popen(
        [sys.executable, "-m", "halo.sweep", *study, *settings, *short],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def require_complete(storage: str | None, *, workers: int) -> None:
    """Requires that each trial was completed once, and that all workers have had some."""
    folder = Path("outputs/sweep/two")
    trials = optuna.load_study(study_name="two", storage=open_storage(storage, folder)).trials
    assert [trial.state.name for trial in trials] == ["COMPLETE"] * 4
    assert len({trial.user_attrs["worker"] for trial in trials}) == workers
    assert all(len(trial.user_attrs["attempts"]) == 1 for trial in trials)
    assert sorted(run.name for run in (folder / "trials").iterdir()) == ["0000", "0001", "0002", "0003"]


@pytest.mark.parametrize("kind", ["journal", "sqlite", "postgresql"])
def test_two_commands_work_on_one_study(
    kind: str, tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(tmp_path)
    storage, settings = None, []
    if kind == "sqlite":
        storage = "sqlite:///sweeps.db"
    if kind == "postgresql":
        server = running_postgresql()
        request.addfinalizer(lambda: server.__exit__(None, None, None))
        storage = f"postgresql://halo:{quote(PASSWORD)}@{server.__enter__()}/postgres"
    if storage is not None:
        settings = [f"storage={storage}"]
    both = [sweep(tiny, *settings) for _ in range(2)]
    for each in both:
        printed, _ = each.communicate()
        assert each.returncode == 0, printed
        assert PASSWORD not in printed
        assert quote(PASSWORD) not in printed
    require_complete(storage, workers=2)
    written = Path("outputs/sweep/two/sweep.yaml").read_text(encoding="utf-8")
    assert PASSWORD not in written
    assert quote(PASSWORD) not in written
    assert yaml.safe_load(written)["study"] == "two"


def test_workers_of_slurm(tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    submitted = sweep(
        tiny, "launcher=slurm", "workers=2", "launcher.partition=short", **add_slurm_to(tmp_path / "slurm")
    )
    printed, _ = submitted.communicate()
    assert submitted.returncode == 0, printed
    assert f"Submitted 2 workers as SLURM job {JOB}" in printed
    assert "#SBATCH --partition=short" in (tmp_path / "slurm/options").read_text(encoding="utf-8").splitlines()
    batches = [tmp_path / f"slurm/batch-{task}" for task in (0, 1)]
    until = time.monotonic() + 500
    try:
        while not all("completed successfully" in each.read_text(encoding="utf-8") for each in batches):
            assert time.monotonic() < until, [each.read_text(encoding="utf-8") for each in batches]
            time.sleep(0.2)
    finally:
        for task in (tmp_path / "slurm/tasks").read_text(encoding="utf-8").split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(task), signal.SIGKILL)
    require_complete(None, workers=2)


def test_workers_of_ray(tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray", reason="needs the extra `ray`")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    process = sweep(tiny, "launcher=ray", "workers=2")
    printed, _ = process.communicate()
    assert process.returncode == 0, printed
    assert "A worker has ended with status 0; 0 workers left" in printed
    require_complete(None, workers=2)
