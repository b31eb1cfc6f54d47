"""Two models are compared on the pairs that both have scored."""

import math

import pytest

from halo.scoring.pairs.comparison import compare_pairs
from tests.support.scored_pairs import scored_pair


def test_differences_are_paired() -> None:
    first = [scored_pair(margin) for margin in [1.0, 1.0, 1.0, -1.0, -1.0, -1.0, math.nan, 0.0]]
    other = [scored_pair(margin) for margin in [1.0, 1.0, -1.0, 1.0, 1.0, 1.0, 1.0, 1.0]]
    compared = compare_pairs("other", first, other)
    assert (compared.items, compared.only_other, compared.only_first) == (7, 3, 1)
    assert compared.difference == pytest.approx((3 - 1 + 0.5) / 7)
    assert compared.p_value == pytest.approx(0.625)
    assert compared.interval is not None
    assert compared.interval.low < compared.difference < compared.interval.high


def test_known_words_are_known_to_both() -> None:
    first = [scored_pair(-1.0), scored_pair(-1.0, is_known=False)]
    compared = compare_pairs("other", first, [scored_pair(1.0), scored_pair(-1.0)])
    assert (compared.difference, compared.known_difference) == (0.5, 1.0)
    assert compare_pairs("other", first[1:], [scored_pair(1.0)]).known_difference is None
