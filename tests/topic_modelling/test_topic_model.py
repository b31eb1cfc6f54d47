import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from halo.runtime.errors import InputError
from halo.topic_modelling.topic_model import ARRAYS, DESCRIPTION, TopicModel, fit_topics, load_topics
from tests.support.planted_topics import planted_units

UNITS = planted_units()


def fitted() -> TopicModel:
    model = fit_topics(UNITS.vectors, num_topics=3, seed=1)
    words = [[("sea", 0.5)], [("law", 0.25)], [("cow", 0.1)]]
    return replace(model, description=replace(model.description, unit="paragraph", words=words))


def test_planted_topics_are_found_the_largest_first() -> None:
    topics = fitted().assign(UNITS.vectors).topics_N
    assert adjusted_rand_score(topics, UNITS.labels) == 1
    sizes = np.bincount(topics)
    assert sizes.tolist() == sorted(sizes, reverse=True)


def test_weights_add_up_to_one_and_are_largest_for_the_nearest_topic() -> None:
    assigned = fitted().assign(UNITS.vectors)
    assert np.allclose(assigned.weights_NK.sum(axis=1), 1)
    assert np.array_equal(assigned.weights_NK.argmax(axis=1), assigned.topics_N)


def test_saved_topics_are_the_same(tmp_path: Path) -> None:
    model = fitted()
    model.save(tmp_path)
    loaded = load_topics(tmp_path)
    assert loaded.description == model.description
    assert np.array_equal(loaded.distances(UNITS.vectors), model.distances(UNITS.vectors))
    assert loaded.is_unlike_all(UNITS.vectors).mean() <= 0.02


@pytest.mark.parametrize("name", [ARRAYS, DESCRIPTION])
def test_missing_and_damaged_topics_are_one_line(tmp_path: Path, name: str) -> None:
    fitted().save(tmp_path)
    (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(InputError, match="damaged topics"):
        load_topics(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(InputError, match=f"no {name} there"):
        load_topics(tmp_path)


def test_arrays_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    model = fitted()
    replace(model, centres_KD=model.centres_KD[:, :2]).save(tmp_path)
    with pytest.raises(InputError, match="do not belong together"):
        load_topics(tmp_path)


def test_fewer_different_texts_than_topics_is_one_line() -> None:
    same = np.ones((20, 4), dtype=np.float32)
    with pytest.raises(InputError, match=r"^num_topics=3: only 1 different training texts; give a smaller number"):
        fit_topics(same, num_topics=3, seed=1)


def test_without_scikit_learn_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)
    with pytest.raises(InputError, match=r"needs the package sklearn; pip install 'semblance-halo\[topics\]'$"):
        fitted()
