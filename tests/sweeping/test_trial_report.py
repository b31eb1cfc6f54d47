"""A run that is a trial reports to its study, and ends after its sweep."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from halo.config.commands.sweep import MedianPrunerConfig
from halo.sweeping.trial_report import TRIAL, TrialOfSweep, ValidationReporter
from tests.support.studying import open_trials

PRUNER = MedianPrunerConfig(name="median", num_startup_trials=1, num_warmup_validations=0)


def test_a_trial_is_described_by_an_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = TrialOfSweep("folder", None, "study", 4, PRUNER)
    monkeypatch.delenv(TRIAL, raising=False)
    assert TrialOfSweep.of_environment() is None
    monkeypatch.setenv(TRIAL, trial.as_variable())
    assert TrialOfSweep.of_environment() == trial


def test_validations_are_recorded_and_a_worse_trial_is_pruned(tmp_path: Path) -> None:
    trials = open_trials(tmp_path)
    outcomes = []
    for perplexity in (100.0, 90.0, 110.0, float("nan")):
        claim = trials.next() if len(trials.all()) < trials.num_trials else None
        if claim is None:
            trials.num_trials += 1
            claim = trials.next()
        assert claim is not None
        report = ValidationReporter(TrialOfSweep(str(tmp_path), None, "test", claim.number, PRUNER))
        outcomes.append(report(1, perplexity))
        trials.finish(claim, "pruned" if outcomes[-1] else "complete", values=None if outcomes[-1] else [perplexity])
    assert outcomes == [False, False, True, True]
    assert trials.all()[2].intermediate_values == {1: 110.0}


def test_a_storage_that_is_gone_does_not_end_the_training(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    report = ValidationReporter(TrialOfSweep(str(tmp_path / "nowhere"), None, "test", 0, PRUNER))
    assert report(1, 5.0) is False
    assert "does not learn of this validation" in caplog.text


def test_a_trial_is_stopped_when_its_worker_is_gone() -> None:
    trial = (
        "import time; from halo.sweeping.trial_report import stop_with_worker; stop_with_worker(); print(0, flush=True)"
    )
    worker = (
        "import subprocess, sys; "
        f"trial = subprocess.Popen([sys.executable, '-c', {trial + '; time.sleep(60)'!r}], stdout=subprocess.PIPE); "
        "trial.stdout.readline(); print(trial.pid, flush=True)"  # and ends without the trial
    )
    done = subprocess.run([sys.executable, "-c", worker], capture_output=True, text=True, timeout=60, check=True)
    process = int(done.stdout)
    deadline = 100
    while deadline and Path(f"/proc/{process}").exists() and "Z" not in state(process):
        subprocess.run(["sleep", "0.1"], check=True)
        deadline -= 1
    assert deadline, f"process {process} goes on; {signal.SIGTERM.name} was expected"


def state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"
