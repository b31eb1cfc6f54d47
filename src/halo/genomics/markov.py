"""Markov models of DNA: each base from the k bases before it, the baseline of sequence analysis.

Shape letters: P positions of a text, U distinct contexts.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.genomics.bases import UNIFORM_BITS, UNKNOWN, Codes

MAX_ORDER = 12
"""The longest context, in bases: with longer ones most contexts of a bacterial genome occur once."""
MAX_COUNTED_BASES = 50_000_000
"""The largest training split that contexts are counted of; it takes about 5 GB of memory."""

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_DIGIT_BITS = 3  # of a key: one of four bases, or none
_SUCCESSOR_BITS = 2


class Smoothing(NamedTuple):
    """How probabilities are made of counts.

    Attributes:
        kind: `additive`: each base is counted `strength` times more than it occurs. With 1/2 this is the estimator of
            Krichevsky and Trofimov (1981, The performance of universal encoding), with 1/16 what compressors of DNA use
            for long contexts (Pratas and Pinho 2019, GeCo2).
            `interpolated`: the probability from the context without its first base is counted `strength` times, down to
            the uniform distribution (MacKay and Peto 1995, A hierarchical Dirichlet language model).
        strength: The number of these pseudo-counts.
    """

    kind: Literal["additive", "interpolated"]
    strength: float

    def __str__(self) -> str:
        shown = {0.5: "1/2", 0.0625: "1/16"}.get(self.strength, f"{self.strength:g}")
        return f"{self.kind} {shown}"


SMOOTHINGS = (
    *(Smoothing("additive", strength) for strength in (1 / 16, 0.5, 1.0)),
    *(Smoothing("interpolated", strength) for strength in (1.0, 4.0, 16.0, 64.0, 256.0)),
)
"""The smoothings that are tried on validation."""


class _Contexts(NamedTuple):
    """The positions of a text as numbers.

    Attributes:
        keys_P: The bases before each position, the nearest one in the highest digit; a digit of `UNKNOWN` and all below
            it stand for no base.
        known_P: The number of bases before each position, up to the longest context.
        codes_P: The base at each position.
    """

    keys_P: Integers
    known_P: npt.NDArray[np.uint8]
    codes_P: Codes


class ContextCounts:
    """Counts how often each base follows each context, for all contexts of up to `max_order` bases.

    No context reaches beyond the start of a sequence, or across a letter that is no base. Counts are exact at every
    order: they are those of the longest contexts, added up over the contexts that end alike.

    Args:
        sequences: The training sequences as codes of bases; with both strands among them, their counts are pooled.
        max_order: Number of bases of the longest contexts.
    """

    def __init__(self, sequences: Sequence[Codes], *, max_order: int = MAX_ORDER) -> None:
        assert 0 <= max_order <= MAX_ORDER
        self.max_order = max_order
        found = _contexts(sequences, max_order)
        joint = np.sort((found.keys_P << _SUCCESSOR_BITS) | found.codes_P)
        first = np.flatnonzero(np.diff(joint, prepend=-1))
        times = np.diff(first, append=len(joint))
        self._keys: list[Integers] = []
        self._counts: list[npt.NDArray[np.int32]] = []
        joint = joint[first]
        keys, successors = joint >> _SUCCESSOR_BITS, joint & (2**_SUCCESSOR_BITS - 1)
        for order in range(max_order, -1, -1):
            begins = np.flatnonzero(np.diff(keys, prepend=-1))
            rows = np.repeat(np.arange(len(begins)), np.diff(begins, append=len(keys)))
            counts_U4 = np.bincount(rows * 4 + successors, weights=times, minlength=4 * len(begins))
            self._keys.insert(0, keys[begins])
            self._counts.insert(0, counts_U4.reshape(-1, 4).astype(np.int32))
            if order:
                keys = keys >> _DIGIT_BITS

    def log_probabilities(self, codes: Codes, smoothings: Sequence[Smoothing]) -> Iterator[dict[Smoothing, Floats]]:
        """Yields the log-probability of each base of a sequence, for each order from 0 to `max_order`, in nats.

        Where fewer bases precede than the order asks for, the probability is that of the longest context there is.

        Args:
            codes: The sequence; the values of letters that are no bases are NaN.
            smoothings: The smoothings to use.

        Returns:
            For each order, arrays of shape (P,) by smoothing.
        """
        found = _contexts([codes], self.max_order)
        is_base_P = codes != UNKNOWN
        probabilities = {smoothing: np.full(len(found.codes_P), 0.25) for smoothing in smoothings}
        for order in range(self.max_order + 1):
            is_known = found.known_P >= order
            own, total = self._lookup(order, found, is_known)
            for smoothing, before in probabilities.items():
                strength = smoothing.strength
                if smoothing.kind == "additive":
                    before[is_known] = (own + strength) / (total + 4 * strength)
                else:
                    before[is_known] = (own + strength * before[is_known]) / (total + strength)
            yield {smoothing: _spread(np.log(own_P), is_base_P) for smoothing, own_P in probabilities.items()}

    def _lookup(self, order: int, found: _Contexts, is_known: npt.NDArray[np.bool_]) -> tuple[Integers, Integers]:
        """Returns how often each base follows its context, and how often the context occurs."""
        keys, counts_U4 = self._keys[order], self._counts[order]
        wanted = found.keys_P[is_known] >> (_DIGIT_BITS * (self.max_order - order))
        rows = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        if not len(keys):
            return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.int64)
        is_found = keys[rows] == wanted
        own = np.where(is_found, counts_U4[rows, found.codes_P[is_known]], 0)
        return own, np.where(is_found, counts_U4[rows].sum(axis=1), 0)


def _spread(values: Floats, is_base_P: npt.NDArray[np.bool_]) -> Floats:
    """Returns values of the bases of a sequence as values of its positions, NaN elsewhere."""
    spread = np.full(len(is_base_P), np.nan)
    spread[is_base_P] = values
    return spread


def _contexts(sequences: Sequence[Codes], max_order: int) -> _Contexts:
    """Returns the contexts of all bases of some sequences, in order, without the letters that are no bases."""
    gap = np.array([UNKNOWN], dtype=np.uint8)
    codes = np.concatenate([part for sequence in sequences for part in (gap, sequence)] or [gap])
    keys = np.zeros(len(codes), dtype=np.int64)
    known = np.zeros(len(codes), dtype=np.uint8)
    is_known = np.ones(len(codes), dtype=bool)
    for distance in range(1, max_order + 1):
        before = np.full(len(codes), UNKNOWN, dtype=np.uint8)
        before[distance:] = codes[:-distance]
        is_known &= before != UNKNOWN
        known += is_known
        keys <<= _DIGIT_BITS
        keys |= np.where(is_known, before, UNKNOWN)
    is_base = codes != UNKNOWN
    return _Contexts(keys[is_base], known[is_base], codes[is_base])


class MarkovModel:
    """Predicts each base from the bases before it, with the order and the smoothing that were chosen.

    Args:
        counts: The counts of the training sequences.
        order: Number of bases of a context.
        smoothing: How probabilities are made of counts.
    """

    def __init__(self, counts: ContextCounts, order: int, smoothing: Smoothing) -> None:
        self.counts, self.order, self.smoothing = counts, order, smoothing

    def nll(self, codes: Codes) -> Floats:
        """Returns the negative log-likelihood of each base in nats, shape (P,); NaN for letters that are no bases."""
        for order, found in enumerate(self.counts.log_probabilities(codes, [self.smoothing])):
            if order == self.order:
                return -found[self.smoothing]
        raise AssertionError(f"order {self.order} of counts up to {self.counts.max_order}")

    def __str__(self) -> str:
        return f"order-{self.order} Markov model"


class TriedOrder(NamedTuple):
    """An order with its best smoothing on validation.

    Attributes:
        smoothing: The smoothing.
        validation_bits: Bits per base of validation.
    """

    smoothing: Smoothing
    validation_bits: float


def try_orders(counts: ContextCounts, validation: Codes, is_counted_P: npt.NDArray[np.bool_]) -> list[TriedOrder]:
    """Returns the best smoothing of each order, and what it reaches on validation.

    Args:
        counts: The counts of the training sequences.
        validation: The validation sequences, with `UNKNOWN` between them.
        is_counted_P: The positions that are measured, all of them bases.
    """
    tried = []
    for found in counts.log_probabilities(validation, SMOOTHINGS):
        bits = {smoothing: bits_per_base(-values, is_counted_P) for smoothing, values in found.items()}
        best = min(bits, key=bits.__getitem__)
        tried.append(TriedOrder(best, bits[best]))
    return tried


def chosen_model(counts: ContextCounts, tried: Sequence[TriedOrder]) -> MarkovModel:
    """Returns the model of the order that predicts validation best; the shortest of equals."""
    order = min(range(len(tried)), key=lambda each: tried[each].validation_bits)
    return MarkovModel(counts, order, tried[order].smoothing)


def bits_per_base(nll_P: Floats, is_counted_P: npt.NDArray[np.bool_]) -> float:
    """Returns the mean of values in nats over the counted positions, in bits; that of a uniform model for none."""
    if not is_counted_P.any():
        return UNIFORM_BITS
    return float(nll_P[is_counted_P].mean() / np.log(2))
