"""Intervals and tests of differences: over the documents of a text, over seeds, and for many comparisons at once.

Shape letters: D documents, K comparisons, R resamples.
"""

import math
import statistics
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.evaluation.bootstrap import CONFIDENCE, resampled_groups

Floats = npt.NDArray[np.float64]

RESAMPLES = 10_000
AT_ONCE = 64
"""Number of comparisons that are resampled together, which bounds the memory."""
MIN_DOCUMENTS = 8
"""With fewer documents an interval over them is rough."""
NO_SPREAD = 1e-12
"""Part of the sum of squares below which it is rounding error."""


class Difference(NamedTuple):
    """A difference with its 95% interval and the p-value of the hypothesis that it is 0.

    Attributes:
        value: The difference.
        low: Lower end of the interval; None where there are too few observations to bound it.
        high: Upper end of the interval.
        p_value: Two-sided p-value.
    """

    value: float
    low: float | None
    high: float | None
    p_value: float


def paired_bootstrap(differences_DK: Floats, sizes_D: npt.NDArray[Any]) -> list[Difference | None]:
    """Returns the mean differences of pairs of models on the same documents; None with fewer than two documents.

    The mean is the sum over the documents by the sum of their sizes, so that long documents count more. Documents are
    resampled as a whole; the interval is that of the symmetric bootstrap-t (Efron and Tibshirani 1993, chapter 12; Hall
    1988), whose coverage is right with few documents too, where percentile intervals are too narrow. The p-value is the
    share of resamples that lie further from the difference, in standard errors, than 0 does: it is below 0.05 where the
    interval excludes 0. The resamples are the same for all comparisons, and for each call.

    Args:
        differences_DK: For each document and comparison the difference, summed over the document.
        sizes_D: The size of each document, such as its number of tokens; those of size 0 are left out.
    """
    differences_DK, sizes_D = differences_DK[sizes_D > 0], sizes_D[sizes_D > 0].astype(np.float64)
    if len(sizes_D) < 2:
        return [None] * differences_DK.shape[1]
    columns = [differences_DK[:, first : first + AT_ONCE] for first in range(0, differences_DK.shape[1], AT_ONCE)]
    return [each for some_DK in columns for each in _bootstrap_t(some_DK, sizes_D)]


def _bootstrap_t(differences_DK: Floats, sizes_D: Floats) -> list[Difference | None]:
    num_documents, total = len(sizes_D), sizes_D.sum()
    means_K = differences_DK.sum(axis=0) / total
    residuals_DK = differences_DK - sizes_D[:, None] * means_K  # of the ratio, linearised
    squares_K = (residuals_DK**2).sum(axis=0)
    terms_D3K = np.concatenate([residuals_DK, residuals_DK**2, residuals_DK * sizes_D[:, None]], axis=1)
    scale = num_documents / (num_documents - 1)
    errors_K = np.sqrt(scale * squares_K) / total
    parts_RK = []
    for drawn_RD in resampled_groups(num_documents, RESAMPLES):
        weights_RD = _counts(drawn_RD)
        sums_RK, squared_RK, crossed_RK = np.split(weights_RD @ terms_D3K, 3, axis=1)
        totals_R1, sizes_squared_R1 = (weights_RD @ sizes_D)[:, None], (weights_RD @ sizes_D**2)[:, None]
        shifts_RK = sums_RK / totals_R1
        spread_RK = squared_RK - 2 * shifts_RK * crossed_RK + shifts_RK**2 * sizes_squared_R1
        errors_RK = np.sqrt(scale * np.maximum(spread_RK, 0)) / totals_R1
        with np.errstate(divide="ignore", invalid="ignore"):
            parts_RK.append(np.where(spread_RK > NO_SPREAD * squares_K, np.abs(shifts_RK) / errors_RK, np.inf))
    distances_RK = np.concatenate(parts_RK)
    quantiles_K = np.quantile(distances_RK, CONFIDENCE, axis=0, method="higher")
    has_spread_K = squares_K > NO_SPREAD * (differences_DK**2).sum(axis=0)
    return [
        _interval(mean, error, quantile, distances_RK[:, number])
        if has_spread
        else _without_spread(mean, num_documents)
        for number, (mean, error, quantile, has_spread) in enumerate(
            zip(means_K.tolist(), errors_K.tolist(), quantiles_K.tolist(), has_spread_K.tolist(), strict=True)
        )
    ]


