"""Measures all documents of a small text: each is predicted by a classifier that has not learned from it.

Shape letters: N documents, C classes.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.classification.measurement.figures import Figures, Floats, classification_figures
from halo.classification.measurement.paired_tests import PairedTest, compare_predictions
from halo.classification.measurement.wording import CLASSIFIER, verdict

Ints = npt.NDArray[np.int64]


class Fold(NamedTuple):
    """The documents of one fold.

    Attributes:
        train: Those that are learned from.
        validation: Those on which the epoch, the temperature and the strengths are chosen.
        test: Those that are predicted.
    """

    train: Ints
    validation: Ints
    test: Ints


class CrossValidation(NamedTuple):
    """The figures of all documents, each predicted in the fold that holds it out.

    Attributes:
        folds: Number of folds.
        figures: The figures of each model.
        tests: For each other model the paired test of the classifier against it.
        verdict: Whether the classifier is any better, in sentences.
    """

    folds: int
    figures: dict[str, Figures]
    tests: dict[str, PairedTest]
    verdict: list[str]

    def as_dict(self, labels: tuple[str, ...]) -> dict[str, Any]:
        """Returns the figures as plain data, as in metrics.json."""
        return {
            "folds": self.folds,
            "models": {model: each.as_dict(labels) for model, each in self.figures.items()},
            "tests_of_classifier_against": {model: test._asdict() for model, test in self.tests.items()},
            "verdict": " ".join(self.verdict),
        }


def make_folds(targets_N: npt.NDArray[Any], folds: int, *, seed: int) -> Iterator[Fold]:
    """Yields folds with nearly the same shares of each class; validation is the next fold's test part.

    Args:
        targets_N: The class of each document.
        folds: Number of folds, at least 3.
        seed: Seed of the assignment.

    >>> [fold.test.size for fold in make_folds(np.array([0] * 6 + [1] * 3), 3, seed=0)]
    [3, 3, 3]
    """
    order_N = np.random.default_rng(seed).permutation(len(targets_N))
    order_N = order_N[np.argsort(targets_N[order_N], kind="stable")]
    fold_N = np.empty(len(targets_N), dtype=np.int64)
    fold_N[order_N] = np.arange(len(targets_N)) % folds
    for index in range(folds):
        is_test_N, is_validation_N = fold_N == index, fold_N == (index + 1) % folds
        yield Fold(*(np.flatnonzero(each_N) for each_N in (~is_test_N & ~is_validation_N, is_validation_N, is_test_N)))


def measure_folds(predictions: Mapping[str, Floats], targets_N: Ints, *, folds: int) -> CrossValidation:
    """Returns the figures of predictions of all documents.

    Args:
        predictions: For each model the probabilities of all documents, each predicted in the fold that holds it out.
        targets_N: The class of each document.
        folds: Number of folds.
    """
    figures = {model: classification_figures(each_NC, targets_N) for model, each_NC in predictions.items()}
    own_NC = predictions[CLASSIFIER]
    tests = {
        model: compare_predictions(own_NC, each_NC, targets_N)
        for model, each_NC in predictions.items()
        if model != CLASSIFIER
    }
    return CrossValidation(folds, figures, tests, verdict(figures, tests, noun="document"))
