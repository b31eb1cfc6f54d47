"""Texts as points: planted groups stay together, always in the same places."""

import numpy as np
import pytest

from halo.topic_modelling.page.map_points import MAX_POINTS, map_texts

pytest.importorskip("sklearn", reason="needs the extra `topics`")


def test_planted_groups_stay_together() -> None:
    generator = np.random.default_rng(0)
    groups = np.arange(60) % 3
    vectors = 5 * np.eye(3)[groups] + generator.normal(size=(60, 3)) / 10
    found, again = map_texts(vectors, seed=1), map_texts(vectors, seed=1)
    assert found is not None
    assert again is not None
    assert found.method == "t-SNE"
    np.testing.assert_array_equal(found.places, again.places)
    middles = np.stack([found.places[groups == group].mean(axis=0) for group in range(3)])
    distances = np.linalg.norm(found.places[:, None] - middles, axis=2)
    assert (distances.argmin(axis=1) == groups).all()


def test_few_texts_are_drawn_by_their_components() -> None:
    vectors = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 3.0]])
    found = map_texts(vectors, seed=1)
    assert found is not None
    assert found.method == "PCA"
    assert np.linalg.norm(found.places[2] - found.places[0]) == pytest.approx(3)
    line = map_texts(np.array([[0.0], [1.0], [2.0]]), seed=1)
    assert line is not None
    assert line.places.shape == (3, 2)


def test_there_is_no_map_of_two_texts_or_of_equal_ones() -> None:
    assert map_texts(np.eye(2), seed=1) is None
    assert map_texts(np.ones((20, 2)), seed=1) is None


def test_of_many_texts_a_sample_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_POINTS > 1000
    monkeypatch.setattr("halo.topic_modelling.page.map_points.MAX_POINTS", 8)
    found = map_texts(np.random.default_rng(0).normal(size=(50, 4)), seed=1)
    assert found is not None
    assert len({*found.numbers.tolist()}) == 8