def _counts(drawn_RD: npt.NDArray[np.int64]) -> Floats:
    """Returns how often each document was drawn in each resample."""
    resamples, num_documents = drawn_RD.shape
    cells = drawn_RD + num_documents * np.arange(resamples)[:, None]
    return np.bincount(cells.ravel(), minlength=cells.size).reshape(cells.shape).astype(np.float64)


def _interval(mean: float, error: float, quantile: float, distances_R: Floats) -> Difference:
    further = int((distances_R >= abs(mean) / error).sum())
    p_value = (further + 1) / (len(distances_R) + 1)
    if not math.isfinite(quantile):
        return Difference(mean, None, None, p_value)
    return Difference(mean, mean - quantile * error, mean + quantile * error, p_value)


def _without_spread(mean: float, num_documents: int) -> Difference:
    """Returns the difference where it is the same in all documents, with the p-value of their signs."""
    return Difference(mean, mean, mean, 1.0 if mean == 0 else max(1 / (RESAMPLES + 1), 2.0 ** (1 - num_documents)))


def welch_test(first: Sequence[float], second: Sequence[float]) -> Difference | None:
    """Returns the difference of the means of two samples; None unless both have two observations or more.

    Welch's t-test (1947) needs no equal variances, and keeps its error rate with few seeds better than bootstraps and
    rank tests do (Colas et al. 2019, A Hitchhiker's Guide to Statistical Comparisons of Reinforcement Learning
    Algorithms).

    Args:
        first: Figures of the runs of one group.
        second: Figures of the runs of the other, from which the difference is taken.

    >>> difference = welch_test([1.0, 2.0, 3.0], [2.0, 3.0, 7.0])
    >>> round(difference.value, 3), round(difference.low, 3), round(difference.high, 3), round(difference.p_value, 3)
    (-2.0, -7.741, 3.741, 0.321)
    """
    if min(len(first), len(second)) < 2:
        return None
    mean = statistics.fmean(first) - statistics.fmean(second)
    parts = [statistics.variance(sample) / len(sample) for sample in (first, second)]
    error = math.sqrt(sum(parts))
    if error == 0:
        return Difference(mean, mean, mean, 1.0 if mean == 0 else 0.0)
    freedom = sum(parts) ** 2 / sum(
        part**2 / (len(sample) - 1) for part, sample in zip(parts, (first, second), strict=True)
    )
    half_width = error * _t_quantile(CONFIDENCE, freedom)
    return Difference(mean, mean - half_width, mean + half_width, 1 - _t_within(abs(mean) / error, freedom))


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(100)


def _t_within(bound: float, freedom: float) -> float:
    """Returns the probability that the size of Student's t is below a bound.

    With t = sqrt(freedom) tan(a) its density is proportional to cos(a)^(freedom - 1), which is integrated by Gauss'
    rule.
    """

    def integral(end: float) -> float:
        angles = (1 + _NODES) * end / 2
        return float((_WEIGHTS * np.cos(angles) ** (freedom - 1)).sum()) * end / 2

    return min(1.0, integral(math.atan(bound / math.sqrt(freedom))) / integral(math.pi / 2))


def _t_quantile(probability: float, freedom: float) -> float:
    """Returns the bound that the size of Student's t stays below with a probability, by bisection."""
    low, high = 0.0, 1e6
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if _t_within(middle, freedom) < probability else (low, middle)
    return high


def holm(p_values: Sequence[float]) -> list[float]:
    """Returns p-values corrected for their number by Holm's method (1979), in the same order.

    If none of the hypotheses' differences is real, the probability that any corrected value is below 0.05 is 5%.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = highest
    return corrected
