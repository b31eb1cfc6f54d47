"""Pieces of sequences, one after another and on both strands."""

import numpy as np
import pytest

from halo.genomics.bases import codes_of
from halo.genomics.markov import ContextCounts, Floats, MarkovModel, Smoothing
from halo.genomics.pieces import MarkovScorer, Piece, choose_markov, lay_out, strand_nll
from tests.support.sequences import chain, letters, random_bases

SEQUENCE = letters(random_bases(120))
SCORER = MarkovScorer(MarkovModel(ContextCounts([random_bases(400)], max_order=4), 4, Smoothing("interpolated", 2.0)))


def test_pieces_with_context_have_the_scores_of_the_whole_sequence() -> None:
    (whole,) = SCORER.nll([Piece("", SEQUENCE, "")])
    parts = [
        Piece(SEQUENCE[max(0, first - 7) : first], SEQUENCE[first : first + 30], "") for first in range(0, 120, 30)
    ]
    np.testing.assert_allclose(np.concatenate(SCORER.nll(parts)), whole)


def test_no_context_reaches_into_the_piece_before() -> None:
    alone = SCORER.nll([Piece("", SEQUENCE[50:], "")])
    together = SCORER.nll([Piece("", SEQUENCE[:50], ""), Piece("", SEQUENCE[50:], "")])
    np.testing.assert_array_equal(together[1], alone[0])
    assert [len(each) for each in together] == [50, 70]


def test_the_reverse_strand_is_that_of_the_reverse_complement_in_the_order_of_the_piece() -> None:
    piece = Piece("ACGTA", "GGNTTAC", "CATTG")
    both = strand_nll(SCORER, [piece])
    swapped = strand_nll(SCORER, [piece.other_strand()])
    np.testing.assert_array_equal(both.reverse[0], swapped.forward[0][::-1])
    np.testing.assert_array_equal(both.mean()[0], swapped.mean()[0][::-1])
    assert np.flatnonzero(np.isnan(both.mean()[0])).tolist() == [2]


def test_laid_out_values_are_split_into_those_of_each_piece() -> None:
    text = lay_out([Piece("AC", "GT", "A"), Piece("", "", ""), Piece("TTTT", "C", "")], context=1)
    assert codes_of("C").tolist() == [text.codes[1]]
    values: Floats = np.arange(len(text.codes), dtype=float)
    assert [each.tolist() for each in text.split(values)] == [[2.0, 3.0], [], [7.0]]


@pytest.mark.parametrize("order", [1, 2])
def test_the_order_of_a_chain_is_chosen(order: int) -> None:
    validation = [Piece("", letters(chain(order=order, length=2000, seed=2)), "")]
    model = choose_markov([chain(order=order, length=5000, seed=1)], validation, max_order=4)
    assert model.order == order
