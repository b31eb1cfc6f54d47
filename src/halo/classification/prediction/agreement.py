"""Predicted labels beside the true ones that a file has: accuracy, confusions, and what cannot be compared.

Shape letters: N texts, C classes.
"""

import logging
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from halo.classification.measurement.figures import Figures, classification_figures
from halo.classification.prediction.classifications import Classification
from halo.evaluation.bootstrap import Interval
from halo.reports.console import table
from halo.runtime.errors import counted, printable
from halo.scoring.comparison.statistics import wilson_interval

MAX_CONFUSIONS = 10
"""The number of kinds of errors that the table lists, the most frequent first."""
MAX_LABEL = 24
"""Characters of a label in a table."""

log = logging.getLogger(__name__)


class Agreement:
    """Collects predictions for texts whose true label is known.

    Args:
        labels: The labels of the classifier, in its order.
        field: The column of the true label.
        threshold: The probability from which a label is given.
    """

    def __init__(self, labels: Sequence[str], field: str, *, threshold: float) -> None:
        self._index = {label: number for number, label in enumerate(labels)}
        self.field, self._threshold = field, threshold
        self._targets: list[int] = []
        self._probabilities: list[list[float]] = []
        self._unlabelled = 0
        self._unknown: Counter[str] = Counter()

    def add(self, true_label: object, found: Classification | None) -> None:
        """Adds a text; one without prediction is not compared."""
        label = label_text(true_label)
        if found is None:
            return
        if not label:
            self._unlabelled += 1
        elif label not in self._index:
            self._unknown[label] += 1
        else:
            self._targets.append(self._index[label])
            self._probabilities.append([*found.probabilities.values()])

    def report(self) -> dict[str, Any] | None:
        """Logs the figures as tables, and returns them as plain data; None if no text could be compared."""
        if self._unlabelled:
            log.info("%s without a value of %r: not compared", counted(self._unlabelled, "text"), self.field)
        if self._unknown:
            label, _ = self._unknown.most_common(1)[0]
            texts = counted(self._unknown.total(), "text")
            shown = printable(label)[:MAX_LABEL]
            log.warning(
                "%s with a value of %r that is none of the classifier's labels, such as %r: not compared",
                *(texts, self.field, shown),
            )
        if not self._targets:
            log.warning("No text has one of the classifier's labels in the column %r: nothing to compare", self.field)
            return None
        targets_N, probabilities_NC = np.array(self._targets), np.array(self._probabilities)
        figures = classification_figures(probabilities_NC, targets_N)
        labels = tuple(self._index)
        log.info("%s", agreement_table(figures, self.field, labels))
        summary = {"field": self.field, **figures.as_dict(labels), "unlabelled": self._unlabelled}
        summary["unknown_labels"] = dict(self._unknown.most_common())
        if self._threshold > 0:
            is_sure_N = probabilities_NC.max(axis=1) >= self._threshold
            right = int((probabilities_NC.argmax(axis=1) == targets_N)[is_sure_N].sum())
            summary["above_threshold"] = _above_threshold(right, int(is_sure_N.sum()), self._threshold)
        return summary


def _above_threshold(right: int, number: int, threshold: float) -> dict[str, Any]:
    """Logs the accuracy of the texts that got a label, and returns it as plain data."""
    if not number:
        return {"documents": 0, "accuracy": None, "accuracy_interval": None}
    interval = wilson_interval(right, number)
    where = f"Where a label is given (threshold={threshold:g}, {counted(number, 'text')})"
    log.info("%s: accuracy %s", where, share(right / number, interval))
    return {"documents": number, "accuracy": right / number, "accuracy_interval": [*interval]}


def label_text(value: object) -> str:
    """Returns a label as the training text has it: as text, empty for none.

    >>> label_text("pos"), label_text(1), label_text(None), label_text(float("nan")), label_text(" ")
    ('pos', '1', '', '', '')
    """
    is_missing = value is None or (isinstance(value, float) and math.isnan(value)) or not str(value).strip()
    return "" if is_missing else str(value)


def agreement_table(figures: Figures, field: str, labels: Sequence[str]) -> str:
    """Returns accuracy and macro-F1 with 95% intervals, the figures of each class, and the most frequent confusions.

    Args:
        figures: The figures.
        field: The column of the true label.
        labels: The labels of the classes.
    """
    title = (
        f"Compared with the column {field!r}, {counted(figures.documents, 'text')}\n"
        f"accuracy {share(figures.accuracy, figures.accuracy_interval)}, "
        f"macro-F1 {share(figures.macro_f1, figures.macro_f1_interval)}"
    )
    rows = [
        [shown_label(label), *map(share, (each.precision, each.recall, each.f1)), str(each.support)]
        for label, each in zip(labels, figures.classes, strict=True)
        if each.support or each.predicted
    ]
    tables = [table(title, ["label", "precision", "recall", "F1", "texts"], rows)]
    confusions = [
        (int(number), labels[true], labels[predicted])
        for (true, predicted), number in np.ndenumerate(figures.confusion_CC)
        if true != predicted and number
    ]
    confusions.sort(key=lambda each: -each[0])
    if confusions:
        rows = [[shown_label(true), shown_label(other), str(number)] for number, true, other in confusions]
        left = len(rows) - MAX_CONFUSIONS
        more = f" (metrics.json has {left} more kinds)" if left > 0 else ""
        errors = table(
            f"Errors{more}", ["true label", "predicted", "texts"], rows[:MAX_CONFUSIONS], text_columns=(0, 1)
        )
        tables.append(errors)
    return "\n".join(tables)


def shown_label(label: str) -> str:
    """Returns a label that fits into a table."""
    plain = printable(label)
    return plain if len(plain) <= MAX_LABEL else f"{plain[: MAX_LABEL - 1]}…"


def share(value: float | None, interval: Interval | None = None) -> str:
    """Returns a share in percent, with its interval if there is one.

    >>> share(0.875), share(0.875, Interval(0.5, 1.0)), share(None)
    ('87.5%', '87.5% (50.0-100.0%)', '-')
    """
    if value is None:
        return "-"
    return f"{value:.1%}" + (f" ({100 * interval.low:.1f}-{interval.high:.1%})" if interval else "")
