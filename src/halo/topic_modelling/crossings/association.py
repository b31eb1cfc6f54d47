"""Intervals and tests over units of text that come from the same documents.

Shape letters: N units of text, D documents.
"""

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

Z_95 = 1.959964
"""The quantile of the normal distribution for an interval of 95%."""
ROUNDING = 1e-12
"""Part of a sum of squares below which it is rounding error."""
MIN_DOCUMENTS = 8
"""With fewer documents on one of the two sides nothing is tested."""


class ShareInterval(NamedTuple):
    """A share with its 95% interval."""

    share: float
    low: float
    high: float


def share_interval(hits_D: npt.NDArray[Any], units_D: npt.NDArray[Any]) -> ShareInterval | None:
    """Returns the share of units with a property, with its interval over documents; None without units.

    The interval is Wilson's (1927), which stays within 0 and 1 and does not vanish where the share is 0 or 1, for the
    effective number of units: as many independent ones as would vary as much as the documents do (Franco et al. 2019,
    Comparative study of confidence intervals for proportions in complex sample surveys).

    Args:
        hits_D: Number of units of each document that have the property.
        units_D: Number of units of each document.

    >>> share_interval(np.array([0] * 20), np.array([1] * 20))
    ShareInterval(share=0.0, low=0.0, high=0.16112516018512965)
    """
    hits_D, units_D = hits_D[units_D > 0].astype(np.float64), units_D[units_D > 0].astype(np.float64)
    if not len(units_D):
        return None
    share = float(hits_D.sum() / units_D.sum())
    effective = _effective_units(share, hits_D, units_D)
    middle = (share + Z_95**2 / (2 * effective)) / (1 + Z_95**2 / effective)
    spread = math.sqrt(share * (1 - share) / effective + Z_95**2 / (4 * effective**2)) / (1 + Z_95**2 / effective)
    half_width = Z_95 * spread
    return ShareInterval(share, max(0.0, min(share, middle - half_width)), min(1.0, max(share, middle + half_width)))


def _effective_units(share: float, hits_D: Floats, units_D: Floats) -> float:
    """Returns the number of independent units with the same variance of the share, at most the units that there are."""
    num_documents, num_units = len(units_D), float(units_D.sum())
    residuals_D = hits_D - share * units_D
    variance = float((residuals_D**2).sum()) / num_units**2
    if num_documents < 2 or variance == 0:  # all documents agree: each tells as much as a single unit
        return float(num_documents)
    variance *= num_documents / (num_documents - 1)
    return min(num_units, share * (1 - share) / variance)


def association_test(
    values_N: npt.NDArray[Any], factor_N: npt.NDArray[Any], documents_N: npt.NDArray[Any], weights_N: npt.NDArray[Any]
) -> float:
    """Returns the two-sided p-value of the hypothesis that values do not depend on a factor.

    With a factor of 0 and 1 it compares two groups, as the chi-squared test does; with the number of a period it tests
    for a trend, as that of Cochran and Armitage does. The values are taken as given and the factor as random; what the
    units of a document have in common is allowed for by the correlation of the factor within documents (Moulton 1990,
    An Illustration of a Pitfall in Estimating the Effects of Aggregate Variables on Micro Units).

    Args:
        values_N: The value of each unit.
        factor_N: What it may depend on.
        documents_N: The number of the document of each unit.
        weights_N: The weight of each unit, such as its number of words.
    """
    _, places_N = np.unique(documents_N, return_inverse=True)
    parts_N = weights_N * (values_N - np.average(values_N, weights=weights_N))
    centred_N = factor_N - factor_N.mean()
    squares, num_units = float((centred_N**2).sum()), len(centred_N)
    of_units, of_documents = float((parts_N**2).sum()), _sum_of_squares(places_N, parts_N)
    if squares <= ROUNDING * float((factor_N**2).sum()) or of_units <= ROUNDING * float(
        ((weights_N * values_N) ** 2).sum()
    ):
        return 1.0  # all factors, or all values, are the same
    pairs = float((np.bincount(places_N) ** 2).sum()) - num_units
    correlation = 0.0
    if pairs:
        shared = (_sum_of_squares(places_N, centred_N) - squares) / pairs
        correlation = min(1.0, max(0.0, shared * num_units / squares))
    variance = squares / (num_units - 1) * ((1 - correlation) * of_units + correlation * of_documents)
    return math.erfc(abs(float((parts_N * centred_N).sum())) / math.sqrt(2 * variance)) if variance > 0 else 1.0


def _sum_of_squares(places_N: npt.NDArray[Any], parts_N: npt.NDArray[Any]) -> float:
    """Returns the sum over documents of the square of the sum over the units of each."""
    return float((np.bincount(places_N, weights=parts_N) ** 2).sum())
