"""Intervals and tests agree with SciPy and statsmodels, and with what they mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from halo.evaluation.bootstrap import bootstrap_interval
from halo.scoring.comparison.statistics import mcnemar_p_value, sign_flip_p_value, wilson_interval


@given(st.integers(1, 500).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_wilson_interval_is_that_of_scipy(counts: tuple[int, int]) -> None:
    expected = binomtest(*counts).proportion_ci(method="wilson")
    assert wilson_interval(*counts) == pytest.approx((expected.low, expected.high), abs=1e-12)


@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_is_an_exact_binomial_test(first: int, second: int) -> None:
    expected = binomtest(first, first + second).pvalue if first + second else 1.0
    assert mcnemar_p_value(first, second) == pytest.approx(expected, rel=1e-9)


def test_many_items_do_not_overflow() -> None:
    assert mcnemar_p_value(30_000, 31_000) == pytest.approx(binomtest(30_000, 61_000).pvalue, rel=1e-6)


def test_bootstrap_interval_contains_the_mean_and_narrows() -> None:
    values = np.random.default_rng(1).normal(2, 1, size=400)
    narrow, wide = (bootstrap_interval(values[:size], np.ones(size)) for size in (400, 40))
    assert narrow is not None
    assert wide is not None
    assert narrow.low < values.mean() < narrow.high
    assert narrow.high - narrow.low < wide.high - wide.low
    assert bootstrap_interval(values[:1], np.ones(1)) is None


def test_sign_flips_of_many_groups_are_sampled() -> None:
    clear, none = np.full(40, 0.1), np.tile([0.1, -0.1], 20)
    assert sign_flip_p_value(clear) == pytest.approx(1 / 2001)
    assert sign_flip_p_value(none) == pytest.approx(0.56, abs=0.1)
    assert sign_flip_p_value(clear[:1]) is None
