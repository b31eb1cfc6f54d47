"""Charts hold any text, and every run has a look of its own."""

import json
import math

import pytest

from halo.comparing.page.charts.figure import as_json, new_figure, plain, run_line

pytest.importorskip("plotly", reason="needs the extra `compare`")

HOSTILE = "</script><script>alert(1)</script><!-- %{x} & é 🙂 \u202e"


def test_no_text_can_end_the_element_that_holds_a_chart() -> None:
    figure = new_figure(
        [{"type": "scatter", "name": plain(HOSTILE, limit=99), "y": [1, math.nan, math.inf]}], height=99
    )
    text = as_json(figure)
    assert "<" not in text
    trace = json.loads(text)["data"][0]
    assert trace["y"] == [1, None, None]
    assert trace["name"] == "&lt;/script>&lt;script>alert(1)&lt;/script>&lt;!-- %{x} &amp; é 🙂 U+202E"


def test_the_first_runs_have_different_colours_and_all_have_a_line() -> None:
    looks = [tuple(run_line(rank).values()) for rank in range(40)]
    assert len({colour for colour, _ in looks[:10]}) == 10
    assert len({*looks}) == 40
    assert run_line(200) == run_line(0)
