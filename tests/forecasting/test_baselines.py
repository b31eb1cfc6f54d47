"""Baselines by hand."""

from typing import Any

import numpy as np
import pytest

from halo.forecasting.baselines import expanding, historical, persistence
from tests.support.series import history_of

VALUES = np.random.default_rng(0).normal(size=100).cumsum()


def test_persistence_of_levels_is_the_value_a_season_earlier() -> None:
    history = history_of(VALUES, transform="none", seasonal_period=4)
    forecasts: Any = persistence(history)(VALUES, 80, 101)
    assert (forecasts.means_N == VALUES[76:97]).all()
    errors = VALUES[4:60] - VALUES[:56]
    assert forecasts.deviations_N[0] == pytest.approx(np.sqrt((errors**2).mean()))


def test_persistence_of_changes_is_no_change() -> None:
    forecasts: Any = persistence(history_of(VALUES))(VALUES, 80, 101)
    assert (forecasts.means_N == 0).all()
    assert forecasts.deviations_N[0] == pytest.approx(np.sqrt((VALUES[:60] ** 2).mean()))


def test_the_historical_distribution_is_that_of_training() -> None:
    forecasts: Any = historical(history_of(VALUES))(VALUES, 80, 101)
    np.testing.assert_allclose(forecasts.probabilities_NK, 0.1)


def test_the_expanding_distribution_has_all_values_before() -> None:
    history = history_of(VALUES)
    forecasts: Any = expanding(history)(VALUES, 80, 101)
    for row, position in ((0, 80), (7, 87), (20, 100)):
        counts = np.bincount(history.record.plain_bins.numbers(VALUES[:position]), minlength=10)
        np.testing.assert_allclose(forecasts.probabilities_NK[row], counts / position)
