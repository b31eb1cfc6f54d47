"""Calibration: how often the model's first guess was right, beside the probability that it gave this guess.

Shape letter: N tokens of the text.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

BINS = 10
Z_95 = 1.96


class Bin(NamedTuple):
    """The tokens whose first guess had a probability in one range.

    Attributes:
        low: The lower bound of the range.
        high: The upper bound.
        tokens: Number of tokens.
        predicted: Mean probability of the first guess.
        observed: Fraction of the tokens where the first guess was right.
        interval: 95% interval of `observed` (Wilson 1927).
    """

    low: float
    high: float
    tokens: int
    predicted: float
    observed: float
    interval: tuple[float, float]


class Calibration(NamedTuple):
    """How well the probabilities of a model agree with what happens.

    Attributes:
        bins: The ranges of probability that have tokens.
        error: Expected calibration error (Guo et al. 2017): the mean over the tokens of the difference between the
            predicted and the observed frequency of their bin.
        confidence: Mean probability of the first guess.
        accuracy: Fraction of the tokens where it was right.
    """

    bins: list[Bin]
    error: float
    confidence: float
    accuracy: float


def calibrate(top_probability_N: npt.NDArray[np.float64], is_top_N: npt.NDArray[np.bool_]) -> Calibration:
    """Returns the calibration of the first guesses in ten ranges of equal width.

    Args:
        top_probability_N: Probability of the likeliest token, at each token of a text; at least one.
        is_top_N: Whether it was the token.

    >>> calibration = calibrate(np.array([0.75, 0.75, 0.75, 0.75]), np.array([True, True, False, False]))
    >>> calibration.error, calibration.confidence, calibration.accuracy
    (0.25, 0.75, 0.5)
    """
    bins_N = np.minimum((top_probability_N * BINS).astype(np.int64), BINS - 1)
    tokens = np.bincount(bins_N, minlength=BINS)
    predicted, observed = (
        np.bincount(bins_N, each, BINS) / np.maximum(tokens, 1) for each in (top_probability_N, is_top_N)
    )
    bins = [
        Bin(
            index / BINS,
            (index + 1) / BINS,
            int(tokens[index]),
            float(predicted[index]),
            float(observed[index]),
            _wilson_interval(float(observed[index]), int(tokens[index])),
        )
        for index in range(BINS)
        if tokens[index]
    ]
    error = sum(each.tokens * abs(each.predicted - each.observed) for each in bins) / len(top_probability_N)
    return Calibration(bins, error, float(top_probability_N.mean()), float(is_top_N.mean()))


def _wilson_interval(share: float, number: int) -> tuple[float, float]:
    middle = share + Z_95**2 / (2 * number)
    spread = Z_95 * math.sqrt(share * (1 - share) / number + Z_95**2 / (4 * number**2))
    scale = 1 + Z_95**2 / number
    return max((middle - spread) / scale, 0.0), min((middle + spread) / scale, 1.0)
