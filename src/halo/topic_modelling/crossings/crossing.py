"""Something measured of each unit of text, by topic: means or shares with intervals, and which topics stand out.

Shape letters: N units of text, C columns (such as classes), D documents.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from halo.comparing.significance import holm
from halo.evaluation.bootstrap import bootstrap_interval
from halo.topic_modelling.crossings.association import MIN_DOCUMENTS, association_test, share_interval

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Measure:
    """What is measured of each unit of text.

    Attributes:
        name: `label`, `surprisal` or `sentiment`.
        meaning: What a figure is, such as "bits per word".
        columns: What is measured: the labels, the classes, or a single quantity.
        values_NC: The values of each unit; NaN for a unit that has none.
        weights_N: The weight of each unit, such as its number of words.
        is_share: Whether the values are 0 and 1, and their mean a share.
        notes: What the reader must know, a line each.
    """

    name: str
    meaning: str
    columns: Sequence[str]
    values_NC: Floats
    weights_N: Floats
    is_share: bool
    notes: Sequence[str] = ()


class Cell(NamedTuple):
    """One quantity in one topic.

    Attributes:
        mean: Its weighted mean; None if no unit of the topic has a value.
        low: Lower end of the 95% interval over documents; None with a single document.
        high: Upper end of the interval.
        others: The mean in all other topics.
        p_value: Of the hypothesis that both are the same, corrected for the number of comparisons by Holm's method;
            None with too few documents to test it.
    """

    mean: float | None
    low: float | None
    high: float | None
    others: float | None
    p_value: float | None


@dataclass(frozen=True)
class Crossing:
    """A measure by topic.

    Attributes:
        measure: What was measured.
        overall: The mean of each column over all topics.
        cells: For each topic, a cell for each column.
        num_units: Number of units with a value.
        num_documents: Number of documents with such a unit.
    """

    measure: Measure
    overall: Sequence[float]
    cells: Sequence[Sequence[Cell]]
    num_units: int
    num_documents: int


def cross(measure: Measure, topics_N: Ints, documents_N: Ints, *, num_topics: int) -> Crossing | None:
    """Returns a measure by topic; None if no unit has a value.

    Args:
        measure: What was measured.
        topics_N: The topic of each unit, from 0.
        documents_N: The number of the document of each unit.
        num_topics: Number of topics.
    """
    has_value_N = np.isfinite(measure.values_NC).all(axis=1) & (measure.weights_N > 0)
    if not has_value_N.any():
        return None
    values_NC, weights_N = measure.values_NC[has_value_N], measure.weights_N[has_value_N]
    topics_N, documents_N = topics_N[has_value_N], documents_N[has_value_N]
    cells = [
        [
            _cell(values_N, weights_N, topics_N == topic, documents_N, is_share=measure.is_share)
            for values_N in values_NC.T
        ]
        for topic in range(num_topics)
    ]
    overall = [float(mean) for mean in (values_NC * weights_N[:, None]).sum(axis=0) / weights_N.sum()]
    return Crossing(measure, overall, _corrected(cells), len(values_NC), len({*documents_N.tolist()}))


def _cell(
    values_N: Floats, weights_N: Floats, is_own_N: npt.NDArray[np.bool_], documents_N: Ints, *, is_share: bool
) -> Cell:
    def mean(part_N: npt.NDArray[np.bool_]) -> float | None:
        return float(np.average(values_N[part_N], weights=weights_N[part_N])) if part_N.any() else None

    own, others = documents_N[is_own_N], documents_N[~is_own_N]
    p_value = None
    if min(len({*own.tolist()}), len({*others.tolist()})) >= MIN_DOCUMENTS:
        p_value = association_test(values_N, is_own_N.astype(np.float64), documents_N, weights_N)
    low, high = _interval(values_N[is_own_N], weights_N[is_own_N], own, is_share=is_share)
    return Cell(mean(is_own_N), low, high, mean(~is_own_N), p_value)


def _interval(
    values_N: Floats, weights_N: Floats, documents_N: Ints, *, is_share: bool
) -> tuple[float | None, float | None]:
    if not len(values_N):
        return None, None
    _, places_N = np.unique(documents_N, return_inverse=True)
    sums_D = np.bincount(places_N, weights=values_N * weights_N)
    sizes_D = np.bincount(places_N, weights=weights_N)
    found = share_interval(sums_D, sizes_D) if is_share else bootstrap_interval(sums_D, sizes_D)
    return (None, None) if found is None else (found.low, found.high)


def _corrected(cells: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """Returns the cells with p-values corrected for the number of all tests."""
    tested = [
        (row, column) for row, some in enumerate(cells) for column, cell in enumerate(some) if cell.p_value is not None
    ]
    corrected = dict(zip(tested, holm([cells[row][column].p_value or 0.0 for row, column in tested]), strict=True))
    return [
        [cell._replace(p_value=corrected.get((row, column))) for column, cell in enumerate(some)]
        for row, some in enumerate(cells)
    ]
