"""Scores of the training text alone are those of the n-gram models that they come from."""

import numpy as np

from halo.models.ngram.kneser_ney import KneserNey
from halo.scoring.ngram_scores import NgramScores


def test_texts_are_scored_one_by_one_by_the_ngram_model() -> None:
    train = np.array([2, 3, 4, 1, 2, 3, 5, 1, 4, 1] * 3)
    model = KneserNey(train, 6, eos_id=1)
    scores = NgramScores.from_counts(np.bincount(train, minlength=6), unk_id=0, kneser_ney=model)
    texts = [[2, 3, 5], [], [4, 4, 1, 2]]
    for ids, found in zip(texts, scores.kneser_ney_bits(texts, eos_id=1), strict=True):
        assert found is not None
        np.testing.assert_allclose(found, model.nll(np.array(ids, dtype=np.int64)) / np.log(2) if ids else [])
    assert scores.kneser_ney_bits([], eos_id=1) == []


def test_an_unknown_word_has_the_frequency_of_a_word_that_does_not_occur() -> None:
    counts = np.array([100, 0, 9, 0])
    scores = NgramScores.from_counts(counts, unk_id=0)
    total = counts.sum() + 4
    np.testing.assert_allclose(scores.log_frequencies_V, np.log10(np.array([1, 1, 10, 1]) / total * 1e6))
    np.testing.assert_allclose(scores.unigram_bits_V, -np.log2(np.array([101, 1, 10, 1]) / total))
    assert scores.kneser_ney_bits([[2]], eos_id=1) == [None]
