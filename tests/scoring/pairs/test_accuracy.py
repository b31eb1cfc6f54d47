"""Accuracy counts ties as half, weighs items or paradigms, and leaves out what has no score."""

import json
import math

import pytest

from halo.scoring.pairs.accuracy import PairAccuracy
from tests.support.scored_pairs import scored_pair

PAIRS = [
    *[scored_pair(1.0, paradigm="easy", ngram_margin=1.0) for _ in range(6)],
    scored_pair(-1.0, paradigm="hard", ngram_margin=1.0),
    scored_pair(0.0, paradigm="hard", ngram_margin=-1.0, is_known=False, is_same=True),
    scored_pair(math.nan, paradigm="hard"),
]


def test_items_and_paradigms_have_their_own_means() -> None:
    accuracy = PairAccuracy.of(PAIRS)
    overall = accuracy.overall
    assert (overall.model.items, overall.model.share, overall.model.ties) == (8, 6.5 / 8, 1)
    assert accuracy.paradigm_mean() == (1 + 0.25) / 2
    assert overall.kneser_ney.share == overall.unigram.share == 7 / 8
    assert [*accuracy.paradigms] == ["easy", "hard"]
    assert accuracy.paradigms["hard"].model.share == 0.25
    assert accuracy.unscored == accuracy.same == 1


def test_unknown_words_are_reported_and_left_out() -> None:
    accuracy = PairAccuracy.of(PAIRS)
    assert accuracy.overall.unknown_share == 1 / 8
    assert accuracy.known is not None
    assert accuracy.known.model.share == 6 / 7
    assert PairAccuracy.of([scored_pair(1.0, is_known=False)]).known is None


def test_intervals_contain_the_shares() -> None:
    accuracy = PairAccuracy.of(PAIRS)
    for share, interval in [
        (accuracy.overall.model.share, accuracy.overall.model.interval),
        (accuracy.paradigm_mean(), accuracy.paradigm_interval()),
    ]:
        assert interval is not None
        assert interval.low <= share <= interval.high
    assert accuracy.paradigm_interval("kneser_ney") is not None
    assert PairAccuracy.of(PAIRS[:6]).paradigm_interval() is None


def test_figures_are_plain_json() -> None:
    figures = json.loads(json.dumps(PairAccuracy.of([scored_pair(1.0)]).as_dict(), allow_nan=False))
    assert figures["overall"]["model"]["share"] == 1
    assert figures["overall"]["kneser_ney"]["share"] is None
    assert figures["mean_over_paradigms"] == {"model": 1, "kneser_ney": None, "unigram": None}
    assert figures["overall"]["model"]["interval"] == pytest.approx([0.207, 1.0], abs=1e-3)
