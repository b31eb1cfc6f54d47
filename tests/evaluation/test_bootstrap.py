"""The bootstrap interval against the central limit theorem and cases that are known."""

import math

import numpy as np
import pytest

from halo.evaluation.bootstrap import perplexity_interval


def test_the_interval_is_that_of_the_central_limit_theorem_where_documents_are_many() -> None:
    generator = np.random.default_rng(1)
    tokens = np.full(4000, 50)
    nll = 50 * generator.normal(4, 0.5, size=4000)
    interval = perplexity_interval(nll, tokens)
    assert interval is not None
    half = 1.96 * 0.5 / math.sqrt(4000)
    low, high = np.log(interval) - nll.sum() / tokens.sum()
    assert (low, high) == (pytest.approx(-half, rel=0.1), pytest.approx(half, rel=0.1))
    assert perplexity_interval(nll, tokens) == interval


def test_the_interval_weighs_documents_by_their_length() -> None:
    interval = perplexity_interval(np.array([4000.0, 8.0, 0.0]), np.array([1000, 1, 0]))
    assert interval is not None
    assert math.log(interval[0]) == pytest.approx(4)  # the long one twice
    assert math.log(interval[1]) == pytest.approx(8)  # the short one twice


def test_a_single_document_has_no_interval() -> None:
    assert perplexity_interval(np.array([3.0]), np.array([2])) is None
