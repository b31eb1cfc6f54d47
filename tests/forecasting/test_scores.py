"""Scores of calibrated and of wrong forecasts."""

import numpy as np
import pytest

from halo.forecasting.distributions import NormalForecasts
from halo.forecasting.scores import Scores

VALUES = np.random.default_rng(0).normal(size=2000)


def scores(deviation: float) -> Scores:
    return Scores.of(NormalForecasts(np.zeros(2000), np.full(2000, deviation)), VALUES)


def test_the_true_distribution_covers_what_it_should() -> None:
    figures = scores(1.0).as_dict()
    for name, share in figures["coverage"].items():
        low, high = figures["coverage_interval"][name]
        assert low <= share <= high
        assert share == pytest.approx(int(name) / 100, abs=0.03)
    assert figures["pit_p_value"] > 0.01
    assert sum(figures["pit_histogram"]) == pytest.approx(1)
    low, high = figures["log_score_interval"]
    assert low < -(1 + np.log(2 * np.pi)) / 2 < high


def test_a_narrow_distribution_scores_worse_and_is_not_calibrated() -> None:
    narrow, true = scores(0.4).as_dict(), scores(1.0).as_dict()
    assert narrow["log_score"] < true["log_score"]
    assert narrow["crps"] > true["crps"]
    assert narrow["coverage"]["95"] < 0.7
    assert narrow["pit_p_value"] < 1e-6
    assert narrow["pit_histogram"][0] > 0.2
