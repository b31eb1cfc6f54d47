"""Whether topics are found again with other seeds.

Shape letters: N units, K topics, S seeds.
"""

import itertools
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from halo.runtime.array_types import IntArray

SAME_WORDS = 1 / 3
"""Jaccard similarity of the words of a topic that is found again: half of two equally long lists."""
SAME_UNITS = 0.5
"""Jaccard similarity of its units: below, a cluster counts as dissolved (Hennig 2007, Cluster-wise assessment of
cluster stability)."""
CONFIDENCE = 0.95


class Estimate(NamedTuple):
    """A mean over seeds with its 95% confidence interval; the interval is NaN with a single seed."""

    mean: float
    low: float
    high: float


class Stability(NamedTuple):
    """How far topics depend on the seed.

    Attributes:
        jaccard: Jaccard similarity of the words of matched topics, over the other seeds.
        rand: Adjusted Rand index of the assignments, over all pairs of seeds.
        jaccard_K: The mean Jaccard similarity of each topic.
        found_again_K: By how many of the other seeds each topic is found again: with half of its words and of its
            units.
    """

    jaccard: Estimate
    rand: Estimate
    jaccard_K: npt.NDArray[np.float64]
    found_again_K: IntArray


def over_seeds(values: Sequence[float]) -> Estimate:
    """Returns the mean of the values of several seeds with the interval of Student's t distribution.

    >>> [round(each, 2) for each in over_seeds([1.0, 2.0, 3.0])]
    [2.0, -0.48, 4.48]
    """
    from scipy import stats

    values_S = np.array(values, dtype=np.float64)
    if len(values_S) < 2 or not np.isfinite(values_S).all():
        return Estimate(float(values_S.mean()) if len(values_S) else float("nan"), float("nan"), float("nan"))
    margin = stats.t.ppf((1 + CONFIDENCE) / 2, len(values_S) - 1) * values_S.std(ddof=1) / np.sqrt(len(values_S))
    mean = float(values_S.mean())
    return Estimate(mean, mean - float(margin), mean + float(margin))


def similarities(first: Sequence[Collection[int]], second: Sequence[Collection[int]]) -> npt.NDArray[np.float64]:
    """Returns the Jaccard similarity (shared / all) of all pairs of sets, shape (number of first, of second)."""
    sets = [{*each} for each in second]
    rows = [[len(one & other) / max(1, len(one | other)) for other in sets] for one in map(set, first)]
    return np.array(rows, dtype=np.float64)


def counterparts(similarity_KK: npt.NDArray[np.float64]) -> IntArray:
    """Returns for each topic its counterpart, one to one, such that similarities add up to the most.

    This is the Hungarian assignment: the best in all, not topic by topic.

    >>> counterparts(np.array([[0.4, 0.3], [0.9, 0.0]])).tolist()
    [1, 0]
    """
    from scipy.optimize import linear_sum_assignment

    found: IntArray = linear_sum_assignment(-similarity_KK)[1]
    return found


def measure_stability(words_SK: Sequence[Sequence[Sequence[int]]], topics_SN: Sequence[IntArray]) -> Stability:
    """Returns how far the topics of the first seed are those of the others, and how far assignments agree.

    Args:
        words_SK: The top words of each topic, of each seed.
        topics_SN: The topic of each unit, of each seed; -1 for none.
    """
    from sklearn.metrics import adjusted_rand_score

    every = np.arange(len(words_SK[0]))
    units_SK = [[np.flatnonzero(topics_N == topic).tolist() for topic in every] for topics_N in topics_SN]
    jaccard_SK, found_again_K = [], np.zeros(len(every), dtype=np.int64)
    for words, units in zip(words_SK[1:], units_SK[1:], strict=True):
        similarity_KK = similarities(words_SK[0], words)
        other_K = counterparts(similarity_KK)
        jaccard_SK.append(similarity_KK[every, other_K])
        same_units_K = similarities(units_SK[0], units)[every, other_K] >= SAME_UNITS
        found_again_K += (jaccard_SK[-1] >= SAME_WORDS) & same_units_K
    pairs = itertools.combinations(topics_SN, 2)
    return Stability(
        jaccard=over_seeds([float(jaccard_K.mean()) for jaccard_K in jaccard_SK]),
        rand=over_seeds([float(adjusted_rand_score(first, second)) for first, second in pairs]),
        jaccard_K=np.mean(jaccard_SK, axis=0) if jaccard_SK else np.full(len(every), np.nan),
        found_again_K=found_again_K,
    )
