"""Accuracy, F1 and confusion of predicted classes, with intervals over documents.

Shape letters: N documents, C classes, R resamples.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from halo.evaluation.bootstrap import CONFIDENCE, RESAMPLES, Interval, resampled_groups
from halo.scoring.comparison.statistics import wilson_interval

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SMALLEST_PROBABILITY = 1e-12
"""Probabilities below count as this one, so that a single document does not make a mean infinite."""
QUANTILES = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)


@dataclass(frozen=True)
class ClassFigures:
    """The figures of one class.

    Attributes:
        precision: Share of the documents predicted as this class that are of it; None if none is predicted as it.
        recall: Share of the documents of this class that are predicted as it; None if there are none.
        f1: Harmonic mean of both: 0 if no document of the class is found, None if it neither occurs nor is predicted.
        support: Number of documents of the class.
        predicted: Number of documents predicted as it.
    """

    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    predicted: int


@dataclass(frozen=True)
class Figures:
    """The figures of a model's predictions for labelled documents.

    Attributes:
        documents: Number of documents.
        accuracy: Share of the documents whose most probable class is theirs.
        accuracy_interval: Its 95% interval (Wilson 1927).
        macro_f1: Mean F1 of the classes that occur or are predicted.
        macro_f1_interval: Its 95% percentile interval over resampled documents; None with fewer than two.
        cross_entropy: Mean negative log-probability of the true class, in nats.
        classes: The figures of each class, in the order of the labels.
        confusion_CC: Number of documents by true class (rows) and predicted class (columns).
    """

    documents: int
    accuracy: float
    accuracy_interval: Interval
    macro_f1: float
    macro_f1_interval: Interval | None
    cross_entropy: float
    classes: list[ClassFigures]
    confusion_CC: Ints

    def as_dict(self, labels: tuple[str, ...]) -> dict[str, Any]:
        """Returns the figures as plain data, as in metrics.json."""
        return {
            "documents": self.documents,
            "accuracy": self.accuracy,
            "accuracy_interval": list(self.accuracy_interval),
            "macro_f1": self.macro_f1,
            "macro_f1_interval": None if self.macro_f1_interval is None else list(self.macro_f1_interval),
            "cross_entropy": self.cross_entropy,
            "classes": {label: vars(each) for label, each in zip(labels, self.classes, strict=True)},
            "confusion": {
                label: {labels[other]: int(row_C[other]) for other in np.flatnonzero(row_C).tolist()}
                for label, row_C in zip(labels, self.confusion_CC, strict=True)
                if row_C.any()
            },
        }


def classification_figures(probabilities_NC: Floats, targets_N: npt.NDArray[Any]) -> Figures:
    """Returns the figures of predicted probabilities; of equally probable classes the first one is predicted.

    Args:
        probabilities_NC: The probability of each class for each document; at least one document.
        targets_N: The class of each document.

    >>> figures = classification_figures(np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]), np.array([0, 1, 1]))
    >>> round(figures.accuracy, 3), round(figures.macro_f1, 3), figures.confusion_CC.tolist()
    (0.667, 0.667, [[1, 0], [1, 1]])
    """
    targets_N = targets_N.astype(np.int64)
    num_documents, num_classes = probabilities_NC.shape
    predicted_N = probabilities_NC.argmax(axis=1)
    confusion_CC = np.bincount(targets_N * num_classes + predicted_N, minlength=num_classes**2)
    confusion_CC = confusion_CC.reshape(num_classes, num_classes)
    is_right_N = predicted_N == targets_N
    return Figures(
        num_documents,
        float(is_right_N.mean()),
        wilson_interval(int(is_right_N.sum()), num_documents),
        macro_f1(predicted_N, targets_N, num_classes),
        macro_f1_interval(predicted_N, targets_N, num_classes),
        cross_entropy(probabilities_NC, targets_N),
        [_class_figures(confusion_CC, index) for index in range(num_classes)],
        confusion_CC,
    )


def cross_entropy(probabilities_NC: Floats, targets_N: npt.NDArray[Any]) -> float:
    """Returns the mean negative log-probability of the true classes, in nats."""
    chosen_N = probabilities_NC[np.arange(len(targets_N)), targets_N]
    return float(-np.log(np.maximum(chosen_N, SMALLEST_PROBABILITY)).mean())


def _class_figures(confusion_CC: Ints, index: int) -> ClassFigures:
    right, support = int(confusion_CC[index, index]), int(confusion_CC[index].sum())
    predicted = int(confusion_CC[:, index].sum())
    return ClassFigures(
        right / predicted if predicted else None,
        right / support if support else None,
        2 * right / (support + predicted) if support + predicted else None,
        support,
        predicted,
    )


def macro_f1(predicted_N: npt.NDArray[Any], targets_N: npt.NDArray[Any], num_classes: int) -> float:
    """Returns the mean F1 of the classes that occur or are predicted, as scikit-learn defines it.

    >>> macro_f1(np.array([0, 0, 1]), np.array([0, 0, 1]), num_classes=3)
    1.0
    """
    every_1N = np.arange(len(targets_N))[None]
    return float(resampled_macro_f1(predicted_N, targets_N, every_1N, num_classes)[0])


def resampled_macro_f1(
    predicted_N: npt.NDArray[Any], targets_N: npt.NDArray[Any], drawn_RN: Ints, num_classes: int
) -> Floats:
    """Returns the macro-F1 of each resample, shape (R,).

    Args:
        predicted_N: The predicted class of each document.
        targets_N: Its true class.
        drawn_RN: The documents of each resample.
        num_classes: Number of classes.
    """
    right_RC = _count_classes(np.where(predicted_N == targets_N, targets_N, num_classes), drawn_RN, num_classes)
    size_RC = _count_classes(targets_N, drawn_RN, num_classes) + _count_classes(predicted_N, drawn_RN, num_classes)
    f1_RC = 2 * right_RC / np.maximum(size_RC, 1)
    means_R: Floats = f1_RC.sum(axis=1) / (size_RC > 0).sum(axis=1)
    return means_R


def _count_classes(classes_N: npt.NDArray[Any], drawn_RN: Ints, num_classes: int) -> Ints:
    """Returns how often each class is in each resample; class `num_classes` is not counted."""
    num_resamples, width = len(drawn_RN), num_classes + 1
    cells_RN = classes_N[drawn_RN] + width * np.arange(num_resamples)[:, None]
    counts = np.bincount(cells_RN.ravel(), minlength=num_resamples * width).reshape(num_resamples, width)
    return counts[:, :num_classes]


def macro_f1_interval(predicted_N: npt.NDArray[Any], targets_N: npt.NDArray[Any], num_classes: int) -> Interval | None:
    """Returns the 95% percentile interval of the macro-F1 over resampled documents; None with fewer than two."""
    if len(targets_N) < 2:
        return None
    means_R = np.concatenate(
        [
            resampled_macro_f1(predicted_N, targets_N, drawn_RN, num_classes)
            for drawn_RN in resampled_groups(len(targets_N), RESAMPLES)
        ]
    )
    low, high = np.quantile(means_R, QUANTILES)
    return Interval(float(low), float(high))
