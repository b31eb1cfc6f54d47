"""The unigram model against counting by hand."""

import math
import tracemalloc

import numpy as np
import pytest

from halo.models.ngram.unigram import TOKENS_PER_CHUNK, Unigram, token_counts


def test_add_one_smoothed_shares() -> None:
    model = Unigram(np.array([0, 0, 1], dtype=np.uint16), vocab_size=3)
    expected = -(math.log(3 / 6) + math.log(2 / 6) + math.log(1 / 6))
    assert model.total_nll(np.array([0, 1, 2])) == pytest.approx(expected)
    assert np.exp(model.log_probabilities_V).sum() == pytest.approx(1)


def test_a_long_text_is_counted_in_parts() -> None:
    ids = np.random.default_rng(0).integers(7, size=3 * TOKENS_PER_CHUNK + 5).astype(np.uint16)
    expected_V = np.array([(ids == word).sum() for word in range(9)])
    tracemalloc.start()
    try:
        counts_V = token_counts(ids, 9)
        nll = Unigram(ids, 9).total_nll(ids)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert counts_V.tolist() == expected_V.tolist()
    shares_V = (expected_V + 1) / (len(ids) + 9)
    assert nll == pytest.approx(-(expected_V * np.log(shares_V)).sum(), rel=1e-12)
    assert most < 2.5 * 8 * TOKENS_PER_CHUNK  # the whole as int64 would be three times that of a part, and more
