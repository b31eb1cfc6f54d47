"""An n-gram model with interpolated, modified Kneser-Ney smoothing: what counting alone can reach.

Each n-gram is told by two numbers: its first word, and the index of the (n-1)-gram that follows that word. Both in one
integer, sorted, are the table of an order, and an index is a place in the table below it:

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
"""The index of an n-gram that the training text lacks."""

FALLBACK_DISCOUNTS = (0.5, 1.0, 1.5)
"""Taken where counts of counts say nothing about discounts; those of KenLM's `--discount_fallback`."""


class KneserNey:
    """Predicts each word from the words before it as often as they stood together in the training text.

    Interpolated Kneser-Ney smoothing (Kneser and Ney 1995, Improved backing-off for m-gram language modeling) with the
    three discounts an order of Chen and Goodman (1999), An empirical study of smoothing techniques for language
    modeling, section 3. Of an n-gram `c w` with count a, and of orders k from 1 to `order`,

        p_k(w | c) = (a(c w) - D_k(a(c w))) / sum_v a(c v) + passed_k(c) p_(k-1)(w | c without its first word)

    where p_0 = 1 / V, `passed_k(c)` is the share that the discounts took, and p_k = p_(k-1) after contexts that the
    training text lacks. The counts of the highest order are how often the n-gram stands in the text, those of lower
    orders before how many different words it stands.

    No context reaches across `<eos>`: each sentence (or paragraph, or document, whatever `<eos>` ends in this text)
    begins anew, after a mark of its beginning. For that mark stands the `<eos>` before it, which the text as a whole is
    taken to begin after; n-grams with the mark count as often as they stand in the text, there is nothing before them.
    So do KenLM (Heafield et al. 2013, Scalable modified Kneser-Ney language model estimation) and the published figures
    for the Penn Treebank. A recurrent model does see across, which here would be worth little: perplexity 129.2 and not
    129.3 on the bundled corpus' validation text. `<eos>` itself is predicted like any word, and `<unk>` is a word like
    any other: the probabilities of the whole vocabulary sum to 1 after every context.

    Memory: 16 bytes for each different n-gram of each order and 8 for each of its contexts; while it counts, about 180
    bytes for each token of the text.

    Args:
        train_ids: Token ids of the training text, any integer type, shape (num_tokens,), at least one.
        vocab_size: Number of words of the vocabulary, V.
        eos_id: The id of `<eos>`.
        order: Length of the longest n-grams in tokens, the predicted one among them.
    """

    def __init__(self, train_ids: npt.NDArray[Any], vocab_size: int, *, eos_id: int, order: int = 5) -> None:
        assert order >= 1
        assert len(train_ids) > 0
        self.order = order
        self._vocab_size = vocab_size
        self._end_id = eos_id
        counted = _count(train_ids, vocab_size, eos_id=eos_id, order=order)
        self._levels = [_smooth(level, longer) for level, longer in zip(counted, [*counted[1:], None], strict=True)]

    def probabilities(self, ids: npt.NDArray[Any]) -> Floats:
        """Returns the probability of each token of a text after those before it, shape (num_tokens,), in (0, 1].

        Args:
            ids: Token ids of the text, shape (num_tokens,); it begins after an `<eos>`.
        """
        stream_S = _after_end(ids, self._end_id)
        return self._interpolate(stream_S[1:], [np.roll(stream_S, back)[1:] for back in range(1, self.order)])

    def nll(self, ids: npt.NDArray[Any]) -> Floats:
        """Returns the negative log-likelihood of each token of a text in nats, shape (num_tokens,).

        Args:
            ids: As in `probabilities`.
        """
        return -np.log(self.probabilities(ids))

    def total_nll(self, ids: npt.NDArray[Any]) -> float:
        """Returns the summed negative log-likelihood of a text in nats."""
        return float(self.nll(ids).sum())

    def distribution(self, context_ids: npt.NDArray[Any]) -> Floats:
        """Returns the probability of each word of the vocabulary after a context, shape (V,); they sum to 1.

        Args:
            context_ids: Token ids before the word, shape (num_tokens,); none is the beginning of a text. Those before
                the last `<eos>` and beyond the model's order make no difference.
        """
        nearest_first_S = _after_end(context_ids, self._end_id)[::-1]
        return self._interpolate(np.arange(self._vocab_size), np.split(nearest_first_S, len(nearest_first_S)))

    def _interpolate(self, words_T: Integers, before: Sequence[Integers]) -> Floats:
        """Returns the words' probabilities, shape (T,).

        Args:
            words_T: The predicted words.
            before: The words before them, the nearest first; each of shape (T,), or (1,) where it is the same for all.
                Those before an `<eos>` can be any: no n-gram has an `<eos>` and a word on both its sides.
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
        """Returns the indices of the n-grams that are a word before a shorter n-gram, `NONE` where there is none."""
        keys_T = np.where(shorter_T == NONE, NONE, shorter_T * self._vocab_size + words_T)
        ascending_T = np.argsort(keys_T)  # a search is several times faster where the one before it ended nearby
        places_T = np.empty_like(keys_T)
        places_T[ascending_T] = np.searchsorted(level.keys_N, keys_T[ascending_T])
        return np.where(level.keys_N[places_T] == keys_T, places_T, NONE)


class _Counted(NamedTuple):
    """The n-grams of one order as they stand in the training text.

    Attributes:
        keys_N: Index of the n-gram without its first word, times V, plus the first word; ascending.
        counts_N: How often each stands in the text.
        contexts_N: Index of the n-gram without its last word.
        continues_H: For each n-gram that is one word shorter, before how many different words it stands.
    """

    keys_N: Integers
    counts_N: Integers
    contexts_N: Integers
    continues_H: Integers


class _Level(NamedTuple):
    """What one order adds to a prediction.

    Attributes:
        keys_N: As in `_Counted`; at the end a number above all keys, so that each search ends at a place.
        kept_N: The n-gram's share of its context after the discount; at the end a 0, where `NONE` leads.
        passed_H: The share of each context that goes to the lower order; at the end a 1, where `NONE` leads.
    """

    keys_N: Integers
    kept_N: Floats
    passed_H: Floats


def _after_end(ids: npt.NDArray[Any], eos_id: int) -> Integers:
    """Returns the text after an `<eos>`, shape (S,)."""
    return np.concatenate([np.array([eos_id]), ids]).astype(np.int64)


def _reach(stream_S: Integers, eos_id: int) -> Integers:
    """Returns how many tokens before each one are its context, back to the last `<eos>`; shape (S,).

    >>> _reach(np.array([9, 4, 4, 9, 9, 4]), eos_id=9).tolist()
    [0, 1, 2, 3, 1, 1]
    """
    places_S = np.arange(len(stream_S))
    ends_S = np.maximum.accumulate(np.where(stream_S == eos_id, places_S, 0))
    reach_S: Integers = places_S - np.concatenate([[0], ends_S[:-1]])
    return reach_S


def _count(train_ids: npt.NDArray[Any], vocab_size: int, *, eos_id: int, order: int) -> list[_Counted]:
    """Returns the n-grams of each order from 1 on."""
    stream_S = _after_end(train_ids, eos_id)
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
    unigrams.counts_N[np.searchsorted(unigrams.keys_N, eos_id)] -= 1  # the text begins after it, it was not predicted
    return counted


def _smooth(level: _Counted, longer: _Counted | None) -> _Level:
    """Returns what an order adds to a prediction.

    Args:
        level: The n-grams of the order.
        longer: Those of the next order, None for the highest.
    """
    counts_N, num_shorter = level.counts_N, len(level.continues_H)
    if longer is not None:  # an n-gram with nothing before it has the mark of a beginning in front, and keeps its count
        counts_N = np.where(longer.continues_H > 0, longer.continues_H, counts_N)
    discounts_N = np.array([0.0, *_discounts(counts_N)])[np.minimum(counts_N, 3)]
    sums_H = np.bincount(level.contexts_N, weights=counts_N, minlength=num_shorter)
    taken_H = np.bincount(level.contexts_N, weights=discounts_N, minlength=num_shorter)
    passed_H = np.divide(taken_H, sums_H, out=np.ones(num_shorter), where=sums_H > 0)
    kept_N = (counts_N - discounts_N) / sums_H[level.contexts_N]
    return _Level(np.append(level.keys_N, np.iinfo(np.int64).max), np.append(kept_N, 0.0), np.append(passed_H, 1.0))


def _discounts(counts_N: Integers) -> tuple[float, float, float]:
    """Returns what is taken from n-grams that were counted once, twice, and more often.

    From n_i, the number of n-grams that were counted i times: D_i = i - (i + 1) Y n_(i+1) / n_i with
    Y = n_1 / (n_1 + 2 n_2) (Chen and Goodman 1999). Where n_1, n_2 or n_3 is 0, or a discount is not above 0, all
    three are `FALLBACK_DISCOUNTS`, and one line is logged.

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
    log.info(
        "Kneser-Ney: %s n-grams are too few for discounts of their own, %s are taken",
        f"{len(counts_N):,}",
        FALLBACK_DISCOUNTS,
    )
    return FALLBACK_DISCOUNTS
