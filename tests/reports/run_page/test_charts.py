"""Axes have three ticks or more, and whatever is drawn is escaped and inside the drawing."""

import re

import pytest

from halo.reports.run_page.charts import Chart, linear_scale, log_scale
from tests.support.report_pages import HOSTILE, Page


@pytest.mark.parametrize(("low", "high"), [(0, 1), (1, 11), (60, 90), (0, 0.3), (2, 2), (0, 5e34), (99.9, 100.1)])
def test_a_linear_axis_covers_its_numbers(low: float, high: float) -> None:
    scale = linear_scale(low, high)
    assert 2 <= len(scale.ticks) <= 8
    assert scale.share(low) == 0
    assert 0 <= scale.share(high) <= 1


@pytest.mark.parametrize(("low", "high"), [(60, 400), (50, 5e34), (1, 1e100), (80, 9000), (2.1, 10.5), (7, 7)])
def test_a_logarithmic_axis_covers_its_numbers(low: float, high: float) -> None:
    scale = log_scale(low, high)
    assert len(scale.ticks) >= 3
    assert 0 < scale.share(low) <= scale.share(high) < 1
    assert scale.share(high * 10**6) == 1


def test_texts_are_escaped_and_named_for_screen_readers() -> None:
    chart = Chart(linear_scale(0, 1), linear_scale(0, 1), xlabel=HOSTILE, ylabel="y")
    chart.curve([(0, 0), (1, 1)], "train")
    chart.legend([("train", HOSTILE), ("band", "x")])
    page = Page(chart.svg("name", HOSTILE, HOSTILE))
    assert {"script", "img"}.isdisjoint(tag for tag, _ in page.elements)
    (drawing,) = [attributes for tag, attributes in page.elements if tag == "svg"]
    assert drawing["role"] == "img"
    assert str(drawing["aria-labelledby"]).split() == [
        attributes["id"] for tag, attributes in page.elements if tag in ("title", "desc")
    ]
    numbers = re.findall(r"(?:cx|x1|x2)=\"([-\d.]+)\"", chart.svg("name", "a", "b"))
    assert all(0 <= float(number) <= 480 for number in numbers[:20])
