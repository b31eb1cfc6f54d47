"""An n-gram model with interpolated, modified Kneser-Ney smoothing, the strongest baseline from counts.

An n-gram is identified by two numbers: its first word, and the index of the (n-1)-gram that follows this word. Both are
packed into one integer; the sorted integers are the table of an order, and an index is a position in the table of the
next lower order:

    order 1    the          -> 7       (the empty n-gram, index 0, with `the` before it)
    order 2    of the       -> 31      (7 with `of` before it)
    order 3    most of the  -> 90      (31 with `most` before it)

Shape letters: N n-grams of one order, H n-grams that are one word shorter, T tokens of a text, V words of the
vocabulary, S tokens of a text with the `<eos>` that it begins after.
"""

import logging
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

log = logging.getLogger(__name__)

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NONE = -1
"""The index of an n-gram that does not occur in the training text."""

FALLBACK_DISCOUNTS = (0.5, 1.0, 1.5)
"""Used where discounts cannot be estimated from counts of counts; the values of KenLM's `--discount_fallback`."""


class KneserNey:
    """Predicts each word from how often it followed the words before it in the training text.

    Interpolated Kneser-Ney smoothing (Kneser and Ney 1995, Improved backing-off for m-gram language modeling) with the
    three discounts an order of Chen and Goodman (1999), An empirical study of smoothing techniques for language
    modeling, section 3. Of an n-gram `c w` with count a, and of orders k from 1 to `order`,

        p_k(w | c) = (a(c w) - D_k(a(c w))) / sum_v a(c v) + passed_k(c) p_(k-1)(w | c without its first word)

    where p_0 = 1 / V, `passed_k(c)` is the share removed by the discounts, and p_k = p_(k-1) after contexts that do not
    occur in the training text. The counts of the highest order are numbers of occurrences, those of lower orders the
    number of different words that precede the n-gram.

    No context reaches across `<eos>`: each sentence (or paragraph, or document, whichever `<eos>` ends in this text)
    starts without context, after a start symbol. The preceding `<eos>` serves as that symbol, and the text as a whole
    is taken to start after one; since nothing precedes n-grams with the start symbol, their counts are numbers of
    occurrences. KenLM (Heafield et al. 2013, Scalable modified Kneser-Ney language model estimation) and the published
    figures for the Penn Treebank do the same. A recurrent model does read across `<eos>`, which would gain little here:
    perplexity 129.2 instead of 129.3 on the validation text of the bundled corpus. `<eos>` itself is predicted like any
    word, and `<unk>` is a word like any other: the probabilities of the vocabulary sum to 1 after every context.

    Memory: 16 bytes for each distinct n-gram of each order and 8 for each of its contexts; while counting, about 180
    bytes for each token of the text.

    Args:
        train_ids: Token ids of the training text, any integer type, shape (num_tokens,), at least one.
        vocab_size: Number of words of the vocabulary, V.
        eos_id: The id of `<eos>`.
        order: Length of the longest n-grams in tokens, including the predicted one.
    """

    def __init__(self, train_ids: npt.NDArray[Any], vocab_size: int, *, eos_id: int, order: int = 5) -> None:
        assert order >= 1
        assert len(train_ids) > 0
        self.order = order
        self._vocab_size = vocab_size
        self._eos_id = eos_id
        counted = _count(train_ids, vocab_size, eos_id=eos_id, order=order)
        pairs = list(zip(counted, [*counted[1:], None], strict=True))
        discounts = [_discounts(_adjusted_counts(level, longer)) for level, longer in pairs]
        lengths = [str(length) for length, found in enumerate(discounts, 1) if found is FALLBACK_DISCOUNTS]
        if lengths:
            log.info(
                "Kneser-Ney baseline: usual discounts for n-grams of length %s, as in every small text",
                ", ".join(lengths),
            )
        self._levels = [_smooth(*pair, found) for pair, found in zip(pairs, discounts, strict=True)]

    def probabilities(self, ids: npt.NDArray[Any]) -> Floats:
        """Returns the probability of each token of a text given those before it, in (0, 1], shape (num_tokens,).

        Args:
            ids: Token ids of the text, shape (num_tokens,); it starts after an `<eos>`.
        """
        stream_S = _with_start(ids, self._eos_id)
        return self._interpolate(stream_S[1:], [np.roll(stream_S, back)[1:] for back in range(1, self.order)])

    def nll(self, ids: npt.NDArray[Any]) -> Floats:
        """Returns the negative log-likelihood of each token of a text, in nats, shape (num_tokens,).

        Args:
            ids: As in `probabilities`.
        """
        return -np.log(self.probabilities(ids))

    def total_nll(self, ids: npt.NDArray[Any]) -> float:
        """Returns the summed negative log-likelihood of a text, in nats."""
        return float(self.nll(ids).sum())

    def distribution(self, context_ids: npt.NDArray[Any]) -> Floats:
        """Returns the probability of each word of the vocabulary after a context, shape (V,); they sum to 1.

        Args:
            context_ids: Token ids before the word, shape (num_tokens,); empty at the start of a text. Tokens before
                the last `<eos>`, or further back than the model's order, have no effect.
        """
        nearest_first_S = _with_start(context_ids, self._eos_id)[::-1]
        return self._interpolate(np.arange(self._vocab_size), np.split(nearest_first_S, len(nearest_first_S)))

    def _interpolate(self, words_T: Integers, before: Sequence[Integers]) -> Floats:
        """Returns the words' probabilities, shape (T,).

        Args:
            words_T: The predicted words.
            before: The words before them, the nearest first; each of shape (T,), or (1,) if it is the same for all.
                Words before an `<eos>` do not matter: no n-gram has an `<eos>` between two words.
        """
        unigrams = self._levels[0]
        grams_T = self._find(unigrams, np.zeros(1, np.int64), words_T)
        contexts_T = np.zeros(1, np.int64)
        probabilities_T = unigrams.kept_N[grams_T] + unigrams.passed_H[contexts_T] / self._vocab_size
        for (shorter, level), words_before_T in zip(pairwise(self._levels), before, strict=False):
            contexts_T = self._find(shorter, contexts_T, words_before_T)
            grams_T = self._find(level, grams_T, words_before_T)
            probabilities_T = level.kept_N[grams_T] + level.passed_H[contexts_T] * probabilities_T
        return probabilities_T

    def _find(self, level: "_Level", shorter_T: Integers, words_T: Integers) -> Integers:
        """Returns the indices of the n-grams made of a word and the n-gram after it; `NONE` if they do not occur."""
        keys_T = np.where(shorter_T == NONE, NONE, shorter_T * self._vocab_size + words_T)
        ascending_T = np.argsort(keys_T)  # searching in order is several times faster
        positions_T = np.empty_like(keys_T)
        positions_T[ascending_T] = np.searchsorted(level.keys_N, keys_T[ascending_T])
        return np.where(level.keys_N[positions_T] == keys_T, positions_T, NONE)


