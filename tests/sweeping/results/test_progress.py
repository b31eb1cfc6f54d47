"""A line for each trial that ends."""

import logging
from pathlib import Path

import pytest

from halo.sweeping.results.progress import TrialLog, short_settings
from tests.support.studying import coordinate, open_trials


def test_a_trial_that_ends_is_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    trials = open_trials(tmp_path, num_trials=2)
    log = TrialLog(trials, ["validation_perplexity"])
    log.begin(workers=1)
    coordinator, _ = coordinate(trials)
    coordinator.on_end = log.add
    coordinator.run()
    first, second, third = (" ".join(message.split()) for message in caplog.messages)
    assert first.endswith("2 trials")
    assert second.startswith("Trial 0: ")
    assert "validation 100.00; best 100.00 (trial 0); 1 left, about " in second
    assert third.endswith("validation 101.00; best 100.00 (trial 0)")
    assert max(len(line) for message in caplog.messages for line in message.splitlines()) <= 80


def test_settings_are_short() -> None:
    assert short_settings({"optim.lr": 0.123456, "model": "gru", "a.b": None}) == "lr=0.1235 model=gru b=null"
