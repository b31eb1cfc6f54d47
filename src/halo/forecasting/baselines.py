"""Baselines that need no fitting: persistence, and the distribution of the values so far."""

import numpy as np

from halo.forecasting.distributions import BinnedForecasts, NormalForecasts
from halo.forecasting.history import Method, SeriesHistory, persistent
from halo.tokenization.value_bins import Floats


def persistence(history: SeriesHistory) -> Method:
    """Returns persistence: a normal distribution around no change, or around the last value for levels.

    Its standard deviation is the root of the mean square of its errors on the training part.
    """

    def forecast(values_N: Floats, first: int, last: int) -> NormalForecasts:
        spread_N = np.full(last - first, history.record.spread)
        return NormalForecasts(persistent(values_N, history.season, first, last), spread_N)

    return forecast


def historical(history: SeriesHistory) -> Method:
    """Returns the distribution of the training values, in the bins of the series: the same for every date."""

    def forecast(_: Floats, first: int, last: int) -> BinnedForecasts:
        counts_K = np.array(history.record.counts, dtype=np.float64)
        probabilities_NK = np.tile(counts_K / counts_K.sum(), (last - first, 1))
        return BinnedForecasts(history.record.plain_bins, probabilities_NK, np.ones(last - first))

    return forecast


def expanding(history: SeriesHistory) -> Method:
    """Returns the distribution of all values before each date, in the same bins."""

    def forecast(values_N: Floats, first: int, last: int) -> BinnedForecasts:
        bins, begin = history.record.plain_bins, history.num_training
        counts_K = np.array(history.record.counts, dtype=np.float64)
        counts_K += np.bincount(bins.numbers(values_N[begin:first]), minlength=len(bins))
        came_NK = np.eye(len(bins))[bins.numbers(values_N[first : last - 1])]
        counts_NK = counts_K + np.concatenate([np.zeros((1, len(bins))), np.cumsum(came_NK, axis=0)])
        probabilities_NK = counts_NK / counts_NK.sum(axis=1, keepdims=True)
        return BinnedForecasts(bins, probabilities_NK, np.ones(last - first))

    return forecast
