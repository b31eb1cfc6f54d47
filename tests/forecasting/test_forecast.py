"""Whole forecasts of a small model: a planted pattern is found, and what cannot be forecast is one line."""

import contextlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from halo.forecasting.forecast import SeriesForecast, forecast_series, open_series
from halo.forecasting.look_ahead import check_no_look_ahead
from halo.forecasting.model_forecasts import model_method
from halo.runtime.errors import InputError
from tests.conftest import run_command
from tests.forecasting.conftest import Trained
from tests.support.series import write_table

pytestmark = pytest.mark.slow


def test_a_planted_pattern_is_found(pattern_forecast: SeriesForecast) -> None:
    assert pattern_forecast.verdict.startswith("better than persistence, ")
    assert "no better" not in pattern_forecast.verdict
    assert [*pattern_forecast.scores] == ["model", "persistence", "historical", "expanding", "garch", "garch_t"]
    assert pattern_forecast.num_dates == 60
    assert str(pattern_forecast.dates[0])[:10] == "2021-06-25"


def test_the_next_date_continues_the_pattern(pattern_forecast: SeriesForecast) -> None:
    quantiles = pattern_forecast.upcoming["model"].quantiles(np.array([0.1, 0.9]))
    assert quantiles.shape == (1, 2)
    assert quantiles[0, 0] > -0.005  # the first of a cycle goes up


def test_the_model_does_not_look_ahead(pattern_run: Trained) -> None:
    with contextlib.chdir(pattern_run.started_in):
        (history,) = open_series(pattern_run.bundle, None).histories
    bundle = pattern_run.bundle
    check_no_look_ahead({"model": model_method(bundle.model, bundle.tokenizer, history)}, history, [540, 570, 599])


def test_a_newer_table_goes_on(pattern_run: Trained, tmp_path: Path) -> None:
    old = (pattern_run.started_in / "prices.csv").read_text()
    newer = tmp_path / "newer.csv"
    newer.write_text(old + "2021-08-24,300\n2021-08-25,310\n")
    opened = open_series(pattern_run.bundle, str(newer))
    assert opened.notes == []
    assert forecast_series(pattern_run.bundle, opened.histories[0], split="test", refit=60).num_dates == 62


def test_a_table_without_the_past_is_forecast_and_says_so(pattern_run: Trained, tmp_path: Path) -> None:
    lines = (pattern_run.started_in / "prices.csv").read_text().splitlines()
    newer = tmp_path / "newer.csv"
    newer.write_text("\n".join([lines[0], *lines[-30:]]) + "\n")
    opened = open_series(pattern_run.bundle, str(newer))
    assert "the table begins after" in opened.notes[0]
    forecast = forecast_series(pattern_run.bundle, opened.histories[0], split="test", refit=60)
    assert forecast.num_dates == 28  # of 29 changes the first has no past
    assert forecast.notes == ["GARCH(1,1) is left out: it is fitted on 100 past values or more, not 1."]


def test_what_cannot_be_forecast_is_one_line(pattern_run: Trained, tmp_path: Path) -> None:
    bundle = pattern_run.bundle
    with pytest.raises(
        InputError, match=r"a model of text; halo\.forecast needs one that was trained with data=series"
    ):
        open_series(replace(bundle, series_bins=None), None)
    other = write_table(tmp_path / "other.csv", y=np.arange(1.0, 50.0))
    with pytest.raises(InputError, match=r"path=.*other\.csv: no series x; it has y"):
        open_series(bundle, str(other))
    lines = (pattern_run.started_in / "prices.csv").read_text().splitlines()
    short = tmp_path / "short.csv"
    short.write_text("\n".join(lines[:300]) + "\n")
    (history,) = open_series(bundle, str(short)).histories
    with pytest.raises(InputError, match="series x: no test dates after 2021-06-24; give path=FILE with later ones"):
        forecast_series(bundle, history, split="test", refit=60)


def test_a_revised_table_is_not_taken_for_that_of_the_training(pattern_run: Trained, tmp_path: Path) -> None:
    revised = tmp_path / "prices.csv"
    lines = (pattern_run.started_in / "prices.csv").read_text().splitlines()
    lines[5] = f"{lines[5].partition(',')[0]},99"
    revised.write_text("\n".join(lines) + "\n")
    with contextlib.chdir(tmp_path), pytest.raises(InputError, match="have changed since the model was trained"):
        open_series(pattern_run.bundle, None)
    assert "are not those that the model was trained on" in open_series(pattern_run.bundle, str(revised)).notes[0]


def test_a_series_is_trained_on_and_forecast(pattern_run: Trained, capsys: pytest.CaptureFixture[str]) -> None:
    printed = (pattern_run.started_in / "printed.txt").read_text(encoding="utf-8")
    assert "│ train      │ 2020-01-02 │ 2021-04-25 │" in printed
    assert "python -m halo.forecast run=run" in printed
    assert "Samples" not in printed
    with contextlib.chdir(pattern_run.started_in):
        assert run_command("forecast", ["run", "split=validation", "refit=60"]) == 0
    out = capsys.readouterr().out
    assert "of each of 60 validation dates" in out
    assert "Verdict: better than persistence" in out
    assert {file.name for file in pattern_run.started_in.glob("outputs/forecast/*/*/*") if file.is_file()} >= {
        *("forecasts.csv", "forecast.html", "metrics.json"),
    }


def test_a_bundle_needs_no_corpus(pattern_run: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pattern_run.folder / "bundle").rename(tmp_path / "moved")
    try:
        with contextlib.chdir(tmp_path):
            table = pattern_run.started_in / "prices.csv"
            assert run_command("forecast", ["moved", f"path={table}", "refit=60"]) == 0
            assert run_command("forecast", ["moved"]) == 2
    finally:
        (tmp_path / "moved").rename(pattern_run.folder / "bundle")
    captured = capsys.readouterr()
    assert "Next log return, after 2021-08-23" in captured.out
    assert captured.err.count("error: ") == 1
