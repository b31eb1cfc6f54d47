"""Measures a classifier beside its baselines on the same documents.

Shape letters: N documents, C classes.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.classification.measurement.baselines import (
    BaselineModel,
    Train,
    fit_naive_bayes_regression,
    fit_tfidf,
    majority_probabilities,
)
from halo.classification.measurement.calibration import Calibration, calibrate
from halo.classification.measurement.figures import Figures, Floats, classification_figures
from halo.classification.measurement.mixture import Mixture, fit_mixture
from halo.classification.measurement.paired_tests import PairedTest, compare_predictions
from halo.classification.measurement.predictions import Predictions
from halo.classification.measurement.wording import (
    CLASSIFIER,
    MAJORITY,
    MIXTURE,
    NAIVE_BAYES,
    TFIDF,
    MixtureTest,
    verdict,
)
from halo.runtime.errors import InputError

log = logging.getLogger(__name__)

MEASURED = ("validation", "test")
"""The splits that are measured; choices are made on the first, and the second is reported."""
UNCALIBRATED = "uncalibrated"
"""The classifier before temperature scaling, which is measured for its calibration alone."""

MAX_NAIVE_BAYES_CLASSES = 20
"""NBSVM has a regression for each class, which takes long where there are many."""


class MeasuredSplit(NamedTuple):
    """The labelled documents of a split.

    Attributes:
        texts: Their tokens, with spaces between them.
        targets_N: Their classes.
        documents: Their numbers among all documents of the split.
    """

    texts: Sequence[str]
    targets_N: npt.NDArray[np.int64]
    documents: npt.NDArray[Any]


@dataclass(frozen=True)
class Measurement:
    """What has been measured of a classifier.

    Attributes:
        labels: The classes.
        predictions: The probabilities of every model for validation and test.
        figures: For each split the figures of each model.
        tests: For each other model the paired test of the classifier against it, on test.
        calibrations: The calibration of each model on test, and of the classifier before temperature scaling.
        temperature: The classifier's temperature, fitted on validation.
        mixture: How the n-gram model is mixed in; None if it is not.
        mixed_with: The n-gram model that is mixed in.
        strengths: The regularisation strength of each linear baseline, chosen on validation.
        notes: What could not be measured, and why.
        verdict: Sentences, of which the first is the verdict.
        extras: Further figures by name, such as the learning curve, as plain data.
    """

    labels: tuple[str, ...]
    predictions: Mapping[str, Predictions]
    figures: Mapping[str, Mapping[str, Figures]]
    tests: Mapping[str, PairedTest]
    calibrations: Mapping[str, Calibration]
    temperature: float
    mixture: Mixture | None
    mixed_with: str | None
    strengths: Mapping[str, float]
    notes: Sequence[str]
    verdict: Sequence[str]
    extras: dict[str, Any] = field(default_factory=dict)

    def metrics(self) -> dict[str, Any]:
        """Returns the figures as plain data, as in metrics.json."""
        own = {split: self.figures[split][CLASSIFIER] for split in MEASURED}
        return {
            **{f"{split}_accuracy": each.accuracy for split, each in own.items()},
            **{f"{split}_macro_f1": each.macro_f1 for split, each in own.items()},
            **{f"{split}_cross_entropy": each.cross_entropy for split, each in own.items()},
            "test_calibration_error": self.calibrations[CLASSIFIER].error,
            "verdict": " ".join(self.verdict),
            "labels": list(self.labels),
            "temperature": self.temperature,
            "models": {
                model: {split: self.figures[split][model].as_dict(self.labels) for split in MEASURED}
                for model in self.figures["test"]
            },
            "tests_of_classifier_against": {model: test._asdict() for model, test in self.tests.items()},
            "calibration": {
                model: {"error": each.error, "bins": [one._asdict() for one in each.bins]}
                for model, each in self.calibrations.items()
            },
            "regularisation_strengths": dict(self.strengths),
            "mixture": None if self.mixture is None else {**self.mixture._asdict(), "with": self.mixed_with},
            "notes": list(self.notes),
            **self.extras,
        }


def measure(
    splits: Mapping[str, MeasuredSplit],
    labels: tuple[str, ...],
    classifier: Mapping[str, Floats],
    *,
    temperature: float,
    interpolate_ngrams: bool,
    hint: str = "",
) -> Measurement:
    """Returns the figures of a classifier and of its baselines, which learn from the same documents.

    Args:
        splits: The documents of train, validation and test.
        labels: The classes.
        classifier: The classifier's logits for validation and test, shape (N, C).
        temperature: What its logits are divided by, as fitted on validation.
        interpolate_ngrams: Whether to mix it with the better one of the n-gram models.
        hint: What to do where there are few test documents; empty for nothing.
    """
    baselines, notes = _linear_baselines(splits, len(labels))
    own = {split: _softmax(classifier[split] / temperature) for split in MEASURED}
    probabilities = _probabilities(splits, len(labels), own, baselines)
    mixture = mixed_with = None
    if interpolate_ngrams and baselines:
        mixture, mixed_with = _mixture(probabilities["validation"], list(baselines), splits["validation"].targets_N)
        for split in MEASURED:
            of_split = probabilities[split]
            of_split[MIXTURE] = mixture.apply(of_split[CLASSIFIER], of_split[mixed_with])
    elif interpolate_ngrams:
        notes.append("interpolate_ngrams=true has no effect without an n-gram model")
    figures = {
        split: {model: classification_figures(each_NC, splits[split].targets_N) for model, each_NC in models.items()}
        for split, models in probabilities.items()
    }
    targets_N, on_test = splits["test"].targets_N, probabilities["test"]
    own_NC = on_test[CLASSIFIER]
    tests = {
        model: compare_predictions(own_NC, each_NC, targets_N)
        for model, each_NC in on_test.items()
        if model != CLASSIFIER
    }
    mixture_test = None
    if mixed_with is not None:
        against = compare_predictions(on_test[MIXTURE], on_test[mixed_with], targets_N)
        mixture_test = MixtureTest(mixed_with, against)
    calibrated = {UNCALIBRATED: _softmax(classifier["test"]), **on_test}
    return Measurement(
        labels,
        {
            split: Predictions(labels, splits[split].targets_N, models, splits[split].documents)
            for split, models in probabilities.items()
        },
        figures,
        tests,
        {model: calibrate(each_NC, targets_N) for model, each_NC in calibrated.items() if model != MAJORITY},
        temperature,
        mixture,
        mixed_with,
        {model: baseline.strength for model, baseline in baselines.items()},
        notes,
        verdict(figures["test"], tests, mixture=mixture_test, hint=hint),
    )


def _probabilities(
    splits: Mapping[str, MeasuredSplit],
    num_classes: int,
    own: Mapping[str, Floats],
    baselines: Mapping[str, BaselineModel],
) -> dict[str, dict[str, Floats]]:
    """Returns the probabilities of the classifier and of each baseline for validation and test, shape (N, C)."""
    train_targets_N = splits["train"].targets_N
    return {
        split: {
            CLASSIFIER: own_NC,
            MAJORITY: majority_probabilities(train_targets_N, len(own_NC), num_classes),
            **{model: baseline.predict(splits[split].texts) for model, baseline in baselines.items()},
        }
        for split, own_NC in own.items()
    }


def _linear_baselines(
    splits: Mapping[str, MeasuredSplit], num_classes: int
) -> tuple[dict[str, BaselineModel], list[str]]:
    """Returns the linear baselines by name; without scikit-learn none, and a note."""
    train, validation = ((splits[split].texts, splits[split].targets_N) for split in ("train", "validation"))
    fits: dict[str, Callable[[Train, Train, int], BaselineModel]] = {TFIDF: fit_tfidf}
    notes = []
    if num_classes <= MAX_NAIVE_BAYES_CLASSES:
        fits[NAIVE_BAYES] = fit_naive_bayes_regression
    else:
        notes.append(
            f"NBSVM is left out: {num_classes:,} classes, and it is fitted for up to {MAX_NAIVE_BAYES_CLASSES}"
        )
    try:
        return {model: fit(train, validation, num_classes) for model, fit in fits.items()}, notes
    except InputError as error:
        return {}, [f"Not compared with TF-IDF: {error}"]


def _mixture(
    probabilities: Mapping[str, Floats], baselines: Sequence[str], targets_N: npt.NDArray[np.int64]
) -> tuple[Mixture, str]:
    """Returns the mixture with the n-gram model that is better on validation, and the name of this model."""
    figures = {model: classification_figures(probabilities[model], targets_N) for model in baselines}
    better = max(baselines, key=lambda model: (figures[model].accuracy, -figures[model].cross_entropy))
    return fit_mixture(probabilities[CLASSIFIER], probabilities[better], targets_N), better


def _softmax(logits_NC: Floats) -> Floats:
    weights_NC = np.exp(logits_NC - logits_NC.max(axis=1, keepdims=True))
    probabilities_NC: Floats = weights_NC / weights_NC.sum(axis=1, keepdims=True)
    return probabilities_NC
