"""Bins of a series of numbers, which are its words, and the density of values within them.

The edges are quantiles of the training values, so each bin holds about as many of them. With edges e_1 < ... < e_(K-1)
bin k holds the values above e_(k-1), up to and including e_k. Within an inner bin values are uniformly distributed; the
lowest and the highest bin are unbounded, and values decay there exponentially from the edge, at the mean distance of
the training values (their maximum likelihood). So K probabilities are a density of the value itself, and models with
different bins, or with none, can be compared by its logarithm.

Shape letters: N values of a series, K bins.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

MIN_SCALE = 1e-3
"""Smallest recent size of values, as a part of that of the training values: a quiet stretch may not divide by 0."""


@dataclass(frozen=True)
class ValueBins:
    """The bins of one series.

    Attributes:
        edges: The inner edges, increasing, K - 1 of them.
        lower_decay: Mean distance of the training values in the lowest bin from its edge, above 0.
        upper_decay: The same of the highest bin.
    """

    edges: tuple[float, ...]
    lower_decay: float
    upper_decay: float

    @classmethod
    def fit(cls, values_N: Floats, num_bins: int) -> "ValueBins":
        """Returns bins of equally many training values; where many of these are equal, fewer bins.

        Args:
            values_N: The training values, of which at least two differ.
            num_bins: Number of bins, at least 2.
        """
        levels = np.arange(1, num_bins) / num_bins
        edges = np.unique(np.quantile(values_N, levels, method="inverted_cdf"))  # they are values themselves
        edges = edges[edges < values_N.max()]
        if not len(edges):
            edges = np.array([values_N[values_N < values_N.max()].max()])
        below, above = edges[0] - values_N[values_N <= edges[0]], values_N[values_N > edges[-1]] - edges[-1]
        return cls(tuple(edges.tolist()), _decay(below, values_N), _decay(above, values_N))

    def __len__(self) -> int:
        return len(self.edges) + 1

    def numbers(self, values_N: Floats) -> Integers:
        """Returns the number of the bin of each value, from 0.

        >>> ValueBins((0.0, 1.0), 1.0, 1.0).numbers(np.array([-5.0, 0.0, 0.5, 1.0, 7.0])).tolist()
        [0, 0, 1, 1, 2]
        """
        numbers: Integers = np.searchsorted(np.array(self.edges), values_N, side="left").astype(np.int64)
        return numbers


def _decay(distances: Floats, values_N: Floats) -> float:
    """Returns the mean distance, or that of two neighbouring values on average if all distances are 0."""
    mean = float(distances.mean())
    return mean if mean > 0 else float(np.ptp(values_N)) / len(values_N)


def bin_tokens(num_bins: int) -> list[str]:
    """Returns the words for bins, in their order.

    >>> bin_tokens(3), bin_tokens(20)[-1]
    (['r1', 'r2', 'r3'], 'r20')
    """
    width = len(str(num_bins))
    return [f"r{number:0{width}d}" for number in range(1, num_bins + 1)]


def root_mean_square(values_N: Floats) -> float:
    """Returns the root of the mean square of values.

    >>> root_mean_square(np.array([3.0, 4.0, 0.0]))
    2.886751345948129
    """
    return math.sqrt(float((values_N**2).mean()))


def recent_sizes(values_N: Floats, *, decay: float, initial: float) -> Floats:
    """Returns the recent size of values before each of them, and before the one that follows; shape (N + 1,).

    Its square is the exponentially weighted mean of the squares of all values before, none of the value itself or a
    later one (RiskMetrics 1996, J. P. Morgan, section 5.2).

    Args:
        values_N: The values.
        decay: Weight of the past at each step.
        initial: Size before the first value, that of the training values.

    >>> recent_sizes(np.array([3.0, 0.0]), decay=0.5, initial=1.0).round(3).tolist()
    [1.0, 2.236, 1.581]
    """
    squares = [initial**2]
    for square in (values_N**2).tolist():
        squares.append(decay * squares[-1] + (1 - decay) * square)
    sizes: Floats = np.sqrt(np.maximum(squares, (MIN_SCALE * initial) ** 2))
    return sizes
