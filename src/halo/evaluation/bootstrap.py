"""Confidence intervals by resampling groups of observations, such as the tokens of a document.

Shape letters: G groups, D documents, R resamples.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.evaluation.text_scores import NLL, perplexity

RESAMPLES = 1000
CONFIDENCE = 0.95
SEED = 0


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
    generator = np.random.default_rng(SEED)
    means_R = np.empty(resamples)
    for resample in range(resamples):
        drawn = generator.integers(num_groups, size=num_groups)
        means_R[resample] = sums_G[drawn].sum() / counts_G[drawn].sum()
    low, high = np.quantile(means_R, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(float(low), float(high))


def perplexity_interval(nll_D: NLL, tokens_D: npt.NDArray[Any]) -> tuple[float, float] | None:
    """Returns the interval of the perplexity over documents; None with fewer than two documents with tokens.

    Args:
        nll_D: The summed negative log-likelihood of each document, in nats.
        tokens_D: The number of tokens of each document.
    """
    interval = bootstrap_interval(nll_D[tokens_D > 0], tokens_D[tokens_D > 0])
    return None if interval is None else (perplexity(interval.low), perplexity(interval.high))
