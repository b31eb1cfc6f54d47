"""Runs that signals end, and runs of several processes: what stops them, and what goes on from there."""

import json
import os
import re
import shutil
import signal
import stat
from pathlib import Path

import pytest

from halo.training.resume.resume_checkpoints import find_resume_checkpoints, requeue
from halo.training.resume.stop_signals import StopSignals
from tests.support.killing import EVERY_20, start, train_in_child, wait_for
from tests.support.same_runs import differences


def test_two_processes_go_on_and_one_takes_over_from_them(
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
    assert train_in_child([*(each for each in base if each != "trainer=ddp_cpu"), "resume=fewer"]) == 0
    assert "Continued with 1 processes in place of 2: streams are shared out anew" in Path("printed.txt").read_text()
    one, two = (json.loads(Path(run, "metrics.json").read_text()) for run in ("whole", "fewer"))
    assert one["validation_perplexity"] == pytest.approx(two["validation_perplexity"], rel=0.02)
    assert one["validation_perplexity"] != two["validation_perplexity"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_run_that_says_how_to_go_on(
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
        rf"stopped by {number.name} after step (\d+); go on with (python -m halo\.train .*resume=run)", line
    )
    assert match, line
    (point,) = find_resume_checkpoints(Path("run/checkpoints"))
    assert point.step == int(match[1])


def test_a_second_interrupt_does_not_wait() -> None:
    signals = StopSignals()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with signals.restored():
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # as Lightning does
            signals.listen()
            os.kill(os.getpid(), signal.SIGINT)
            assert signals.received == signal.SIGINT
            with pytest.raises(KeyboardInterrupt):
                os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_slurm_puts_the_job_back_into_the_queue(
    tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    assert "SLURM job 4711 put back into the queue" in out
    assert find_resume_checkpoints(Path("run/checkpoints"))


def test_where_slurm_cannot_be_asked_the_run_still_stops_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert requeue("4711") == "not put back into the queue: scontrol: No such file or directory"
