"""Tests keep their error rate where texts of a document are alike, and find what is there."""

import math

import numpy as np
import pytest

from halo.topic_modelling.crossings.association import association_test, share_interval

DOCUMENTS, UNITS = 60, 4


def drawn(generator: np.random.Generator, *, is_clustered: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns values and a factor that have nothing to do with each other, and the documents of the units."""
    documents = np.repeat(np.arange(DOCUMENTS), UNITS)
    size = DOCUMENTS if is_clustered else DOCUMENTS * UNITS
    values, factor = generator.normal(size=size), (generator.random(size) < 0.2).astype(float)
    if is_clustered:
        values, factor = np.repeat(values, UNITS), np.repeat(factor, UNITS)
    return values, factor, documents


@pytest.mark.parametrize("is_clustered", [False, True])
def test_nothing_is_found_where_there_is_nothing(is_clustered: bool) -> None:
    generator = np.random.default_rng(1)
    found = 0
    for _ in range(400):
        values, factor, documents = drawn(generator, is_clustered=is_clustered)
        found += association_test(values, factor, documents, np.ones(len(values))) < 0.05
    assert 8 <= found <= 35  # 20 are expected


def test_texts_counted_one_by_one_would_find_too_much() -> None:
    generator = np.random.default_rng(1)
    naive = 0
    for _ in range(200):
        values, factor, documents = drawn(generator, is_clustered=True)
        naive += association_test(values, factor, np.arange(len(documents)), np.ones(len(values))) < 0.05
    assert naive > 40


def test_without_clusters_it_is_the_chi_squared_test() -> None:
    a, b, c, d = 30, 12, 20, 25
    size = a + b + c + d
    statistic = (size - 1) * (a * d - b * c) ** 2 / ((a + b) * (c + d) * (a + c) * (b + d))
    values, factor = np.repeat([0.0, 0.0, 1.0, 1.0], [a, b, c, d]), np.repeat([0.0, 1.0, 0.0, 1.0], [a, b, c, d])
    p_value = association_test(values, factor, np.arange(size), np.ones(size))
    assert p_value == pytest.approx(math.erfc(math.sqrt(statistic / 2)))  # of chi-squared with one degree of freedom


def test_a_difference_is_found_and_equal_values_are_none() -> None:
    generator = np.random.default_rng(2)
    values, factor, documents = drawn(generator, is_clustered=True)
    weights = generator.integers(5, 50, size=len(values)).astype(float)
    assert association_test(values + 2 * factor, factor, documents, weights) < 1e-4
    assert association_test(np.full(len(values), 0.1), factor, documents, weights) == 1
    assert association_test(values, np.full(len(values), 0.1), documents, weights) == 1


def test_a_share_has_wilsons_interval_over_documents() -> None:
    hits = np.array([1] * 7 + [0] * 33)
    single = share_interval(hits, np.ones(40))
    assert single is not None
    assert (single.low, single.high) == pytest.approx((0.0875, 0.3195), rel=0.03)
    alike = share_interval(10 * hits, np.full(40, 10))  # ten units of a document say no more than one
    assert alike == pytest.approx(single, rel=0.03)
    assert share_interval(np.array([0]), np.array([0])) is None


def test_the_interval_of_a_share_covers_it() -> None:
    generator = np.random.default_rng(3)
    covered = 0
    for _ in range(300):
        chances = generator.beta(0.5, 4.5, size=50)  # documents differ, 0.1 in the mean
        units = generator.integers(1, 8, size=50)
        found = share_interval(generator.binomial(units, chances), units)
        assert found is not None
        covered += found.low <= 0.1 <= found.high
    assert 0.9 <= covered / 300 <= 0.99
