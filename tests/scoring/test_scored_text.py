"""A scored text adds up its tokens, and can be printed."""

import math

from halo.scoring.scored_text import ScoredText, ScoredToken


def test_a_text_adds_up_its_tokens() -> None:
    text = ScoredText((ScoredToken("the", 2.5, True), ScoredToken("virus", 5.0, False)))
    assert (text.total_bits, text.bits_per_token, str(text)) == (7.5, 3.75, "the 2.5  virus 5.0")


def test_a_text_without_tokens_has_no_mean() -> None:
    assert ScoredText(()).total_bits == 0
    assert math.isnan(ScoredText(()).bits_per_token)
