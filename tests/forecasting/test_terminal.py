"""The tables for the terminal fit it, and say what they should."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from halo.forecasting.forecast import SeriesForecast
from halo.forecasting.terminal import report

pytestmark = pytest.mark.slow


def test_tables_fit_the_terminal_and_end_with_a_verdict(pattern_forecast: SeriesForecast) -> None:
    text = report([pattern_forecast], split="test")
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "Verdict: better than persistence" in text
    assert text.count("no trading advice") == 1
    assert "│   as a value │" in text


def test_of_many_series_the_others_have_a_verdict(pattern_forecast: SeriesForecast) -> None:
    text = report([pattern_forecast] * 6, split="test")
    assert "Tables of 2 more series are in forecast.html" in text
    assert text.count("\nx: better than") == 2


def test_without_tests_it_says_that_dates_are_too_few(pattern_forecast: SeriesForecast) -> None:
    few = replace(pattern_forecast, tests={}, upcoming={})
    assert "Verdict: too few dates to tell" in report([few], split="test")
