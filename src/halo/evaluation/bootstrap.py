"""Confidence intervals by resampling groups of observations, such as the tokens of a document.

Shape letters: G groups, D documents, R resamples.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

RESAMPLES = 1000
CONFIDENCE = 0.95
SEED = 0
MAX_DRAWS = 2**20
"""Number of indexes that are drawn at a time, which bounds the memory."""


class Interval(NamedTuple):
    """A 95% confidence interval."""

    low: float
    high: float


def bootstrap_interval(
    sums_G: npt.NDArray[Any], counts_G: npt.NDArray[Any], *, resamples: int = RESAMPLES
) -> Interval | None:
    """Returns the 95% percentile interval of sum / count over resampled groups; None with fewer than two groups.

    Whole groups are resampled (Efron and Tibshirani 1993), because the observations of a group depend on each other:
    resampling single ones would give an interval that is too narrow. The generator has its own fixed seed, so that the
    same input always gives the same interval.

    Args:
        sums_G: Sum of the observations of each group.
        counts_G: Number of observations of each group.
        resamples: Number of resamples.
    """
    num_groups = len(sums_G)
    if num_groups < 2:
        return None
    drawn = resampled_groups(num_groups, resamples)
    means_R = np.concatenate([sums_G[groups_RG].sum(axis=1) / counts_G[groups_RG].sum(axis=1) for groups_RG in drawn])
    low, high = np.quantile(means_R, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(float(low), float(high))


def resampled_groups(num_groups: int, resamples: int) -> Iterator[npt.NDArray[np.int64]]:
    """Yields the groups of each resample, drawn with replacement, some resamples at a time, each shape (R, G).

    Args:
        num_groups: Number of groups, and of draws of a resample.
        resamples: Number of resamples of all arrays together.
    """
    generator = np.random.default_rng(SEED)
    at_once = max(1, MAX_DRAWS // num_groups)
    for first in range(0, resamples, at_once):
        yield generator.integers(num_groups, size=(min(at_once, resamples - first), num_groups))


def perplexity_interval(nll_D: npt.NDArray[np.float64], tokens_D: npt.NDArray[Any]) -> tuple[float, float] | None:
    """Returns the interval of the perplexity over documents; None with fewer than two documents with tokens.

    Args:
        nll_D: The summed negative log-likelihood of each document, in nats.
        tokens_D: The number of tokens of each document.
    """
    from halo.evaluation.text_scores import perplexity  # not at the top: comparing runs needs no torch

    interval = bootstrap_interval(nll_D[tokens_D > 0], tokens_D[tokens_D > 0])
    return None if interval is None else (perplexity(interval.low), perplexity(interval.high))
