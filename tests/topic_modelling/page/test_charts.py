"""Charts draw what they are given, and nothing of a text becomes markup."""

import numpy as np
import pytest

from halo.topic_modelling.page.charts import draw_map, draw_means, draw_over_time
from halo.topic_modelling.page.map_points import TextMap
from tests.support.topics import crossed_topics, topic_result

pytest.importorskip("plotly", reason="needs the extra `topics`")


def test_the_map_has_a_number_in_the_middle_of_each_topic() -> None:
    places = np.array([[0.0, 0.0], [2.0, 2.0], [9.0, 9.0]])
    figure = draw_map(TextMap(np.arange(3), places, "PCA"), [0, 0, 2], ["1: a", "2: b", "3: c"], ["<b>x", "y", "z"])
    assert [(each.text, each.x) for each in figure.layout.annotations] == [("<b>1</b>", 1.0), ("<b>3</b>", 9.0)]
    assert [len(trace.x) for trace in figure.data] == [2, 0, 1]
    assert figure.data[0].text[0].endswith("&lt;b>x")


def test_bands_enclose_the_shares() -> None:
    found = crossed_topics(topic_result()).over_time
    assert found is not None
    band, line = draw_over_time(found, ["1: a", "2: b", "3: c"]).data[:2]
    size = len(found.periods)
    for low, share, high in zip(band.y[: size - 1 : -1], line.y, band.y[:size], strict=True):
        assert low <= share <= high
    assert line.x[0] == "2000-01-01"


def test_means_that_differ_are_filled() -> None:
    surprisal = next(each for each in crossed_topics(topic_result()).crossings if each.measure.name == "surprisal")
    (trace,) = draw_means(surprisal, ["1: a", "2: b", "3: c"]).data
    assert list(trace.marker.symbol) == ["circle", "circle-open", "circle"]
    assert list(trace.y) == [0, 1, 2]
