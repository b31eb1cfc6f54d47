"""The variables of the sections."""

from dataclasses import replace

import numpy as np
import pytest

from halo.topic_modelling.crossings.crossing import Measure, cross
from halo.topic_modelling.output.crossed import CrossedTopics
from halo.topic_modelling.page.sections import (
    LEVELS,
    crossing_context,
    methods_context,
    passages_context,
    summary_context,
    time_context,
    topics_context,
)
from tests.support.topics import material, topic_result

pytest.importorskip("plotly", reason="needs the extra `topics`")


def test_the_summary_counts_unstable_topics() -> None:
    context = summary_context(material())
    assert context["tiles"]["unstable topics"] == "1"
    assert context["tiles"]["topics"] == "3"
    assert context["tiles"]["NPMI on held-out text"] == context["tiles"]["NPMI of LDA"] == "0.10"


def test_a_topic_that_is_not_found_again_has_a_remark() -> None:
    rows = topics_context(material())["rows"]
    assert [bool(row["remark"]) for row in rows] == [False, False, True]
    assert rows[2]["remark"].startswith("unstable: other seeds find other topics here (1 of 9)")
    single = topics_context(material(replace(topic_result(), other_seeds=0)))["rows"]
    assert [row["again"] for row in single] == ["–"] * 3
    assert not any(row["remark"] for row in single)


def test_passages_say_where_they_stand() -> None:
    context = passages_context(material(passages=1))
    assert context is not None
    (passage,) = context["topics"][0]["passages"]
    assert passage["source"].startswith("file.csv, line ")
    assert passages_context(material(passages=0)) is None


def test_the_heat_map_spans_all_colours() -> None:
    context = crossing_context("label")(material())
    assert context is not None
    cells = [cell for row in context["rows"] for cell in row["cells"]]
    assert {cell["level"] for cell in cells} == {0, LEVELS - 1}  # each planted topic has one label
    assert all(cell["is_different"] for cell in cells)
    assert crossing_context("sentiment")(material(crossed=CrossedTopics([], [], None))) is None


def test_an_empty_topic_has_dashes() -> None:
    measure = Measure("surprisal", "bits per word", ["bits"], np.array([[1.0], [2.0]]), np.ones(2), is_share=False)
    crossing = cross(measure, np.array([0, 0]), np.array([0, 1]), num_topics=3)
    assert crossing is not None
    context = crossing_context("surprisal")(material(crossed=CrossedTopics([crossing], [], None)))
    assert context is not None
    assert [row["mean"] for row in context["rows"]] == ["1.50", "–", "–"]


def test_time_and_methods_have_a_row_each() -> None:
    context = time_context(material())
    assert context is not None
    assert context["period"] == "quarter"
    assert [len(row["shares"]) for row in context["rows"]] == [len(context["periods"])] * 3
    assert [row["name"] for row in methods_context(material())["rows"]] == ["clusters of this model", "LDA"]
