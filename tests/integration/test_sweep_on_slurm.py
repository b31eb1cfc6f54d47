"""A sweep in a SLURM job: the example's command, and what it says when a signal has stopped it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from halo import sweep
from halo.sweeping.workers.coordinator import SweepStopped
from tests.support.slurm import add_slurm_to


def test_a_requeued_sweep_says_so_without_a_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {**add_slurm_to(tmp_path), "SLURM_JOB_ID": "4711", "SLURM_JOB_NAME": "interactive"}.items():
        monkeypatch.setenv(name, value)

    def stop(*_: object, **__: object) -> None:
        raise SweepStopped(signal.SIGUSR1, [3])

    monkeypatch.setattr("halo.sweeping.command.sweep.run_sweep", stop)
    monkeypatch.setattr(sys, "argv", ["halo.sweep", "storage=postgresql://ada:secret@host/sweeps", "study=a"])
    with pytest.raises(SystemExit) as ended:
        sweep.main()
    assert ended.value.code == 128 + signal.SIGUSR1
    assert (tmp_path / "requeued").read_text(encoding="utf-8") == "requeue 4711\n"
    printed = capsys.readouterr()
    assert "SLURM job 4711 was requeued" in printed.out
    command = "python -m halo.sweep storage=postgresql://ada:***@host/sweeps study=a"
    assert printed.err == f"stopped by SIGUSR1 with 1 unfinished trial (3); `{command}` goes on with them\n"


def test_the_example_becomes_a_worker() -> None:
    example = Path(__file__).parents[2] / "examples" / "slurm" / "sweep.sbatch"
    command = ["bash", str(example), "study=a", "num_trials=9"]
    done = subprocess.run(command, env={**os.environ, "PYTHON": "echo"}, capture_output=True, text=True, check=True)
    assert done.stdout == "-m halo.sweep workers=1 study=a num_trials=9\n"
