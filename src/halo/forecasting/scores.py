"""Scores of predictive distributions against the values that came.

Shape letters: N dates, L levels of quantiles.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from halo.forecasting.distributions import Forecasts
from halo.forecasting.mean_differences import mean_interval
from halo.tokenization.value_bins import Floats

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""The levels of the quantiles that are written."""

INTERVALS = {"50": (0.25, 0.75), "80": (0.1, 0.9), "95": (0.025, 0.975)}
"""The central intervals by the share of values, in percent, that should lie in them, and their ends."""

NUM_PIT_BINS = 10


@dataclass(frozen=True)
class Scores:
    """The forecasts of one method, scored.

    Attributes:
        log_score_N: Logarithm of the density at each value, in nats: higher is better.
        crps_N: Continuous ranked probability score, in the unit of the values: lower is better.
        pit_N: Probability of at most the value (probability integral transform); uniform if calibrated (Dawid 1984).
        quantiles_NL: The quantiles at `LEVELS`.
        values_N: The values.
    """

    log_score_N: Floats
    crps_N: Floats
    pit_N: Floats
    quantiles_NL: Floats
    values_N: Floats

    @classmethod
    def of(cls, forecasts: Forecasts, values_N: Floats) -> "Scores":
        """Returns the scores of forecasts."""
        return cls(
            forecasts.log_density(values_N),
            forecasts.crps(values_N),
            forecasts.cdf(values_N),
            forecasts.quantiles(np.array(LEVELS)),
            values_N,
        )

    def coverage(self, name: str) -> float:
        """Returns the share of values in a central interval, by its name in `INTERVALS`."""
        low, high = (self.quantiles_NL[:, LEVELS.index(level)] for level in INTERVALS[name])
        return float(((self.values_N >= low) & (self.values_N <= high)).mean())

    def pit_histogram(self) -> list[float]:
        """Returns the share of values in each tenth of their distributions; all are 0.1 if these are calibrated."""
        counts, _ = np.histogram(self.pit_N, bins=NUM_PIT_BINS, range=(0, 1))
        return [float(share) for share in counts / max(len(self.pit_N), 1)]

    def pit_p_value(self) -> float:
        """Returns the p-value of the hypothesis that the transforms are uniform (Kolmogorov-Smirnov)."""
        from scipy.stats import kstest

        return float(kstest(self.pit_N, "uniform").pvalue)

    def as_dict(self) -> dict[str, Any]:
        """Returns the figures as plain data."""
        intervals = {"log_score": mean_interval(self.log_score_N), "crps": mean_interval(self.crps_N)}
        covered = {name: self.coverage(name) for name in INTERVALS}
        return {
            **{name: each.value for name, each in intervals.items()},
            **{f"{name}_interval": [each.low, each.high] for name, each in intervals.items()},
            "coverage": covered,
            "coverage_interval": {name: wilson(share, len(self.values_N)) for name, share in covered.items()},
            "pit_histogram": self.pit_histogram(),
            "pit_p_value": self.pit_p_value(),
        }


def wilson(share: float, number: int) -> list[float]:
    """Returns the 95% interval of a share (Wilson 1927), for independent observations.

    >>> [round(end, 3) for end in wilson(0.5, 100)]
    [0.404, 0.596]
    """
    z = 1.959964
    centre = share + z**2 / (2 * number)
    half = z * math.sqrt(share * (1 - share) / number + z**2 / (4 * number**2))
    return [(centre - half) / (1 + z**2 / number), (centre + half) / (1 + z**2 / number)]
