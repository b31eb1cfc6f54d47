"""The Diebold-Mariano test: its size without a difference, its power with one, and a value by hand."""

import math

import numpy as np
import pytest
from scipy.stats import t

from halo.forecasting.mean_differences import mean_interval


def test_the_statistic_by_hand() -> None:
    differences = np.array([1.0, -1.0, 2.0, 0.0, 1.0, 3.0, -2.0, 1.0, 0.0, 1.0, 2.0, -1.0])
    number, lags = len(differences), 2  # floor(4 (12 / 100)^(2/9))
    centred = differences - differences.mean()
    autocovariances = [(centred[lag:] * centred[: number - lag]).sum() / number for lag in range(lags + 1)]
    variance = autocovariances[0] + 2 * sum((1 - lag / (lags + 1)) * autocovariances[lag] for lag in (1, 2))
    statistic = differences.mean() / math.sqrt(variance / number) * math.sqrt((number - 1) / number)
    found = mean_interval(differences)
    assert found.p_value == pytest.approx(2 * t.sf(abs(statistic), number - 1))


def test_it_rarely_finds_a_difference_where_there_is_none() -> None:
    generator = np.random.default_rng(0)
    found = [mean_interval(generator.normal(size=100)).p_value < 0.05 for _ in range(300)]
    assert np.mean(found) < 0.1


def test_neighbouring_dates_that_depend_on_each_other_widen_the_interval() -> None:
    steps = np.random.default_rng(0).normal(size=400)
    smooth = np.convolve(steps, np.ones(5) / 5, mode="valid")
    independent = np.random.default_rng(1).permutation(smooth)
    smooth_low, independent_low = (mean_interval(each - each.mean()).low for each in (smooth, independent))
    assert smooth_low is not None
    assert independent_low is not None
    assert smooth_low < 1.4 * independent_low < 0


def test_few_dates_and_equal_scores() -> None:
    assert mean_interval(np.arange(9.0)).low is None
    assert mean_interval(np.zeros(50)).p_value == 1
    assert mean_interval(np.full(50, 0.1)).p_value == 0
