"""Measures by topic: a planted difference is found, and everything else is not."""

import numpy as np
import pytest

from halo.topic_modelling.crossings.crossing import Measure, cross

TOPICS, DOCUMENTS = 4, 80


def measure(values: np.ndarray, weights: np.ndarray | None = None, *, is_share: bool = False) -> Measure:
    values = values.astype(float).reshape(len(values), -1)
    columns = [f"column {number}" for number in range(values.shape[1])]
    return Measure("sentiment", "mean", columns, values, np.ones(len(values)) if weights is None else weights, is_share)


def test_the_topic_that_differs_is_found() -> None:
    generator = np.random.default_rng(0)
    topics, documents = generator.integers(TOPICS, size=400), generator.integers(DOCUMENTS, size=400)
    values = generator.normal(5, 1, size=400) + (topics == 2)
    found = cross(measure(values), topics, documents, num_topics=TOPICS)
    assert found is not None
    cells = [cell for (cell,) in found.cells]
    p_values = [cell.p_value or 0 for cell in cells]
    assert p_values[2] == min(p_values) < 1e-6
    by_chance = cross(measure(generator.permutation(values)), topics, documents, num_topics=TOPICS)
    assert by_chance is not None
    assert all((cell.p_value or 0) > 0.05 for (cell,) in by_chance.cells)
    for topic, cell in enumerate(cells):
        assert cell.mean == pytest.approx(values[topics == topic].mean())
        assert cell.others == pytest.approx(values[topics != topic].mean())
        assert cell.low is not None
        assert cell.high is not None
        assert cell.low < values[topics == topic].mean() < cell.high
    assert (found.num_units, found.num_documents) == (400, len(set(documents)))


def test_weights_make_a_mean_one_per_word() -> None:
    values, weights = np.array([2.0, 8.0, 5.0]), np.array([3.0, 1.0, 2.0])
    found = cross(measure(values, weights), np.array([0, 0, 1]), np.array([0, 1, 2]), num_topics=2)
    assert found is not None
    assert found.cells[0][0].mean == pytest.approx((2 * 3 + 8) / 4)
    assert found.overall == pytest.approx([(6 + 8 + 10) / 6])
    assert found.cells[0][0].p_value is None  # of three documents nothing is tested
    assert (found.cells[1][0].low, found.cells[1][0].high) == (None, None)


def test_all_columns_are_corrected_together() -> None:
    generator = np.random.default_rng(1)
    topics = generator.integers(2, size=200)
    labels = np.eye(3)[generator.integers(3, size=200)]
    found = cross(measure(labels, is_share=True), topics, np.arange(200), num_topics=2)
    alone = cross(measure(labels[:, :1], is_share=True), topics, np.arange(200), num_topics=2)
    assert found is not None
    assert alone is not None
    for first, second in zip(found.cells, alone.cells, strict=True):
        assert first[0].p_value >= second[0].p_value  # type: ignore[operator]
        assert sum(cell.mean or 0 for cell in first) == pytest.approx(1)


def test_units_without_a_value_and_empty_topics_have_none() -> None:
    values = np.array([1.0, np.nan, 3.0])
    found = cross(measure(values), np.array([0, 1, 0]), np.array([0, 1, 2]), num_topics=2)
    assert found is not None
    assert found.num_units == 2
    assert found.cells[1][0] == (None, None, None, 2.0, None)
    assert cross(measure(np.array([np.nan])), np.array([0]), np.array([0]), num_topics=1) is None
