"""Scored minimal pairs, made up for tests of what is computed from them."""

import math

from halo.scoring.pairs.pair_scores import Pair, ScoredPair, SentenceScore


def scored_pair(
    margin: float,
    *,
    paradigm: str = "one",
    is_known: bool = True,
    ngram_margin: float = math.nan,
    is_same: bool = False,
) -> ScoredPair:
    """Returns a pair whose unacceptable sentence is `margin` bits more surprising than its acceptable one.

    Args:
        margin: The difference; NaN for a pair without scores.
        paradigm: Its paradigm.
        is_known: Whether all words are known.
        ngram_margin: The difference under both n-gram models.
        is_same: Whether both sentences have the same ids.
    """
    good = SentenceScore(30.0, 30.0, 30.0, 5, is_known, ("the", "dogs", "bark"))
    tokens = good.known_tokens if is_same else ("the", "dogs", "barks")
    bad = SentenceScore(30.0 + margin, 30.0 + ngram_margin, 30.0 + ngram_margin, 5, is_known, tokens)
    return ScoredPair(Pair("line 1", paradigm, "The dogs bark.", "The dogs barks."), good, bad)
