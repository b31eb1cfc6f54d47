"""A pair is decided by the summed surprisal of its sentences, as computed one by one."""

import math

import numpy as np
import pytest

from halo.scoring.ngram_scores import NgramScores
from halo.scoring.pairs.pair_scores import Pair, ScoredPair, SentenceScore, outcome, score_pairs
from halo.scoring.scorer import score_texts
from tests.support.tiny_bundles import tiny_bundle

PAIRS = [
    Pair("line 1", "order", "the virus spreads fast .", "the virus fast spreads ."),
    Pair("line 2", "order", "the doctors know", "know doctors the"),
    Pair("line 3", "unknown", "the zyzzyva spreads", "the quokka spreads"),
    Pair("line 4", "empty", "the air", ""),
]


@pytest.fixture(scope="module")
def scored() -> list[ScoredPair]:
    return list(score_pairs(tiny_bundle(), PAIRS))


def test_the_less_surprising_sentence_wins(scored: list[ScoredPair]) -> None:
    for pair, each in zip(PAIRS[:2], scored, strict=False):
        good, bad = (score_texts(tiny_bundle(), [sentence])[0].total_bits for sentence in (pair.good, pair.bad))
        assert (each.good.bits, each.bad.bits) == pytest.approx((good, bad), abs=1e-5)
        assert each.outcome == float(good < bad)
        assert each.is_known
        assert not each.is_same
        assert math.isnan(each.good.kneser_ney_bits)


def test_sentences_that_differ_in_unknown_words_only_are_a_tie(scored: list[ScoredPair]) -> None:
    assert (scored[2].is_same, scored[2].is_known, scored[2].outcome) == (True, False, 0.5)
    (spelled,) = score_pairs(tiny_bundle(), PAIRS[2:3], oov="spell")
    assert spelled.is_same
    assert spelled.outcome in (0, 1)
    (left_out,) = score_pairs(tiny_bundle(), PAIRS[2:3], oov="na")
    assert not left_out.is_scored


def test_a_sentence_without_words_has_no_score(scored: list[ScoredPair]) -> None:
    assert not scored[3].is_scored
    assert math.isnan(scored[3].outcome)


def test_ngram_models_score_the_same_sentences() -> None:
    bundle = tiny_bundle()
    counts = np.arange(bundle.tokenizer.vocab_size)
    ngrams = NgramScores.from_counts(counts, unk_id=bundle.tokenizer.unk_id)
    (first,) = score_pairs(bundle, PAIRS[:1], ngrams=ngrams)
    assert first.good.unigram_bits == pytest.approx(first.bad.unigram_bits)
    assert outcome(first.good.unigram_bits, first.bad.unigram_bits) == 0.5


def test_length_counts_only_per_token() -> None:
    short, long = (SentenceScore(bits, 0, 0, tokens, True, ("a",)) for bits, tokens in ((10.0, 2), (12.0, 4)))
    pair = ScoredPair(PAIRS[0], short, long)
    assert (pair.outcome, pair.outcome_per_token) == (1.0, 0.0)
