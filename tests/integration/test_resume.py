"""Whole runs that are killed, interrupted or moved to another number of processes resume as if never stopped."""

import json
import os
import re
import shutil
import signal
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from halo.training.resume.checkpoint_files import find_resume_checkpoints
from tests.conftest import EXHAUSTIVE, Outcome
from tests.support.killing import EVERY_20, start, train_in_child, wait_for
from tests.support.same_runs import differences

Command = Callable[..., Outcome]

KINDS = {
    "lstm": ["model.dropout_weights=0.2", "averaging=ema", "audit.canaries=1"],
    "awd_lstm": [
        *("model=awd_lstm", "model.last_hidden=8", "model.layers=2", "data.variable_sequence_length=true", "optim=sgd"),
        *("optim.lr=20", "schedule=constant", "averaging=nt_asgd", "averaging.patience=0"),
        *("trainer.val_check_interval=0.3", "callbacks.early_stopping.patience=50"),
    ],
    "transformer": ["model=transformer", "model.heads=2", "model.context=20", "schedule=plateau"],
}


def settings(tiny: list[str], kind: str, folder: str) -> list[str]:
    return [*tiny, *EVERY_20, *KINDS[kind], f"run_dir={folder}", "data.cache_dir=cache"]


def printed() -> str:
    return Path("printed.txt").read_text(encoding="utf-8")


@EXHAUSTIVE
def test_a_multirun_goes_on_with_the_jobs_that_have_not_finished(command: Command, tiny: list[str]) -> None:
    sweep = ["-m", *tiny, "trainer.max_epochs=1", "run_dir=jobs"]
    assert command("train", *sweep, "seed=1").code == 0
    finished = Path("jobs/0/metrics.json").stat().st_mtime_ns
    again = command("train", *sweep, "seed=1,2", "resume=auto")
    assert again.code == 0, again.err
    assert "Finished before, and not repeated: jobs/0" in again.out
    assert Path("jobs/0/metrics.json").stat().st_mtime_ns == finished
    rows = Path("jobs/sweep.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert sorted(row[:2] for row in rows) == ["0,", "1,"]
    assert re.search(r"│ 0-1 +│ 2 │ +\d+\.\d+ ± ", again.out)


@pytest.mark.parametrize(
    ("kind", "moments"),
    [
        ("lstm", ["step:47", "checkpoint:3", "validation:2", "measuring:1"]),
        pytest.param("awd_lstm", ["step:47", "validation:2"], marks=EXHAUSTIVE),
        pytest.param("transformer", ["step:47", "measuring:1"], marks=EXHAUSTIVE),
    ],
)
def test_a_killed_run_ends_bit_for_bit_like_an_uninterrupted_one(
    kind: str, moments: list[str], tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    whole, killed = settings(tiny, kind, "whole"), [*settings(tiny, kind, "killed"), "resume=auto"]
    assert train_in_child(whole) == 0
    for moment in moments:
        assert train_in_child(killed, kill_at=moment) == -signal.SIGKILL, printed()[-2000:]
    assert train_in_child(killed) == 0
    assert "Resuming after step 40" in printed()
    assert differences(Path("whole"), Path("killed")) == []
    assert len(find_resume_checkpoints(Path("killed/checkpoints"))) == 2
    assert not list(Path("killed/checkpoints").glob(".*"))


@pytest.mark.exhaustive
def test_a_run_of_two_processes_resumes_with_two_and_with_one(
    tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    base = [*tiny, *EVERY_20, "data.cache_dir=cache", "trainer=ddp_cpu", "trainer.max_epochs=1"]
    whole = start([*base, "run_dir=whole"])
    killed = [*base, "run_dir=killed", "resume=auto"]
    assert start(killed, HALO_KILL="step:27").wait() == -signal.SIGKILL
    shutil.copytree("killed", "fewer")
    again = start(killed)
    out, err = again.communicate()
    assert again.returncode == 0, err
    assert "Resuming after step 20" in out
    whole.communicate()
    assert whole.returncode == 0
    assert differences(Path("whole"), Path("killed")) == []
    resumed_alone = train_in_child([*(each for each in base if each != "trainer=ddp_cpu"), "resume=fewer"])
    assert resumed_alone == 0, printed()[-2000:]
    assert "Resumed with 1 processes instead of 2: streams are redistributed" in printed()
    one, two = (json.loads(Path(run, "metrics.json").read_text(encoding="utf-8")) for run in ("whole", "fewer"))
    assert one["validation_perplexity"] == pytest.approx(two["validation_perplexity"], rel=0.02)
    assert one["validation_perplexity"] != two["validation_perplexity"]


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGTERM,
        *(pytest.param(each, marks=EXHAUSTIVE) for each in (signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)),
    ],
)
def test_a_signal_stops_a_run_which_prints_how_to_resume(
    number: signal.Signals, tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    process = start(
        [
            *tiny,
            "run_dir=run",
            "data.cache_dir=cache",
            "trainer.max_epochs=500",
            "callbacks.early_stopping.patience=500",
        ]
    )
    wait_for(lambda: Path("run/checkpoints/best.ckpt").exists(), process)
    process.send_signal(number)
    _, err = process.communicate()
    assert process.returncode == 128 + number
    (line,) = err.splitlines()
    match = re.fullmatch(
        rf"stopped by {number.name} after step (\d+); resume with `(python -m halo\.train .*resume=run)`", line
    )
    assert match, line
    (checkpoint,) = find_resume_checkpoints(Path("run/checkpoints"))
    assert checkpoint.step == int(match[1])


@pytest.mark.exhaustive
def test_slurm_requeues_the_job(tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scontrol = tmp_path / "bin" / "scontrol"
    scontrol.parent.mkdir()
    scontrol.write_text(f"#!/bin/sh\necho $@ > {tmp_path}/asked\n")
    scontrol.chmod(scontrol.stat().st_mode | stat.S_IXUSR)
    arguments = [
        *tiny,
        "run_dir=run",
        "data.cache_dir=cache",
        "trainer.max_epochs=500",
        "callbacks.early_stopping.patience=500",
    ]
    process = start(
        arguments, PATH=f"{scontrol.parent}:{os.environ['PATH']}", SLURM_JOB_ID="4711", SLURM_JOB_NAME="interactive"
    )
    wait_for(lambda: Path("run/checkpoints/best.ckpt").exists(), process)
    process.send_signal(signal.SIGUSR1)
    out, err = process.communicate()
    assert process.returncode == 128 + signal.SIGUSR1, err
    assert (tmp_path / "asked").read_text().strip() == "requeue 4711"
    assert "SLURM job 4711 was requeued" in out
    assert find_resume_checkpoints(Path("run/checkpoints"))


@pytest.mark.exhaustive
def test_runs_of_several_seeds_resume(command: Command, tiny: list[str], tmp_path: Path) -> None:
    arguments = [
        *tiny,
        *EVERY_20,
        "data.cache_dir=cache",
        "run_dir=run",
        "trainer.max_epochs=1",
        "seeds=2",
        "resume=auto",
    ]
    assert train_in_child(arguments, kill_at="step:30") == -signal.SIGKILL
    outcome = command("train", *arguments)
    assert outcome.code == 0, outcome.err
    assert "Resuming after step 20, from run/seed_" in outcome.out  # of either seed: they are trained side by side
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["seeds"].keys() == {"1", "2"}
