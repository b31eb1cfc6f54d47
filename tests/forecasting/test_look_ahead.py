"""A planted look-ahead is found, whatever its way; honest methods pass."""

import numpy as np
import pytest

from halo.forecasting.baselines import expanding, historical, persistence
from halo.forecasting.distributions import BinnedForecasts, Forecasts, NormalForecasts
from halo.forecasting.garch import garch
from halo.forecasting.history import Method
from halo.forecasting.look_ahead import check_no_look_ahead
from halo.runtime.errors import InputError
from halo.tokenization.value_bins import Floats, ValueBins, recent_sizes
from tests.support.series import garch_values, history_of

VALUES = garch_values(300)
HISTORY = history_of(VALUES)
POSITIONS = [240, 270, 299]


def bins_of_all_data(values_N: Floats, first: int, last: int) -> Forecasts:
    bins = ValueBins.fit(values_N, 10)
    return BinnedForecasts(bins, np.full((last - first, 10), 0.1), np.ones(last - first))


def shifted_by_one(values_N: Floats, first: int, last: int) -> Forecasts:
    return NormalForecasts(values_N[first:last], np.ones(last - first))


def size_with_its_own_value(values_N: Floats, first: int, last: int) -> Forecasts:
    sizes_N = recent_sizes(values_N, decay=0.9, initial=1.0)[1:]
    return NormalForecasts(np.zeros(last - first), sizes_N[first:last])


def spread_of_later_values(values_N: Floats, first: int, last: int) -> Forecasts:
    return NormalForecasts(np.zeros(last - first), np.full(last - first, values_N[first + 1 :].std() or 1.0))


@pytest.mark.parametrize("leak", [bins_of_all_data, shifted_by_one, size_with_its_own_value, spread_of_later_values])
def test_a_planted_leak_is_found(leak: Method) -> None:
    with pytest.raises(InputError, match=r"series x, planted: its forecast for 2020-.* looks ahead"):
        check_no_look_ahead({"planted": leak}, HISTORY, POSITIONS[:2])


def test_no_baseline_looks_ahead() -> None:
    methods = {"persistence": persistence(HISTORY), "historical": historical(HISTORY), "expanding": expanding(HISTORY)}
    methods["garch"] = garch(HISTORY, errors="normal", refit=20)
    methods["garch_t"] = garch(HISTORY, errors="t", refit=20)
    check_no_look_ahead(methods, HISTORY, POSITIONS)


def test_persistence_of_levels_does_not_look_ahead() -> None:
    history = history_of(VALUES.cumsum(), transform="none", seasonal_period=3)
    check_no_look_ahead({"persistence": persistence(history)}, history, POSITIONS)
