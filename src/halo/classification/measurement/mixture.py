"""A log-linear mixture of a classifier with a model of words and pairs of words.

Shape letters: N documents, C classes.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.classification.measurement.calibration import apply_temperature, fit_temperature, log_probabilities
from halo.classification.measurement.figures import Floats, cross_entropy

WEIGHTS = tuple(index / 20 for index in range(21))
"""The weights of the n-gram model among which validation chooses."""


class Mixture(NamedTuple):
    """How two models are mixed.

    Attributes:
        weight: The weight of the second model's log-probabilities, from 0 to 1.
        temperature: The temperature of the mixture, fitted on validation.
    """

    weight: float
    temperature: float

    def apply(self, first_NC: Floats, second_NC: Floats) -> Floats:
        """Returns the probabilities of the mixture.

        Args:
            first_NC: The probabilities of the classifier.
            second_NC: Those of the n-gram model.
        """
        return apply_temperature(_mix(first_NC, second_NC, self.weight), self.temperature)


def fit_mixture(first_NC: Floats, second_NC: Floats, targets_N: npt.NDArray[Any]) -> Mixture:
    """Returns the mixture with the lowest cross-entropy on validation, of a grid of weights that holds both alone.

    The mixture is proportional to first^(1 - weight) * second^weight, a product of experts (Hinton 2002). For sentiment
    it is what an n-gram model adds to a recurrent one (Mesnil et al. 2015, Ensemble of Generative and Discriminative
    Techniques for Sentiment Analysis of Movie Reviews).

    Args:
        first_NC: The probabilities of the classifier for the validation documents.
        second_NC: Those of the n-gram model.
        targets_N: The class of each document.
    """
    best: tuple[float, Mixture] | None = None
    for weight in WEIGHTS:
        mixed_NC = _mix(first_NC, second_NC, weight)
        mixture = Mixture(weight, fit_temperature(log_probabilities(mixed_NC), targets_N))
        loss = cross_entropy(mixture.apply(first_NC, second_NC), targets_N)
        if best is None or loss < best[0]:
            best = (loss, mixture)
    assert best is not None
    return best[1]


def _mix(first_NC: Floats, second_NC: Floats, weight: float) -> Floats:
    mixed_NC = (1 - weight) * log_probabilities(first_NC) + weight * log_probabilities(second_NC)
    mixed_NC = np.exp(mixed_NC - mixed_NC.max(axis=1, keepdims=True))
    probabilities_NC: Floats = mixed_NC / mixed_NC.sum(axis=1, keepdims=True)
    return probabilities_NC
