"""Predictive distributions of one number at each of several dates: bins, normal, and Student's t.

All are densities of the same quantity, so that their logarithms can be compared. The continuous ranked probability
score (CRPS; Matheson and Winkler 1976) is the integral of the squared difference between the distribution function and
the step at the value that came: lower is better, in the unit of the value. It is computed in closed form.

Shape letters: N dates, K bins, L levels.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from halo.tokenization.value_bins import Floats, ValueBins


class Forecasts(Protocol):
    """One predictive distribution for each of N dates."""

    def log_density(self, values_N: Floats) -> Floats:
        """Returns the logarithm of the density at the value of each date, in nats."""

    def cdf(self, values_N: Floats) -> Floats:
        """Returns the probability of at most the value of each date."""

    def quantiles(self, levels_L: Floats) -> Floats:
        """Returns the quantiles at levels between 0 and 1, shape (N, L)."""

    def crps(self, values_N: Floats) -> Floats:
        """Returns the continuous ranked probability score at the value of each date."""

    def at(self, dates: slice) -> "Forecasts":
        """Returns the distributions of some of the dates."""


@dataclass(frozen=True)
class BinnedForecasts:
    """Probabilities of bins, with the density that `ValueBins` has within them.

    Attributes:
        bins: The bins of values divided by `sizes_N`.
        probabilities_NK: The probability of each bin; rows add up to 1.
        sizes_N: What values are divided by, above 0.
    """

    bins: ValueBins
    probabilities_NK: Floats
    sizes_N: Floats

    def log_density(self, values_N: Floats) -> Floats:
        """Returns the logarithm of the density at the value of each date, in nats."""
        scaled_N = values_N / self.sizes_N
        numbers_N = self.bins.numbers(scaled_N)
        edges, last = np.array(self.bins.edges), len(self.bins) - 1
        inside = np.log(np.diff(edges)) if last > 1 else np.zeros(1)
        widths_N = inside[np.clip(numbers_N - 1, 0, len(inside) - 1)]
        density_N = np.where(
            numbers_N == 0,
            -math.log(self.bins.lower_decay) + (scaled_N - edges[0]) / self.bins.lower_decay,
            np.where(
                numbers_N == last,
                -math.log(self.bins.upper_decay) - (scaled_N - edges[-1]) / self.bins.upper_decay,
                -widths_N,
            ),
        )
        probability_N = self.probabilities_NK[np.arange(len(values_N)), numbers_N]
        with np.errstate(divide="ignore"):  # a probability of 0 has a density of 0
            log_density_N: Floats = np.log(probability_N) + density_N - np.log(self.sizes_N)
        return log_density_N

    def cdf(self, values_N: Floats) -> Floats:
        """Returns the probability of at most the value of each date."""
        scaled_N = values_N / self.sizes_N
        first_N, last_N = self.probabilities_NK[:, 0], self.probabilities_NK[:, -1]
        edges = np.array(self.bins.edges)
        inner_NK = np.clip((scaled_N[:, None] - edges[:-1]) / np.diff(edges), 0, 1)
        lower_N = first_N * np.exp(np.minimum(scaled_N - edges[0], 0) / self.bins.lower_decay)
        upper_N = last_N * -np.expm1(-np.maximum(scaled_N - edges[-1], 0) / self.bins.upper_decay)
        total_N: Floats = lower_N + (self.probabilities_NK[:, 1:-1] * inner_NK).sum(axis=1) + upper_N
        return np.clip(total_N, 0, 1)

    def quantiles(self, levels_L: Floats) -> Floats:
        """Returns the quantiles at levels between 0 and 1, shape (N, L)."""
        cumulative_NK = np.cumsum(self.probabilities_NK, axis=1)
        edges = np.array([self.bins.edges[0], *self.bins.edges, self.bins.edges[-1]])
        columns = []
        for level in levels_L.tolist():
            number_N = np.minimum((cumulative_NK < level).sum(axis=1), len(self.bins) - 1)
            rows = np.arange(len(number_N))
            probability_N = np.maximum(self.probabilities_NK[rows, number_N], np.finfo(float).tiny)
            before_N = cumulative_NK[rows, number_N] - self.probabilities_NK[rows, number_N]
            share_N = np.clip((level - before_N) / probability_N, np.finfo(float).tiny, 1)
            inner_N = edges[number_N] + share_N * (edges[number_N + 1] - edges[number_N])
            lower_N = edges[0] + self.bins.lower_decay * np.log(share_N)
            upper_N = edges[-1] - self.bins.upper_decay * np.log(np.maximum(1 - share_N, np.finfo(float).tiny))
            is_last_N = number_N == len(self.bins) - 1
            columns.append(np.where(number_N == 0, lower_N, np.where(is_last_N, upper_N, inner_N)))
        quantiles_NL: Floats = np.stack(columns, axis=1) * self.sizes_N[:, None]
        return quantiles_NL

    def crps(self, values_N: Floats) -> Floats:
        """Returns the continuous ranked probability score at the value of each date."""
        scaled_N, edges = values_N / self.sizes_N, np.array(self.bins.edges)
        first_N, last_N = self.probabilities_NK[:, 0], self.probabilities_NK[:, -1]
        inner_NK = self.probabilities_NK[:, 1:-1]
        before_NK = np.cumsum(self.probabilities_NK, axis=1)[:, :-2]  # the distribution function at the lower edges
        widths_K = np.diff(edges)
        share_NK = np.clip((scaled_N[:, None] - edges[:-1]) / widths_K, 0, 1)  # of each bin that lies below the value
        below_NK = share_NK * (before_NK**2 + before_NK * inner_NK * share_NK + (inner_NK * share_NK) ** 2 / 3)
        missing_NK, rest_NK = 1 - before_NK - inner_NK * share_NK, inner_NK * (1 - share_NK)
        above_NK = (1 - share_NK) * (missing_NK**2 - missing_NK * rest_NK + rest_NK**2 / 3)
        inside_N = (widths_K * (below_NK + above_NK)).sum(axis=1)
        lower_N = _tail_crps(np.maximum(edges[0] - scaled_N, 0), first_N, self.bins.lower_decay)
        upper_N = _tail_crps(np.maximum(scaled_N - edges[-1], 0), last_N, self.bins.upper_decay)
        crps_N: Floats = self.sizes_N * (inside_N + lower_N + upper_N)
        return crps_N

    def at(self, dates: slice) -> "BinnedForecasts":
        """Returns the distributions of some of the dates."""
        return BinnedForecasts(self.bins, self.probabilities_NK[dates], self.sizes_N[dates])


def _tail_crps(beyond_N: Floats, probability_N: Floats, decay: float) -> Floats:
    """Returns the part of the score in a tail: of the lowest bin, and by symmetry of the highest.

    Args:
        beyond_N: How far the value lies beyond the edge; 0 if it does not.
        probability_N: The probability of the tail's bin.
        decay: Its mean distance from the edge.
    """
    left_N = np.exp(-beyond_N / decay)  # of the tail's probability beyond the value
    squares_N = probability_N**2 * decay / 2
    tail_N: Floats = (
        squares_N * left_N**2 + beyond_N - 2 * probability_N * decay * (1 - left_N) + squares_N * (1 - left_N**2)
    )
    return tail_N


@dataclass(frozen=True)
class NormalForecasts:
    """Normal distributions.

    Attributes:
        means_N: Their means.
        deviations_N: Their standard deviations, above 0.
    """

    means_N: Floats
    deviations_N: Floats

    def log_density(self, values_N: Floats) -> Floats:
        """Returns the logarithm of the density at the value of each date, in nats."""
        standard_N = (values_N - self.means_N) / self.deviations_N
        log_density_N: Floats = -(standard_N**2) / 2 - np.log(self.deviations_N) - math.log(2 * math.pi) / 2
        return log_density_N

    def cdf(self, values_N: Floats) -> Floats:
        """Returns the probability of at most the value of each date."""
        from scipy.special import ndtr

        probabilities_N: Floats = ndtr((values_N - self.means_N) / self.deviations_N)
        return probabilities_N

    def quantiles(self, levels_L: Floats) -> Floats:
        """Returns the quantiles at levels between 0 and 1, shape (N, L)."""
        from scipy.special import ndtri

        quantiles_NL: Floats = self.means_N[:, None] + self.deviations_N[:, None] * ndtri(levels_L)
        return quantiles_NL

    def crps(self, values_N: Floats) -> Floats:
        """Returns the continuous ranked probability score at the value of each date (Gneiting et al. 2005, eq. 5)."""
        from scipy.special import ndtr

        standard_N = (values_N - self.means_N) / self.deviations_N
        density_N = np.exp(-(standard_N**2) / 2) / math.sqrt(2 * math.pi)
        parts_N = standard_N * (2 * ndtr(standard_N) - 1) + 2 * density_N - 1 / math.sqrt(math.pi)
        crps_N: Floats = self.deviations_N * parts_N
        return crps_N

    def at(self, dates: slice) -> "NormalForecasts":
        """Returns the distributions of some of the dates."""
        return NormalForecasts(self.means_N[dates], self.deviations_N[dates])


@dataclass(frozen=True)
class StudentForecasts:
    """Student's t distributions with given means and standard deviations.

    Attributes:
        means_N: Their means.
        deviations_N: Their standard deviations, above 0.
        freedom_N: Their degrees of freedom, above 2.
    """

    means_N: Floats
    deviations_N: Floats
    freedom_N: Floats

    @property
    def scales(self) -> Floats:
        """What a standard t variable is multiplied by."""
        scales: Floats = self.deviations_N * np.sqrt((self.freedom_N - 2) / self.freedom_N)
        return scales

    def log_density(self, values_N: Floats) -> Floats:
        """Returns the logarithm of the density at the value of each date, in nats."""
        from scipy.stats import t

        log_density_N: Floats = t.logpdf(values_N, self.freedom_N, self.means_N, self.scales)
        return log_density_N

    def cdf(self, values_N: Floats) -> Floats:
        """Returns the probability of at most the value of each date."""
        from scipy.stats import t

        probabilities_N: Floats = t.cdf(values_N, self.freedom_N, self.means_N, self.scales)
        return probabilities_N

    def quantiles(self, levels_L: Floats) -> Floats:
        """Returns the quantiles at levels between 0 and 1, shape (N, L)."""
        from scipy.stats import t

        columns = (each[:, None] for each in (self.freedom_N, self.means_N, self.scales))
        quantiles_NL: Floats = t.ppf(levels_L, *columns)
        return quantiles_NL

    def crps(self, values_N: Floats) -> Floats:
        """Returns the continuous ranked probability score at the value of each date (Jordan et al. 2019, app. A)."""
        from scipy.special import beta
        from scipy.stats import t

        freedom_N, standard_N = self.freedom_N, (values_N - self.means_N) / self.scales
        density_N = t.pdf(standard_N, freedom_N) * (freedom_N + standard_N**2) / (freedom_N - 1)
        constant_N = (
            2 * np.sqrt(freedom_N) / (freedom_N - 1) * beta(0.5, freedom_N - 0.5) / beta(0.5, freedom_N / 2) ** 2
        )
        crps_N: Floats = self.scales * (
            standard_N * (2 * t.cdf(standard_N, freedom_N) - 1) + 2 * density_N - constant_N
        )
        return crps_N

    def at(self, dates: slice) -> "StudentForecasts":
        """Returns the distributions of some of the dates."""
        return StudentForecasts(self.means_N[dates], self.deviations_N[dates], self.freedom_N[dates])
