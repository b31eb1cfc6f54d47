"""Bins of values: as many training values in each, fewer where they are equal, and a size that only knows the past."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.tokenization.value_bins import ValueBins, recent_sizes


def test_bins_hold_equally_many_training_values() -> None:
    values = np.random.default_rng(0).normal(size=400)
    bins = ValueBins.fit(values, 20)
    counts = np.bincount(bins.numbers(values))
    assert len(counts) == 20
    assert np.abs(counts - 20).max() <= 1


def test_the_tails_decay_at_the_mean_distance_of_their_training_values() -> None:
    bins = ValueBins.fit(np.array([-9.0, -1.0, 1.0, 2.0, 3.0, 13.0]), 3)
    assert bins.edges == (-1.0, 2.0)
    assert (bins.lower_decay, bins.upper_decay) == (4.0, 6.0)


@given(st.lists(st.integers(-3, 3), min_size=5, max_size=60).filter(lambda each: len({*each}) > 1), st.integers(2, 12))
def test_equal_values_give_fewer_bins_and_none_is_empty(numbers: list[int], num_bins: int) -> None:
    values = np.array(numbers, dtype=np.float64)
    bins = ValueBins.fit(values, num_bins)
    counts = np.bincount(bins.numbers(values), minlength=len(bins))
    assert 2 <= len(bins) <= min(num_bins, len({*numbers}))
    assert (counts > 0).all()
    assert min(bins.lower_decay, bins.upper_decay) > 0


def test_a_recent_size_follows_from_values_before_it_only() -> None:
    values = np.random.default_rng(1).normal(size=50)
    changed = values.copy()
    changed[20:] *= 100
    sizes, others = (recent_sizes(each, decay=0.9, initial=1.0) for each in (values, changed))
    assert (sizes[:21] == others[:21]).all()
    assert (sizes[21:] < others[21:]).all()


def test_a_recent_size_never_becomes_0() -> None:
    assert recent_sizes(np.zeros(5000), decay=0.5, initial=2.0)[-1] == pytest.approx(0.002)
