"""GARCH(1,1) (Bollerslev 1986), fitted by `arch` on all values before a date, and again every so many dates."""

import warnings
from typing import Literal, NamedTuple

import numpy as np

from halo.forecasting.distributions import Forecasts, NormalForecasts, StudentForecasts
from halo.forecasting.history import Method, SeriesHistory, persistent
from halo.runtime.errors import packages_of_extra
from halo.tokenization.value_bins import Floats

MIN_VALUES = 100
"""Fewer past values are too few for its parameters."""


Errors = Literal["normal", "t"]


class _Fit(NamedTuple):
    """The parameters of a fit, and the variance that it predicts for the date after the values it was fitted on.

    Attributes:
        mean: The mean.
        omega: The constant of the variance.
        alpha: The weight of the last squared error in it.
        beta: The weight of the last variance.
        freedom: Degrees of freedom of the errors; infinity for normal ones.
        variance: The variance that is predicted.
        parameters: All parameters, where the next fit starts.
    """

    mean: float
    omega: float
    alpha: float
    beta: float
    freedom: float
    variance: float
    parameters: Floats


def garch(history: SeriesHistory, *, errors: Errors, refit: int) -> Method:
    """Returns GARCH(1,1) with a constant mean, of the errors of persistence.

    For returns these are the returns themselves. At position t the parameters come from values before t only; between
    two fits the variance follows from them and from the errors that came since.

    Args:
        history: The series.
        errors: `normal` or `t`.
        refit: Number of dates after which it is fitted again.
    """

    def forecast(values_N: Floats, first: int, last: int) -> Forecasts:
        season = history.season
        centres_N = persistent(values_N, season, season, last)  # for positions from `season` on
        errors_N = values_N[season : last - 1] - centres_N[: last - 1 - season]
        unit = float(np.std(errors_N[: first - season])) or 1.0  # values near 1 are easier to fit
        means, variances, freedom = [], [], []
        fit = _fit(errors_N[: first - season] / unit, errors)
        variance = fit.variance
        for position in range(first - season, last - season):
            if position > first - season:
                if (position - first + season) % refit == 0:
                    fit = _fit(errors_N[:position] / unit, errors, start=fit.parameters)
                    variance = fit.variance
                else:
                    residual = errors_N[position - 1] / unit - fit.mean
                    variance = fit.omega + fit.alpha * residual**2 + fit.beta * variance
            means.append(fit.mean * unit)
            variances.append(variance * unit**2)
            freedom.append(fit.freedom)
        means_N = np.array(means) + centres_N[first - season :]
        deviations_N = np.sqrt(variances)
        if errors == "normal":
            return NormalForecasts(means_N, deviations_N)
        return StudentForecasts(means_N, deviations_N, np.array(freedom))

    return forecast


def _fit(errors_N: Floats, distribution: Errors, *, start: Floats | None = None) -> _Fit:
    """Returns the fit to errors; from the parameters of an earlier one it takes a quarter of the time."""
    with packages_of_extra("series", purpose="the baseline GARCH(1,1)"):
        from arch import arch_model
    model = arch_model(errors_N, mean="Constant", vol="GARCH", p=1, q=1, dist=distribution, rescale=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about convergence: the parameters reached are used as they are
        fitted = model.fit(disp="off", show_warning=False, starting_values=start)
        if start is not None and fitted.convergence_flag:
            fitted = model.fit(disp="off", show_warning=False)
    mean, omega, alpha, beta = (float(fitted.params[name]) for name in ("mu", "omega", "alpha[1]", "beta[1]"))
    freedom = float(fitted.params["nu"]) if distribution == "t" else np.inf
    last = float(fitted.conditional_volatility[-1]) ** 2
    variance = omega + alpha * (float(errors_N[-1]) - mean) ** 2 + beta * last
    return _Fit(mean, omega, alpha, beta, freedom, variance, fitted.params.to_numpy())
