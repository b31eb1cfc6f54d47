"""Intervals and tests for shares, and for differences of paired observations.

Every random draw has its own fixed seed, so that the same input always gives the same figures.

Shape letters: N observations, G groups, R resamples.
"""

import itertools
import math

import numpy as np
import numpy.typing as npt

from halo.evaluation.bootstrap import SEED, Interval

Floats = npt.NDArray[np.float64]

NORMAL_QUANTILE = 1.959963984540054  # of (1 + CONFIDENCE) / 2
RESAMPLES = 2000
MAX_EXACT_GROUPS = 12
"""Up to this number of groups, a sign-flip test goes through all combinations of signs."""


def wilson_interval(successes: float, trials: int) -> Interval:
    """Returns the interval of a share (Wilson 1927), which stays within 0 and 1 and is sound for few trials.

    Args:
        successes: Number of successes; ties count as half.
        trials: Number of trials, at least 1.

    >>> [round(bound, 3) for bound in wilson_interval(8, 10)]
    [0.49, 0.943]
    """
    share, square = successes / trials, NORMAL_QUANTILE**2
    centre = share + square / (2 * trials)
    half_width = NORMAL_QUANTILE * math.sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    scale = 1 + square / trials
    return Interval(max(0.0, (centre - half_width) / scale), min(1.0, (centre + half_width) / scale))


def mcnemar_p_value(only_first: int, only_second: int) -> float:
    """Returns the exact two-sided p-value of McNemar's test (1947): are both as often the only one that is right?

    Args:
        only_first: Number of items that only the first of two models gets right.
        only_second: The same of the second one.

    >>> round(mcnemar_p_value(1, 8), 4), mcnemar_p_value(0, 0)
    (0.0391, 1.0)
    """
    trials, fewer = only_first + only_second, min(only_first, only_second)
    log_factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, trials + 1)))])
    successes = np.arange(fewer + 1)
    log_ways = log_factorials[trials] - log_factorials[successes] - log_factorials[trials - successes]
    return min(1.0, 2 * float(np.exp(log_ways - trials * math.log(2)).sum()))


def sign_flip_p_value(means_G: Floats) -> float | None:
    """Returns the one-sided p-value of a permutation test: is the mean of the groups above 0? None for one group.

    If a group's mean were as likely to be below 0 as above, its sign could be flipped. With up to `MAX_EXACT_GROUPS`
    groups all combinations of signs are tried, with more of them `RESAMPLES` random ones.

    Args:
        means_G: The mean of each group.

    >>> sign_flip_p_value(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    0.03125
    """
    num_groups = len(means_G)
    if num_groups < 2:
        return None
    if num_groups <= MAX_EXACT_GROUPS:
        signs_RG = np.array(list(itertools.product((1.0, -1.0), repeat=num_groups)))
    else:
        drawn = np.random.default_rng(SEED).choice((1.0, -1.0), size=(RESAMPLES, num_groups))
        signs_RG = np.concatenate([np.ones((1, num_groups)), drawn])  # what was observed is one of the combinations
    sums_R = signs_RG @ means_G
    tolerance = 1e-12 * float(np.abs(means_G).sum())
    return float((sums_R >= sums_R[0] - tolerance).mean())


def show_p_value(value: float | None) -> str:
    """Returns a p-value as text.

    >>> show_p_value(0.0391), show_p_value(1e-9), show_p_value(None)
    ('0.039', '<0.001', '-')
    """
    if value is None:
        return "-"
    return "<0.001" if value < 0.001 else f"{value:.3f}"
