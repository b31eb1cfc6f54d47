"""A logarithmic axis has at least three ticks, whatever its range, and labels that differ."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.reports.axis_ticks import log_ticks, padded_range, tick_label


@pytest.mark.parametrize(
    "values", [[75.0, 85.0], [1e34, 60.0], [200.0], [80.0, 80.0001], [1.0, 1.02], [2.2e30], [90.0, 900.0]]
)
def test_an_axis_has_three_ticks_or_more(values: list[float]) -> None:
    low, high = padded_range(values)
    ticks = log_ticks(low, high)
    assert all(isinstance(tick, float) for tick in ticks)  # NumPy has no logarithm of a large int
    assert 3 <= len(ticks) <= 9
    assert low < min(values)
    assert max(values) < high
    assert all(low <= tick <= high for tick in ticks)


@given(st.floats(-6, 30), st.floats(0.01, 40))
def test_labels_differ(exponent: float, width: float) -> None:
    low = 10**exponent
    labels = [tick_label(tick) for tick in log_ticks(low, low * 10**width)]
    assert len(labels) >= 3
    assert len(set(labels)) == len(labels)
    assert max(map(len, labels)) <= 9


def test_labels_are_short_although_powers_of_ten_are_not_exact() -> None:
    rates = [1e-5 * (1e3 / 1e-5) ** (step / 8) for step in range(9)]
    assert [tick_label(rate) for rate in rates] == ["1e-5", "1e-4", "0.001", "0.01", "0.1", "1", "10", "100", "1,000"]
    assert tick_label(math.nextafter(1e-5, 0)) == "1e-5"
