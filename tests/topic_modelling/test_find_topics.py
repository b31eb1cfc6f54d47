import builtins
from dataclasses import replace
from typing import Any

import pytest
from sklearn.metrics import adjusted_rand_score

from halo.runtime.errors import InputError
from halo.topic_modelling.find_topics import find_topics
from tests.support.found_topics import found_topics, topics_config
from tests.support.planted_topics import VOCABULARIES, planted_units
from tests.support.tiny_bundles import tiny_bundle


def test_planted_topics_are_recovered_and_stable() -> None:
    result = found_topics()
    assert adjusted_rand_score(result.assignment.topics_N, result.units.labels) == 1
    assert result.lda is not None
    for method in (result.clusters, result.lda):
        words = [{word for word, _ in topic.words[:10]} for topic in method.topics]
        assert all(any(each <= {*planted} for planted in VOCABULARIES) for each in words)
        assert method.coherence.mean > 0.1
    assert result.clusters.rand.mean == pytest.approx(1)
    assert [topic.found_again for topic in result.topics] == [3, 3, 3]
    assert result.notes == []
    assert sum(topic.size for topic in result.topics) == len(result.units)


def test_a_collection_without_topics_is_unstable_and_this_is_said() -> None:
    result = found_topics("num_topics=8", has_topics=False)
    assert result.clusters.rand.mean < 0.5
    assert result.clusters.coherence.mean < found_topics().clusters.coherence.mean - 0.1
    unstable = [topic for topic in result.topics if result.is_unstable(topic)]
    assert unstable
    assert all(any(f"Topic {each.number} (" in note for note in result.notes) for each in unstable)
    assert "of 3 other seeds: do not build on it" in result.notes[-1]


def test_the_number_of_topics_is_chosen_on_validation() -> None:
    result = find_topics(tiny_bundle(), planted_units(num_units=240), topics_config("num_topics=auto", "lda=false"))
    assert list(result.tried) == [5, 10, 15]  # 160 training units, ten for a topic
    assert result.model.num_topics == max(result.tried, key=lambda number: result.tried[number])
    assert result.lda is None


def test_passages_are_units_of_their_topic() -> None:
    result = found_topics("passages=2")
    for topic in result.topics:
        assert len(topic.passages) == 2
        assert all(result.assignment.topics_N[unit] == topic.number - 1 for unit in topic.passages)


def test_few_units_and_an_empty_test_split_are_said() -> None:
    units = planted_units(num_units=24)
    units = replace(units, splits=["train" if split == "test" else split for split in units.splits])
    result = find_topics(tiny_bundle(), units, topics_config())
    assert "Only 20 training paragraphs for 3 topics" in result.notes[0]
    assert "no text to measure coherence on" in result.notes[1]


def test_more_topics_than_units_is_one_line() -> None:
    with pytest.raises(InputError, match=r"^num_topics=100: only 60 paragraphs to make topics from"):
        find_topics(tiny_bundle(), planted_units(), topics_config("num_topics=100"))


def test_without_tomotopy_there_are_topics_without_lda(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real_import = builtins.__import__

    def without_tomotopy(name: str, *rest: Any) -> Any:
        if name == "tomotopy":
            raise ModuleNotFoundError("No module named 'tomotopy'", name="tomotopy")
        return real_import(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_tomotopy)
    result = find_topics(tiny_bundle(), planted_units(), topics_config())
    assert result.lda is None
    assert "LDA is left out: LDA needs the package tomotopy; pip install 'semblance-halo[topics]'" in caplog.text