class _Counted(NamedTuple):
    """The n-grams of one order in the training text.

    Attributes:
        keys_N: Index of the n-gram without its first word, times V, plus the first word; ascending.
        counts_N: Number of occurrences of each.
        contexts_N: Index of the n-gram without its last word.
        continues_H: For each n-gram that is one word shorter, the number of different words that precede it.
    """

    keys_N: Integers
    counts_N: Integers
    contexts_N: Integers
    continues_H: Integers


class _Level(NamedTuple):
    """The contribution of one order to a prediction.

    Attributes:
        keys_N: As in `_Counted`, followed by a number above all keys, so that each search has a result.
        kept_N: The discounted probability of each n-gram given its context, followed by a 0, which `NONE` selects.
        passed_H: The share of each context that goes to the lower order, followed by a 1, which `NONE` selects.
    """

    keys_N: Integers
    kept_N: Floats
    passed_H: Floats


def _with_start(ids: npt.NDArray[Any], eos_id: int) -> Integers:
    """Returns the text with an `<eos>` before it, shape (S,)."""
    return np.concatenate([np.array([eos_id]), ids]).astype(np.int64)


def _reach(stream_S: Integers, eos_id: int) -> Integers:
    """Returns the number of context tokens of each token, back to the last `<eos>`, shape (S,).

    >>> _reach(np.array([9, 4, 4, 9, 9, 4]), eos_id=9).tolist()
    [0, 1, 2, 3, 1, 1]
    """
    positions_S = np.arange(len(stream_S))
    eos_positions_S = np.maximum.accumulate(np.where(stream_S == eos_id, positions_S, 0))
    reach_S: Integers = positions_S - np.concatenate([[0], eos_positions_S[:-1]])
    return reach_S


