"""Bits per base of all models on the same bases."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from halo.evaluation.bootstrap import Interval
from halo.genomics.bases import codes_of
from halo.genomics.markov import Floats
from halo.genomics.measurement import Difference, Measurement, measure, mix
from halo.genomics.model_scores import ModelScorer
from halo.genomics.pieces import Piece
from tests.support.sequences import chain, letters, random_bases, untrained_scorer


class ExactScorer(ModelScorer):
    """Knows the distribution of a chain of order 2."""

    def __init__(self) -> None:
        """Needs no model."""

    token_length = 1

    def nll(self, pieces: Sequence[Piece]) -> list[Floats]:
        """Returns the exact values; chance for the first two bases."""
        return [self._of(codes_of(piece.sequence).astype(int)) for piece in pieces]

    @staticmethod
    def _of(codes: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
        nll = np.full(len(codes), math.log(4))
        hit = (codes[:-2] + codes[1:-1]) % 4 == codes[2:]
        nll[2:] = np.where(hit, -math.log(0.7), -math.log(0.1))
        return nll


def pieces(seed: int, *, order: int = 2) -> list[Piece]:
    return [Piece("", letters(chain(order=order, length=1000, seed=seed + number)), "") for number in range(4)]


def measured(scorer: ModelScorer, train_bases: int, **others: bool) -> Measurement:
    train = [chain(order=2, length=train_bases, seed=1)]
    return measure(scorer, train=train, validation=pieces(10), test=pieces(20), max_order=4, **others)


def test_a_model_that_knows_the_chain_beats_the_markov_model_of_few_bases() -> None:
    found = measured(ExactScorer(), 150, both_strands=False)
    (against_model, against_mixture) = found.differences
    assert against_model.interval is not None
    assert against_model.interval.low > 0
    assert against_model.sentence.startswith("The trained model predicts better than the order-")
    assert against_mixture.bits > 0
    rows = {row.key: row for row in found.rows}
    assert rows["model"].test == pytest.approx(-(0.7 * math.log2(0.7) + 0.3 * math.log2(0.1)), abs=0.05)
    assert rows["model"].interval is not None
    assert rows["model"].interval.low < rows["model"].test < rows["model"].interval.high


def test_an_untrained_model_loses_against_the_markov_model_and_says_so() -> None:
    found = measured(untrained_scorer(), 5000)
    assert found.markov is not None
    assert found.markov.order == 2
    assert [row.key for row in found.rows if row.is_chosen] == ["markov_2"]
    assert found.verdict.startswith("The order-2 Markov model predicts better than the trained model, by ")
    assert {row.key for row in found.rows} >= {"uniform", "model", "model_both_strands", "mixture"}


def test_bases_of_dna_without_structure_are_chance_for_both() -> None:
    texts = [[Piece("", letters(random_bases(2000, seed=seed)), "")] for seed in (5, 6)]
    scorer = untrained_scorer()
    for weight in scorer._model.parameters():
        weight.data.mul_(0)  # all tokens are equally likely
    found = measure(scorer, train=[random_bases(9000)], validation=texts[0], test=texts[1], max_order=3)
    rows = {row.key: row for row in found.rows}
    assert rows["model"].test == pytest.approx(2, abs=1e-5)
    assert min(row.test for row in found.rows) == pytest.approx(2, abs=0.01)


def test_every_row_counts_the_same_bases_without_n() -> None:
    test = [Piece("", "ACGTNNACGTAC", ""), Piece("", "NGT", "")]
    found = measure(untrained_scorer(), train=[random_bases(90)], validation=pieces(3), test=test, max_order=2)
    assert found.bases == 12


def test_without_training_sequences_there_are_no_markov_models() -> None:
    found = measure(untrained_scorer(), train=[], validation=[], test=pieces(1))
    assert [row.key for row in found.rows] == ["uniform", "model", "model_both_strands"]
    assert (found.differences, found.markov, found.rows[1].validation) == ([], None, None)


def test_a_mixture_is_between_its_parts_and_sums_probabilities_of_tokens() -> None:
    model, markov = -np.log([0.5, 0.2, 0.9, 0.9]), -np.log([0.1, 0.4, 0.9, 0.9])
    single = np.exp(-mix(model, markov, 0.25, 1))
    np.testing.assert_allclose(single, [0.2, 0.35, 0.9, 0.9])
    pairs = np.exp(-mix(model, markov, 0.25, 2).reshape(2, 2).sum(1))
    np.testing.assert_allclose(pairs, [0.25 * 0.5 * 0.2 + 0.75 * 0.1 * 0.4, 0.81])
    assert mix(model, markov, 0.0, 1) is markov


@pytest.mark.parametrize(
    ("bits", "interval", "words"),
    [
        (0.02, (0.01, 0.03), "The b predicts better than the a, by 0.0200 bits per base (95% 0.0100 to 0.0300)."),
        (-0.02, (-0.03, -0.01), "The a predicts better than the b, by 0.0200 bits per base (95% 0.0100 to 0.0300)."),
        (0.01, (-0.01, 0.03), "which may be chance."),
        (0.01, None, "too few to say."),
    ],
)
def test_the_verdict_says_which_is_better_or_that_it_may_be_chance(
    bits: float, interval: tuple[float, float] | None, words: str
) -> None:
    assert words in Difference("a", "b", bits, interval and Interval(*interval)).sentence
