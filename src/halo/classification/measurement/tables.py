"""The figures of classifiers as tables for the terminal, 80 columns wide."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from halo.classification.measurement.cross_validation import CrossValidation
from halo.classification.measurement.figures import Figures
from halo.classification.measurement.measure import UNCALIBRATED, Measurement
from halo.classification.measurement.paired_tests import PairedTest
from halo.classification.measurement.wording import CLASSIFIER, NAMES
from halo.evaluation.bootstrap import Interval
from halo.reports.console import count, table, wrapped
from halo.runtime.errors import counted
from halo.scoring.comparison.statistics import show_p_value

MAX_CLASSES = 12
"""Classes that a table shows; metrics.json has all."""
MAX_CONFUSION = 8
"""Classes up to which all pairs are shown; with more of them only the most frequent confusions."""
MAX_PAIRS = 8
MAX_LABEL = 24


def measurement_text(measurement: Measurement) -> str:
    """Returns the tables of a measurement with its verdict below them."""
    figures = measurement.figures["test"]
    own = figures[CLASSIFIER]
    before, after = (measurement.calibrations[model].error for model in (UNCALIBRATED, CLASSIFIER))
    calibrated = (
        f"Calibration error {before:.1%}, {after:.1%} after temperature scaling ({measurement.temperature:.2f})"
    )
    parts = [
        models_table(measurement),
        class_table(own, measurement.labels),
        confusion_text(own.confusion_CC, measurement.labels),
        wrapped(calibrated),
        *map(wrapped, measurement.notes),
        *map(wrapped, measurement.verdict),
    ]
    return "\n".join(part for part in parts if part)


def models_table(measurement: Measurement) -> str:
    """Returns the table of the models on test: accuracy, macro-F1, calibration error and the paired test."""
    figures = measurement.figures["test"]
    errors = {model: each.error for model, each in measurement.calibrations.items()}
    title = (
        f"{counted(figures[CLASSIFIER].documents, 'test document')}, in percent with 95% intervals; p: exact McNemar "
        "test against the classifier"
    )
    return table(title, ["model", "accuracy", "macro-F1", "ECE", "p"], _rows(figures, measurement.tests, errors))


def folds_table(found: CrossValidation) -> str:
    """Returns the table of the models on all documents, each predicted in the fold that holds it out."""
    documents = counted(found.figures[CLASSIFIER].documents, "document")
    title = f"{found.folds}-fold cross-validation: all {documents}, in percent with 95% intervals"
    rows = [[*cells[:3], cells[4]] for cells in _rows(found.figures, found.tests, {})]
    return table(title, ["model", "accuracy", "macro-F1", "p"], rows)


def _rows(
    figures: Mapping[str, Figures], tests: Mapping[str, PairedTest], errors: Mapping[str, float]
) -> list[list[str]]:
    return [
        [
            name,
            with_interval(figures[model].accuracy, figures[model].accuracy_interval),
            with_interval(figures[model].macro_f1, figures[model].macro_f1_interval),
            percent(errors.get(model)),
            show_p_value(tests[model].accuracy_p_value if model in tests else None),
        ]
        for model, name in NAMES.items()
        if model in figures
    ]


def with_interval(share: float, interval: Interval | None) -> str:
    """Returns a share in percent with its interval.

    >>> with_interval(0.733, Interval(0.48, 0.891)), with_interval(1.0, None)
    ('73.3 (48.0-89.1)', '100.0')
    """
    ends = "" if interval is None else f" ({100 * interval.low:.1f}-{100 * interval.high:.1f})"
    return f"{100 * share:.1f}{ends}"


def class_table(figures: Figures, labels: tuple[str, ...]) -> str:
    """Returns the table of each class, the most frequent ones first."""
    order = sorted(range(len(labels)), key=lambda index: -figures.classes[index].support)
    rows = []
    for index in order[:MAX_CLASSES]:
        each = figures.classes[index]
        shares = [percent(share) for share in (each.precision, each.recall, each.f1)]
        rows.append([short(labels[index]), *shares, count(each.support), count(each.predicted)])
    title = "Classes, in percent"
    if len(order) > MAX_CLASSES:
        title += f" (metrics.json has {len(order) - MAX_CLASSES:,} more)"
    return table(title, ["class", "precision", "recall", "F1", "documents", "predicted"], rows)


def percent(share: float | None) -> str:
    """Returns a share in percent; `-` if there is none.

    >>> percent(0.5), percent(None)
    ('50.0', '-')
    """
    return "-" if share is None else f"{100 * share:.1f}"


def short(label: str) -> str:
    """Returns a label that fits into a table.

    >>> short("a label of more than twenty-four letters"), short("")
    ('a label of more than twe…', '(none)')
    """
    return label if 0 < len(label) <= MAX_LABEL else f"{label[:MAX_LABEL]}…" if label else "(none)"


def confusion_text(confusion_CC: npt.NDArray[Any], labels: tuple[str, ...]) -> str:
    """Returns the confusion table; of many classes only the pairs that are confused most, and none if none is."""
    if len(labels) <= MAX_CONFUSION:
        numbers = [str(index + 1) for index in range(len(labels))]
        rows = [
            [f"{number} {short(label)}", *map(count, row)]
            for number, label, row in zip(numbers, labels, confusion_CC.tolist(), strict=True)
        ]
        return table("Documents by true class (rows) and predicted class (columns)", ["", *numbers], rows)
    pairs = most_confused(confusion_CC)
    if not pairs:
        return ""
    rows = [[short(labels[true]), short(labels[predicted]), count(number)] for true, predicted, number in pairs]
    return table("Most frequent confusions", ["class", "taken for", "documents"], rows, text_columns=(0, 1))


def most_confused(confusion_CC: npt.NDArray[Any], *, limit: int = MAX_PAIRS) -> list[tuple[int, int, int]]:
    """Returns the most frequent errors as true class, predicted class and number of documents.

    >>> most_confused(np.array([[5, 1], [2, 7]]))
    [(1, 0, 2), (0, 1, 1)]
    """
    errors_CC = confusion_CC - np.diag(np.diag(confusion_CC))
    order = np.argsort(-errors_CC, axis=None, kind="stable")[:limit].tolist()
    places = [divmod(place, len(errors_CC)) for place in order]
    pairs = [(true, predicted, int(errors_CC[true, predicted])) for true, predicted in places]
    return [pair for pair in pairs if pair[2]]
