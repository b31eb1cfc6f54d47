"""Pieces of sequences to score, and scorers of both strands.

Shape letters: P positions of a sequence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from halo.genomics.bases import UNKNOWN, Codes, codes_of, reverse_complement
from halo.genomics.markov import ContextCounts, Floats, MarkovModel, TriedOrder, chosen_model, try_orders

MAX_PIECE = 10_000
"""Number of bases of the pieces that a long sequence is read in, side by side."""


class Piece(NamedTuple):
    """A sequence to score, with what is read before and behind it.

    Attributes:
        before: The bases before it, read as context on the forward strand; empty for a sequence by itself.
        sequence: The bases to score.
        after: The bases behind it, the context on the reverse strand.
    """

    before: str
    sequence: str
    after: str

    def other_strand(self) -> "Piece":
        """Returns the same piece of the reverse strand, read in its own direction."""
        return Piece(*map(reverse_complement, (self.after, self.sequence, self.before)))


class PieceScorer(Protocol):
    """Scores the bases of pieces on the strand that they are written on."""

    def nll(self, pieces: Sequence[Piece]) -> list[Floats]:
        """Returns the negative log-likelihood of each base in nats, shape (P,); NaN where there is none."""
        ...


@dataclass(frozen=True)
class MarkovScorer:
    """Scores pieces with a Markov model.

    Attributes:
        model: The model.
    """

    model: MarkovModel

    def nll(self, pieces: Sequence[Piece]) -> list[Floats]:
        """Returns the negative log-likelihood of each base in nats, shape (P,); NaN for letters that are no bases."""
        text = lay_out(pieces, context=self.model.order)
        return text.split(self.model.nll(text.codes))


class LaidOut(NamedTuple):
    """Pieces one after another, with `UNKNOWN` between them, so that no context reaches into another piece.

    Attributes:
        codes: The bases before each piece and its own, shape (L,).
        is_own: Which of them are its own.
        lengths: The number of each piece's own bases.
    """

    codes: Codes
    is_own: npt.NDArray[np.bool_]
    lengths: list[int]

    def split(self, values: Floats) -> list[Floats]:
        """Returns the values of each piece's own bases."""
        return np.split(values[self.is_own], np.cumsum(self.lengths)[:-1])


def lay_out(pieces: Sequence[Piece], *, context: int) -> LaidOut:
    """Returns pieces as one sequence of codes.

    Args:
        pieces: The pieces, at least one.
        context: Number of bases before each piece that are kept.
    """
    gap = np.array([UNKNOWN], dtype=np.uint8)
    parts, own = [], []
    for piece in pieces:
        before = codes_of(piece.before[max(0, len(piece.before) - context) :])
        sequence = codes_of(piece.sequence)
        parts += [gap, before, sequence]
        own += [np.zeros(1 + len(before), dtype=bool), np.ones(len(sequence), dtype=bool)]
    return LaidOut(np.concatenate(parts), np.concatenate(own), [len(piece.sequence) for piece in pieces])


class StrandNLL(NamedTuple):
    """The negative log-likelihood of the bases of each piece in nats.

    Attributes:
        forward: Each base given the bases before it.
        reverse: Each base given the bases behind it, from reading the reverse complement; in the order of the piece.
    """

    forward: list[Floats]
    reverse: list[Floats]

    def mean(self) -> list[Floats]:
        """Returns the mean of both strands."""
        return [(forward + reverse) / 2 for forward, reverse in zip(self.forward, self.reverse, strict=True)]


def reverse_nll(scorer: PieceScorer, pieces: Sequence[Piece]) -> list[Floats]:
    """Returns the negative log-likelihood of each base given the bases behind it, in the order of the piece."""
    return [values[::-1] for values in scorer.nll([piece.other_strand() for piece in pieces])]


def strand_nll(scorer: PieceScorer, pieces: Sequence[Piece]) -> StrandNLL:
    """Returns the negative log-likelihood of each base on both strands."""
    return StrandNLL(scorer.nll(pieces), reverse_nll(scorer, pieces))


def try_orders_on_pieces(
    counts: ContextCounts, pieces: Sequence[Piece], is_counted_P: npt.NDArray[np.bool_] | None = None
) -> list[TriedOrder]:
    """Returns the best smoothing of each order on pieces.

    Args:
        counts: The counts of the training sequences.
        pieces: The pieces of validation.
        is_counted_P: Which of their own bases count; None for all.
    """
    text = lay_out(pieces, context=counts.max_order)
    is_counted = text.is_own & (text.codes != UNKNOWN)
    if is_counted_P is not None:
        is_counted[text.is_own] &= is_counted_P
    return try_orders(counts, text.codes, is_counted)


def choose_markov(train: Sequence[Codes], validation: Sequence[Piece], *, max_order: int) -> MarkovModel:
    """Returns the Markov model of the training sequences whose order and smoothing predict validation best."""
    counts = ContextCounts(train, max_order=max_order)
    return chosen_model(counts, try_orders_on_pieces(counts, validation))
