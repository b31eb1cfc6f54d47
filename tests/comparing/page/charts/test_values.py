"""Differences and their intervals are written in the unit of what is compared."""

from typing import Any

import pytest

from halo.comparing.comparison import SplitDifference, Test
from halo.comparing.page.charts.values import bounds_text, change_text, is_significant


@pytest.mark.parametrize(
    ("measure", "low", "high", "expected"),
    [
        ("perplexity", -0.027, -0.009, "−2.70% to −0.90%"),
        ("bits_per_character", -0.001, 0.002, "−0.0010 to +0.0020"),
        ("perplexity", None, 0.1, "–"),
    ],
)
def test_intervals_have_signs(measure: Any, low: float | None, high: float | None, expected: str) -> None:
    assert bounds_text(measure, low, high) == expected


def test_what_counts_as_more_than_chance_is_the_corrected_p_value() -> None:
    test = Test(low=0.001, high=0.01, p_value=0.01, corrected_p_value=0.2, observations=15)
    difference = SplitDifference(0.005, test, None)
    assert not is_significant(difference)
    assert not is_significant(SplitDifference(0.005, None, None))
    assert change_text("perplexity", difference) == "+0.50%"
    assert change_text("bits_per_character", difference) == "+0.0050"
