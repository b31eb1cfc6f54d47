"""The results of a sweep: a table in 80 columns, sweep.csv, and the command of the best trial."""

import csv
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from halo.sweeping.results.summary import results_table, summarise
from halo.sweeping.trials import Trials
from tests.support.studying import SPACE, open_trials


def finished(folder: Path, *, num_trials: int = 3, space: Mapping[str, Any] = SPACE) -> Trials:
    """Returns a study of which trial 1 is best, trial 0 was pruned, and the last has failed."""
    trials = open_trials(folder, num_trials=num_trials, space=space)
    while (claim := trials.next()) is not None:
        trials.begin(claim, worker="here", now=10.0)
        trials.end_attempt(claim, "complete", now=70.0)
        if claim.number == 0:
            trials._storage.set_trial_intermediate_value(claim.trial_id, 1, 99.0)
            trials.finish(claim, "pruned")
        elif claim.number == num_trials - 1:
            trials.finish(claim, "fail", reason="loss not finite")
        else:
            trials.finish(claim, "complete", values=[50.0 + claim.number])
    return trials


def test_the_table_has_the_best_first_and_fits_80_columns(tmp_path: Path) -> None:
    trials = finished(tmp_path / "small", num_trials=4)
    text = results_table(
        sorted(trials.all(), key=lambda each: each.number), tmp_path / "small", ["validation_perplexity"]
    )
    assert "│ 1     │" in text
    assert "51.00" in text
    assert "(99.00)" in text
    assert "failed" in text
    space = {f"model.a_setting_with_a_long_name_{number}": [1, 2] for number in range(5)}
    wide = finished(tmp_path / "wide", space=space)
    for drawn in (text, results_table(wide.all(), tmp_path / "wide", ["validation_perplexity"])):
        assert max(map(len, drawn.splitlines()[1:])) <= 80


def test_results_are_printed_and_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    trials = finished(tmp_path, num_trials=13)
    summarise(trials, ["validation_perplexity"], lambda values: f"halo.train lr={values['optim.lr']:g}")
    best = trials.all()[1].params["optim.lr"]
    assert f"Trial 1 again, as a run of its own:\n  halo.train lr={best:g}" in caplog.messages
    assert any(message.startswith("Importance for validation: ") for message in caplog.messages)
    with (tmp_path / "sweep.csv").open(encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)]
    assert [rows[0]["trial"], rows[0]["status"], rows[0]["validation_perplexity"]] == ["1", "finished", "51.0"]
    assert rows[-1]["reason"] == "loss not finite"


def test_a_study_without_a_finished_trial_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    summarise(finished(tmp_path, num_trials=2), ["validation_perplexity"], lambda _: "")
    assert "No trial was finished" in caplog.text
