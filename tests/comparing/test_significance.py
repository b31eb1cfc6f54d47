"""Intervals that hold their probability, p-values that are uniform where nothing differs, and Student's t."""

import math

import numpy as np
import pytest

from halo.comparing.significance import holm, paired_bootstrap, welch_test

COMPARISONS = 250


@pytest.mark.parametrize("num_documents", [8, 15])
def test_the_interval_covers_the_difference_and_p_values_are_uniform_without_one(num_documents: int) -> None:
    generator = np.random.default_rng(1)
    sizes = generator.integers(200, 4000, num_documents)
    skewed = generator.exponential(0.02, (num_documents, COMPARISONS)) - 0.02
    noise = generator.normal(0, 0.03, (num_documents, COMPARISONS)) + skewed
    found = paired_bootstrap((0.02 + noise) * sizes[:, None], sizes)
    covered = [each is not None and (each.low is None or each.low <= 0.02 <= (each.high or 0)) for each in found]
    assert 0.92 <= np.mean(covered) <= 0.98
    p_values = np.array([each.p_value for each in paired_bootstrap(noise * sizes[:, None], sizes) if each])
    for level in (0.05, 0.2, 0.5):
        assert (p_values <= level).mean() == pytest.approx(level, abs=3 * math.sqrt(level * (1 - level) / COMPARISONS))


def test_p_is_below_five_percent_where_the_interval_excludes_zero() -> None:
    generator = np.random.default_rng(2)
    differences = generator.normal(0.5, 1, (12, 100))
    for each in paired_bootstrap(differences, np.ones(12)):
        assert each is not None
        assert each.low is not None
        assert each.high is not None
        assert (each.p_value < 0.05) == (not each.low <= 0 <= each.high)


def test_a_difference_counts_by_the_size_of_its_document_and_resamples_are_shared() -> None:
    sizes = np.array([100, 1, 0, 50])
    differences = np.array([[100.0, 1.0], [2.0, 2.0], [9.0, 9.0], [40.0, 0.0]])
    both = paired_bootstrap(differences, sizes)
    assert both[0] is not None
    assert both[0].value == pytest.approx(142 / 151)
    assert paired_bootstrap(differences[:, :1], sizes) == both[:1]


def test_ties_are_no_difference_and_a_constant_one_is_as_certain_as_its_signs() -> None:
    ties, constant = paired_bootstrap(np.array([[0.0, 0.5]] * 10), np.ones(10))
    assert ties is not None
    assert (ties.value, ties.low, ties.high, ties.p_value) == (0, 0, 0, 1)
    assert constant is not None
    assert constant.p_value == pytest.approx(2**-9)


def test_too_few_documents_bound_nothing() -> None:
    assert paired_bootstrap(np.array([[1.0]]), np.array([5])) == [None]
    (two,) = paired_bootstrap(np.array([[1.0], [2.0]]), np.array([5, 5]))
    assert two is not None
    assert two.low is None
    assert two.p_value > 0.4


def test_welch_is_that_of_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    for first, second in (([1.0, 2.0], [3.0, 3.5, 9.0]), ([5.1, 5.2, 5.0, 5.3], [5.05, 4.9, 4.95])):
        found, expected = welch_test(first, second), stats.ttest_ind(first, second, equal_var=False)
        assert found is not None
        interval = expected.confidence_interval()
        assert found.p_value == pytest.approx(expected.pvalue, abs=1e-6)
        assert found.low == pytest.approx(interval.low, rel=1e-4)
        assert found.high == pytest.approx(interval.high, rel=1e-4)


def test_welch_needs_two_figures_of_each_and_accepts_equal_ones() -> None:
    assert welch_test([1.0], [2.0, 3.0]) is None
    equal = welch_test([1.0, 1.0], [1.0, 1.0])
    assert equal is not None
    assert equal.p_value == 1


def test_holm_multiplies_the_smallest_by_the_number_and_keeps_the_order() -> None:
    assert holm([]) == []
    assert holm([0.5, 0.001, 0.9]) == [1.0, 0.003, 1.0]
