"""How good classifiers are by the number of labels that they learn from."""

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import Any, NamedTuple

from halo.classification.measurement.wording import CLASSIFIER, NAMES
from halo.reports.console import count, table

STEPS = (1, 3)
SMALLEST = 10
SEEDS_OF_SMALL_SIZES = 3
"""Which documents are drawn matters most where there are few: smaller sizes are measured with several draws."""
SMALL = 300


class CurvePoint(NamedTuple):
    """The accuracies with one number of labels.

    Attributes:
        labels: Number of labelled training documents.
        accuracies: For each model the accuracy on test, of each draw of the documents.
        macro_f1: The same of the macro-F1.
    """

    labels: int
    accuracies: dict[str, list[float]]
    macro_f1: dict[str, list[float]]


def curve_sizes(num_documents: int) -> list[int]:
    """Returns the numbers of labels of a learning curve: 10, 30, 100, 300 and so on, and all.

    >>> curve_sizes(500), curve_sizes(8)
    ([10, 30, 100, 300, 500], [8])
    """
    sizes, power = [], SMALLEST
    while power < num_documents:
        sizes += [step * power for step in STEPS if step * power < num_documents]
        power *= 10
    return [*sizes, num_documents]


def learning_curve(
    num_documents: int, measure_one: Callable[[int, int], Mapping[str, tuple[float, float]]], *, seed: int
) -> list[CurvePoint]:
    """Returns the points of a learning curve, with several draws of the documents at small sizes.

    Args:
        num_documents: Number of labelled training documents.
        measure_one: Number of labels and seed of their choice -> for each model its accuracy and macro-F1 on test.
        seed: The first seed.
    """
    points = []
    for size in curve_sizes(num_documents):
        draws = SEEDS_OF_SMALL_SIZES if size <= SMALL and size < num_documents else 1
        found = [measure_one(size, seed + number) for number in range(draws)]
        accuracies, macro_f1 = ({model: [each[model][part] for each in found] for model in found[0]} for part in (0, 1))
        points.append(CurvePoint(size, accuracies, macro_f1))
    return points


def as_dicts(points: Sequence[CurvePoint]) -> list[dict[str, Any]]:
    """Returns the points as plain data, as in metrics.json."""
    return [point._asdict() for point in points]


def curve_table(points: Sequence[CurvePoint]) -> str:
    """Returns the table of a learning curve, with the range over draws."""
    models = [model for model in NAMES if model in points[0].accuracies]
    rows = [
        [
            count(point.labels),
            f"{len(point.accuracies[CLASSIFIER])}",
            *(_cell(point.accuracies[model]) for model in models),
        ]
        for point in points
    ]
    header = ["labels", "draws", *(NAMES[model] for model in models)]
    return table("Accuracy on test by the number of labels, in percent: mean and range over draws", header, rows)


def _cell(accuracies: Sequence[float]) -> str:
    mean = f"{100 * fmean(accuracies):.1f}"
    return mean if len(accuracies) == 1 else f"{mean} ({100 * min(accuracies):.1f}-{100 * max(accuracies):.1f})"
