"""The unigram model against counting by hand."""

import math

import numpy as np
import pytest

from halo.models.ngram import Unigram


def test_add_one_smoothed_shares() -> None:
    model = Unigram(np.array([0, 0, 1], dtype=np.uint16), vocab_size=3)
    expected = -(math.log(3 / 6) + math.log(2 / 6) + math.log(1 / 6))
    assert model.total_nats(np.array([0, 1, 2])) == pytest.approx(expected)
    assert np.exp(model.log_probabilities_V).sum() == pytest.approx(1)
