"""The script of examples/slurm trains, requeues itself when its time ends, and resumes; with stand-ins for SLURM."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import EXHAUSTIVE
from tests.support.slurm import JOB, add_slurm_to

ROOT = Path(__file__).parents[2]
PATIENCE = 200  # seconds


def wait_for(condition: Callable[[], bool], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, log.read_text(encoding="utf-8")
        time.sleep(0.1)


@EXHAUSTIVE
@pytest.mark.timeout(600)
def test_a_job_is_requeued_before_its_time_is_over_and_resumes(
    tiny: list[str], tmp_path: Path, corpus_file: Path
) -> None:
    slurm = tmp_path / "slurm"
    variables = add_slurm_to(slurm)
    (slurm / "bin" / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (slurm / "bin" / "python").chmod(0o755)
    environment = {**os.environ, **variables, "PYTHONPATH": str(ROOT / "src"), "SLURM_SUBMIT_DIR": str(tmp_path)}
    settings = [each for each in tiny if each != "trainer=cpu"]
    settings += [f"data.path={corpus_file}", "trainer.accelerator=cpu", "callbacks.resume.every_n_steps=10"]
    command = ["sbatch", str(ROOT / "examples" / "slurm" / "train.sbatch"), *settings, "trainer.max_epochs=60"]
    run, log = tmp_path / "outputs" / "slurm" / JOB, slurm / "batch-0"

    def submit() -> None:
        said = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        assert said.stdout == f"Submitted batch job {JOB}\n"

    submit()
    wait_for(lambda: bool([*run.glob("checkpoints/resume-*.ckpt")]), log)
    (task,) = (slurm / "tasks").read_text().split()
    os.kill(int(task), signal.SIGUSR1)
    wait_for((slurm / "requeued").exists, log)
    assert (slurm / "requeued").read_text() == f"requeue {JOB}\n"
    wait_for(lambda: "was requeued" in log.read_text(encoding="utf-8"), log)
    wait_for(lambda: not Path(f"/proc/{task}").exists(), log)
    assert not (run / "metrics.json").exists()
    submit()
    wait_for((run / "metrics.json").exists, log)
    assert "Resuming after step" in log.read_text(encoding="utf-8")
