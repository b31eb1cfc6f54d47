"""Means of scores over dates, and the Diebold-Mariano test of their differences.

Scores of neighbouring dates depend on each other, so standard errors are those of Newey and West (1987) with a Bartlett
kernel of floor(4 (N / 100)^(2/9)) lags (Newey and West 1994), as `statsmodels` computes them. The test of Diebold and
Mariano (1995) has the small-sample correction of Harvey, Leybourne and Newbold (1997) for forecasts one step ahead: the
statistic times sqrt((N - 1) / N), against Student's t with N - 1 degrees of freedom.

Shape letters: N dates.
"""

import math

import numpy as np

from halo.comparing.significance import Difference
from halo.runtime.errors import packages_of_extra
from halo.tokenization.value_bins import Floats

MIN_DATES = 10
"""With fewer dates nothing is tested."""
NO_SPREAD = 1e-12


def mean_interval(scores_N: Floats) -> Difference:
    """Returns the mean of scores with its 95% interval; without bounds where there are too few dates.

    The p-value is that of the hypothesis that the mean is 0, the Diebold-Mariano test if `scores_N` are differences.
    """
    number, mean = len(scores_N), float(scores_N.mean())
    if number < MIN_DATES or not math.isfinite(mean):
        return Difference(mean, None, None, math.nan)
    if np.ptp(scores_N) <= NO_SPREAD * np.abs(scores_N).max():
        return Difference(mean, mean, mean, 1.0 if mean == 0 else 0.0)
    with packages_of_extra("series", purpose="the test of forecasts"):
        from scipy.stats import t
        from statsmodels.api import OLS

    lags = math.floor(4 * (number / 100) ** (2 / 9))
    fitted = OLS(scores_N, np.ones(number)).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False})
    error = float(fitted.bse[0]) / math.sqrt((number - 1) / number)
    half = float(t.ppf(0.975, number - 1)) * error
    return Difference(mean, mean - half, mean + half, float(2 * t.sf(abs(mean) / error, number - 1)))
