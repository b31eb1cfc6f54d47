"""What is crossed with topics, and what is refused."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from halo.config import TopicsConfig, parse
from halo.runtime.errors import InputError
from halo.topic_modelling.output.crossed import cross_topics, crossing_tables, is_made_from, require_known
from tests.conftest import compose_config
from tests.support.tiny_bundles import tiny_bundle
from tests.support.topics import crossed_topics, topic_result


def settings(*overrides: str) -> TopicsConfig:
    return parse(compose_config("topics", ["run=x", *overrides]), TopicsConfig)


def test_labels_and_dates_are_looked_at_without_being_asked_for() -> None:
    result = topic_result()
    crossed = cross_topics(result, tiny_bundle(), settings(), None)
    assert [each.measure.name for each in crossed.crossings] == ["label"]
    assert crossed.over_time is not None
    assert crossed.over_time.period == "quarter"
    assert len(crossing_tables(crossed, result)) == 1  # labels are on the page; the terminal has what was asked for
    assert len(crossing_tables(cross_topics(result, tiny_bundle(), settings("by=label"), None), result)) == 2
    plain = crossed.as_dict()
    assert {*plain["crossings"]["label"]["topics"][0]} == {"news", "journal"}
    assert len(plain["over_time"]["periods"]) == len(crossed.over_time.periods)


def test_surprisal_is_that_of_held_out_texts_unless_the_texts_are_given() -> None:
    result, bundle = topic_result(size=30, text="the virus spreads"), tiny_bundle()
    held_out = int(sum(split != "train" for split in result.units.splits))
    (_, surprisal) = cross_topics(result, bundle, settings("by=surprisal"), None).crossings
    assert surprisal.num_units == held_out
    assert surprisal.measure.notes[0].startswith(f"Only the {held_out} texts of the validation and test splits")
    (_, of_all) = cross_topics(result, bundle, settings("by=surprisal", "path=new.csv"), None).crossings
    assert of_all.num_units == 30


def test_sentiment_is_that_of_the_classifier(monkeypatch: pytest.MonkeyPatch) -> None:
    probabilities = pytest.importorskip("halo.classification.probabilities")

    def predict(_: Any, texts: list[str]) -> np.ndarray:
        positive = np.array(["ventilation" in text for text in texts], dtype=float)
        return np.stack([1 - positive, positive], axis=1)

    monkeypatch.setattr(probabilities, "predict", predict)
    classifier: Any = SimpleNamespace(labels=("negative", "positive"), settings={"language_model": "elsewhere"})
    config = settings("by=[sentiment]", "classifier=folder", "path=new.csv")
    (_, sentiment) = cross_topics(topic_result(), tiny_bundle(), config, classifier).crossings
    assert [round(cells[1].mean or 0) for cells in sentiment.cells] == [1, 0, 0]
    assert any("may come from the same language model" in note for note in sentiment.measure.notes)


def test_it_is_known_whether_a_classifier_comes_from_the_model(tmp_path: Path) -> None:
    bundle = replace(tiny_bundle(), folder=tmp_path)
    for source, expected in {str(tmp_path): True, f"{tmp_path}/bundle": True, "elsewhere": None, None: False}.items():
        classifier: Any = SimpleNamespace(settings={"language_model": source})
        assert is_made_from(bundle, classifier) is expected


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["by=label"], r"^by=label: the texts have fewer than two labels"),
        (["by=surprisal"], r"^by=surprisal: no held-out text to measure"),
        (["path=a.csv", "date_field=when"], r"^date_field=when: no text has a date there"),
    ],
)
def test_what_is_not_there_is_refused_before_the_work(overrides: list[str], message: str) -> None:
    units = topic_result(is_dated=False).units
    bare = replace(units, labels=[""] * len(units), splits=["train"] * len(units))
    with pytest.raises(InputError, match=message):
        require_known(bare, settings(*overrides))
    require_known(bare, settings())


def test_a_date_too_coarse_for_the_period_is_refused_before_the_work() -> None:
    units = replace(topic_result(size=3).units, dates=["2020-01", "2021", ""])
    asked = ["path=a.csv", "date_field=when"]
    with pytest.raises(InputError, match=r"^period=month: the date 2021 has no month"):
        require_known(units, settings(*asked, "period=month"))
    require_known(units, settings(*asked))


def test_texts_without_a_known_word_are_refused() -> None:
    with pytest.raises(InputError, match=r"^by=surprisal: no text has a word that can be measured"):
        cross_topics(topic_result(size=30), tiny_bundle(), settings("by=surprisal"), None)


def test_figures_without_a_period_are_null() -> None:
    assert replace(crossed_topics(topic_result()), over_time=None).as_dict()["over_time"] is None
