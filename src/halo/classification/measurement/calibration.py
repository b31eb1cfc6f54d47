"""Whether a probability of 80% is right in 80% of the documents, and the temperature that brings it closer.

Shape letters: N documents, C classes.
"""

import itertools
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.evaluation.bootstrap import Interval
from halo.scoring.comparison.statistics import wilson_interval

Floats = npt.NDArray[np.float64]

MAX_BINS = 15
DOCUMENTS_PER_BIN = 10
"""With fewer documents in a bin, the distance from the diagonal is mostly chance."""
INVERSE_TEMPERATURES = (1 / 50, 50.0)
SEARCH_STEPS = 60


class Bin(NamedTuple):
    """Documents whose prediction has a probability in one range.

    Attributes:
        low: The lowest probability of a prediction in it.
        high: The highest one.
        documents: Number of documents.
        predicted: Mean probability of the predictions.
        observed: Share of the predictions that are right.
        interval: 95% interval of `observed` (Wilson 1927).
    """

    low: float
    high: float
    documents: int
    predicted: float
    observed: float
    interval: Interval


class Calibration(NamedTuple):
    """How well the probabilities of the predicted classes agree with what happens.

    Attributes:
        error: Expected calibration error: the mean over the documents of the distance between the mean probability
            and the share of right predictions of their bin.
        bins: The bins, from unsure to sure.
    """

    error: float
    bins: list[Bin]


def calibrate(probabilities_NC: Floats, targets_N: npt.NDArray[Any]) -> Calibration:
    """Returns the calibration of the most probable classes, in bins of equal numbers of documents.

    Bins of equal mass estimate the error with less bias than bins of equal width, most of which are nearly empty
    (Nixon et al. 2019, Measuring Calibration in Deep Learning). There are up to 15 of them, with ten documents or more
    each; equal probabilities are never divided.

    Args:
        probabilities_NC: The probability of each class for each document; at least one document.
        targets_N: The class of each document.

    >>> calibration = calibrate(np.array([[0.75, 0.25]] * 4), np.array([0, 0, 0, 1]))
    >>> calibration.error, len(calibration.bins)
    (0.0, 1)
    """
    top_N = probabilities_NC.max(axis=1)
    order_N = np.argsort(top_N, kind="stable")
    top_N, is_right_N = top_N[order_N], (probabilities_NC.argmax(axis=1) == targets_N)[order_N]
    num_bins = max(1, min(MAX_BINS, len(top_N) // DOCUMENTS_PER_BIN))
    starts = [len(top_N) * index // num_bins for index in range(num_bins)]
    # An edge among equal probabilities moves to the first of them.
    edges = [*sorted({int(np.searchsorted(top_N, top_N[start])) for start in starts}), len(top_N)]
    bins = []
    for first, last in itertools.pairwise(edges):
        right, size = int(is_right_N[first:last].sum()), last - first
        predicted = float(top_N[first:last].mean())
        interval = wilson_interval(right, size)
        bins.append(Bin(float(top_N[first]), float(top_N[last - 1]), size, predicted, right / size, interval))
    error = sum(each.documents * abs(each.predicted - each.observed) for each in bins) / len(top_N)
    return Calibration(error, bins)


def fit_temperature(logits_NC: Floats, targets_N: npt.NDArray[Any]) -> float:
    """Returns the temperature by which logits are divided so that held-out labels become most probable.

    Temperature scaling (Guo et al. 2017, On Calibration of Modern Neural Networks) changes no prediction, only how sure
    it is. The loss is convex in the inverse temperature, whose derivative is set to 0 by bisection. As in Platt
    (1999, section 2.2) each target has a little less than probability 1, for N documents 1 - 1 / (N + 2): without this,
    a handful of documents that are all right would ask for infinite certainty.

    Args:
        logits_NC: Logits or log-probabilities of held-out documents; not of those that were trained on.
        targets_N: Their classes.

    >>> round(fit_temperature(np.log([[0.99, 0.01]] * 100), np.array([0] * 75 + [1] * 25)), 2)
    4.23
    """
    num_documents, num_classes = logits_NC.shape
    slack = 1 / (num_documents + 2)
    wanted_NC = np.full_like(logits_NC, slack / num_classes, dtype=np.float64)
    wanted_NC[np.arange(num_documents), targets_N] += 1 - slack
    centred_NC = logits_NC - logits_NC.max(axis=1, keepdims=True)
    low, high = np.log(INVERSE_TEMPERATURES)
    for _ in range(SEARCH_STEPS):
        middle = (low + high) / 2
        slope = float(((_softmax(centred_NC * np.exp(middle)) - wanted_NC) * centred_NC).sum())
        low, high = (middle, high) if slope < 0 else (low, middle)
    return float(np.exp(-(low + high) / 2))


def apply_temperature(probabilities_NC: Floats, temperature: float) -> Floats:
    """Returns probabilities whose logits are divided by a temperature; above 1 it makes them less sure.

    >>> apply_temperature(np.array([[0.9, 0.1]]), 2.0).round(3).tolist()
    [[0.75, 0.25]]
    """
    return _softmax(log_probabilities(probabilities_NC) / temperature)


def log_probabilities(probabilities_NC: Floats) -> Floats:
    """Returns logarithms of probabilities, which are finite for those that were rounded to 0."""
    logs_NC: Floats = np.log(np.maximum(probabilities_NC, np.finfo(np.float64).tiny))
    return logs_NC


def _softmax(logits_NC: Floats) -> Floats:
    weights_NC = np.exp(logits_NC - logits_NC.max(axis=1, keepdims=True))
    probabilities_NC: Floats = weights_NC / weights_NC.sum(axis=1, keepdims=True)
    return probabilities_NC