def _count(train_ids: npt.NDArray[Any], vocab_size: int, *, eos_id: int, order: int) -> list[_Counted]:
    """Returns the n-grams of each order, from 1 to `order`."""
    stream_S = _with_start(train_ids, eos_id)
    reach_S = _reach(stream_S, eos_id)
    grams_S = np.zeros(len(stream_S), np.int64)  # the index of the n-gram that ends here
    num_grams, counted = 1, []
    for length in range(1, order + 1):
        (at_M,) = np.nonzero(reach_S >= length - 1)  # where n-grams of this length end
        keys_M = grams_S[at_M] * vocab_size + stream_S[at_M - length + 1]
        keys_N, first_N, indices_M, counts_N = np.unique(
            keys_M, return_index=True, return_inverse=True, return_counts=True
        )
        contexts_N = grams_S[at_M[first_N] - 1]
        continues_H = np.bincount(keys_N // vocab_size, minlength=num_grams)
        counted.append(_Counted(keys_N, counts_N, contexts_N, continues_H))
        grams_S = np.full(len(stream_S), NONE)
        grams_S[at_M] = indices_M
        num_grams = len(keys_N)
    unigrams = counted[0]
    unigrams.counts_N[np.searchsorted(unigrams.keys_N, eos_id)] -= (
        1  # the first one is the start symbol and was not predicted
    )
    return counted


def _adjusted_counts(level: _Counted, longer: _Counted | None) -> Integers:
    """Returns the count of each n-gram of an order: of the different tokens before it, except in the highest order.

    Args:
        level: The n-grams of the order.
        longer: Those of the next order, None for the highest.
    """
    if longer is None:
        return level.counts_N
    # An n-gram that nothing precedes begins with the start symbol, and keeps its count.
    counts_N: Integers = np.where(longer.continues_H > 0, longer.continues_H, level.counts_N)
    return counts_N


def _smooth(level: _Counted, longer: _Counted | None, discounts: tuple[float, float, float]) -> _Level:
    """Returns the contribution of an order to a prediction.

    Args:
        level: The n-grams of the order.
        longer: Those of the next order, None for the highest.
        discounts: Those of n-grams with counts of 1, 2, and 3 or more.
    """
    counts_N, num_shorter = _adjusted_counts(level, longer), len(level.continues_H)
    discounts_N = np.array([0.0, *discounts])[np.minimum(counts_N, 3)]
    sums_H = np.bincount(level.contexts_N, weights=counts_N, minlength=num_shorter)
    taken_H = np.bincount(level.contexts_N, weights=discounts_N, minlength=num_shorter)
    passed_H = np.divide(taken_H, sums_H, out=np.ones(num_shorter), where=sums_H > 0)
    kept_N = (counts_N - discounts_N) / sums_H[level.contexts_N]
    return _Level(np.append(level.keys_N, np.iinfo(np.int64).max), np.append(kept_N, 0.0), np.append(passed_H, 1.0))


def _discounts(counts_N: Integers) -> tuple[float, float, float]:
    """Returns the discounts of n-grams with counts of 1, 2, and 3 or more.

    With n_i the number of n-grams that have count i, D_i = i - (i + 1) Y n_(i+1) / n_i and Y = n_1 / (n_1 + 2 n_2)
    (Chen and Goodman 1999). If n_1, n_2 or n_3 is 0, or a discount is not positive, they are `FALLBACK_DISCOUNTS`.

    >>> _discounts(np.repeat([1, 2, 3, 4], [8, 4, 2, 1]))
    (0.5, 1.25, 2.0)
    """
    number_of = np.bincount(np.minimum(counts_N, 5), minlength=6).tolist()
    if min(number_of[1:4]) > 0:
        once, twice, thrice = (
            i - (i + 1) * number_of[1] / (number_of[1] + 2 * number_of[2]) * number_of[i + 1] / number_of[i]
            for i in (1, 2, 3)
        )
        if min(once, twice, thrice) > 0:
            return once, twice, thrice
    return FALLBACK_DISCOUNTS
