"""Distributions: proper densities, and scores that equal their integrals."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import quad

from halo.forecasting.distributions import BinnedForecasts, Forecasts, NormalForecasts, StudentForecasts
from halo.tokenization.value_bins import ValueBins

VALUES = np.array([-9.0, -2.0, -1.0, 0.3, 1.0, 2.5, 8.0])
LEVELS = np.array([0.001, 0.1, 0.25, 0.5, 0.9, 0.999])


def binned(edges: tuple[float, ...] = (-2.0, -0.5, 0.5, 1.5)) -> BinnedForecasts:
    probabilities = np.random.default_rng(0).dirichlet(np.ones(len(edges) + 1), size=len(VALUES))
    return BinnedForecasts(ValueBins(edges, 0.8, 1.7), probabilities, np.linspace(0.5, 2, len(VALUES)))


def normal() -> NormalForecasts:
    return NormalForecasts(np.linspace(-1, 1, len(VALUES)), np.linspace(0.5, 2, len(VALUES)))


def student() -> StudentForecasts:
    return StudentForecasts(
        np.linspace(-1, 1, len(VALUES)), np.linspace(0.5, 2, len(VALUES)), np.full(len(VALUES), 4.0)
    )


MAKERS: list[Callable[[], Forecasts]] = [binned, lambda: binned((0.0,)), normal, student]
each_kind = pytest.mark.parametrize("make", MAKERS, ids=["bins", "two bins", "normal", "t"])


def one(forecasts: Forecasts, index: int, function: str, value: float) -> float:
    return float(getattr(forecasts.at(slice(index, index + 1)), function)(np.array([value]))[0])


@each_kind
def test_the_density_integrates_to_the_distribution_function(make: Callable[[], Forecasts]) -> None:
    forecasts = make()
    points = [-4.0, -1.0, -0.25, 0.0, 0.25, 0.75, 3.0]
    for index, end in ((0, -0.7), (3, 0.4), (6, 60.0)):
        density = lambda x, i=index: np.exp(one(forecasts, i, "log_density", x))  # noqa: E731
        total, _ = quad(density, -60, end, limit=400, points=[each for each in points if each < end])
        assert total == pytest.approx(one(forecasts, index, "cdf", end), abs=2e-4)
    assert one(forecasts, 6, "cdf", 1e6) == pytest.approx(1)


@each_kind
def test_quantiles_invert_the_distribution_function(make: Callable[[], Forecasts]) -> None:
    forecasts = make()
    quantiles = forecasts.quantiles(LEVELS)
    for column, level in enumerate(LEVELS):
        np.testing.assert_allclose(forecasts.cdf(quantiles[:, column]), level, atol=1e-9)


@each_kind
def test_the_crps_is_its_integral(make: Callable[[], Forecasts]) -> None:
    forecasts = make()
    crps = forecasts.crps(VALUES)
    grid = np.linspace(-60, 60, 60_001)
    for index, value in enumerate(VALUES.tolist()):
        alone = forecasts.at(slice(index, index + 1))
        broad = type(alone)(*(_repeated(each, len(grid)) for each in vars(alone).values()))
        differences = (broad.cdf(grid) - (grid >= value)) ** 2
        assert crps[index] == pytest.approx(np.trapezoid(differences, grid), abs=2e-3)


def _repeated(part: object, number: int) -> object:
    return np.repeat(part, number, axis=0) if isinstance(part, np.ndarray) else part


def test_the_crps_of_a_normal_distribution_is_that_of_the_literature() -> None:
    # Gneiting and Raftery 2007, section 4.2
    standard = NormalForecasts(np.zeros(1), np.ones(1))
    assert standard.crps(np.zeros(1))[0] == pytest.approx((np.sqrt(2) - 1) / np.sqrt(np.pi))


def test_the_score_of_bins_by_hand() -> None:
    forecasts = BinnedForecasts(ValueBins((0.0, 2.0), 1.0, 1.0), np.array([[0.25, 0.5, 0.25]] * 2), np.ones(2))
    np.testing.assert_allclose(forecasts.log_density(np.array([1.0, 3.0])), [np.log(0.25), np.log(0.25) - 1])
    # Tails: 2 x 0.25^2 / 2; inside, twice the integral of (0.25 + x / 4)^2 from 0 to 1.
    by_hand = 2 * 0.25**2 / 2 + 2 * (0.5**3 - 0.25**3) / (3 * 0.25)
    assert forecasts.crps(np.array([1.0, 1.0]))[0] == pytest.approx(by_hand)


def test_scaled_values_have_the_density_of_the_value_itself() -> None:
    plain = binned()
    scaled = BinnedForecasts(plain.bins, plain.probabilities_NK, 10 * plain.sizes_N)
    np.testing.assert_allclose(scaled.log_density(10 * VALUES), plain.log_density(VALUES) - np.log(10))
    np.testing.assert_allclose(scaled.crps(10 * VALUES), 10 * plain.crps(VALUES))


def test_the_log_score_is_proper() -> None:
    """No other probabilities score better on values that follow these."""
    bins, truth = ValueBins((0.0, 1.0), 1.0, 1.0), np.array([0.2, 0.5, 0.3])
    values = np.repeat([-1.0, 0.5, 2.0], [200, 500, 300])
    scores = [
        BinnedForecasts(bins, np.tile(each, (1000, 1)), np.ones(1000)).log_density(values).mean()
        for each in (truth, np.array([0.25, 0.45, 0.3]), np.array([0.15, 0.55, 0.3]))
    ]
    assert scores[0] == max(scores)
