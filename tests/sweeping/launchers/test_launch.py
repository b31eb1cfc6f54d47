"""Tests of the launchers' common part: which command the workers get, and what is said about them."""

from pathlib import Path

import pytest

from halo.sweeping.launchers import launch
from tests.sweeping.launchers.test_ray_cluster import CONFIG as RAY
from tests.sweeping.launchers.test_slurm import CONFIG as SLURM

JOIN = ["-m", "halo.sweep", "study=a", "launcher=local", "workers=1"]


def test_slurm_workers_are_submitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    caplog.set_level("INFO")
    seen = []

    def submit(*given: object, **named: object) -> str:
        seen.append((given, named))
        return "4711"

    monkeypatch.setattr(launch, "submit_workers", submit)
    given = ["study=a", "launcher=slurm", "workers=8"]
    assert not launch.launch_workers(SLURM, given, workers=8, study="a", folder=tmp_path / "a")
    assert seen == [((SLURM, JOIN), {"workers": 8, "study": "a", "folder": tmp_path / "a/workers"})]
    assert "Submitted 8 workers as SLURM job 4711, whose output is in a/workers.\n  squeue --jobs=4711" in caplog.text


def test_ray_workers_are_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(launch, "run_workers", lambda *given, **named: seen.append((given, named)))
    given = ["study=a", "launcher=ray", "++launcher.address=auto"]
    assert launch.launch_workers(RAY, given, workers=1, study="a", folder=tmp_path)
    assert seen == [((RAY, JOIN), {"workers": 1, "folder": tmp_path / "workers"})]
