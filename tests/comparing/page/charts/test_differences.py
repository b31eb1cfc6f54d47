"""The forest plot shows the differences with their intervals, and which are more than chance."""

from dataclasses import replace
from pathlib import Path

import pytest

from halo.comparing.comparison import Difference, SplitDifference
from halo.comparing.page.charts.differences import MAX_DRAWN, draw_differences
from tests.support.comparisons import compared_run, comparison_of

pytest.importorskip("plotly", reason="needs the extra `compare`")


def compared(number: int) -> list[str]:
    return [f"group {each}" for each in range(number)]


def test_intervals_are_drawn_in_percent_and_chance_is_hollow() -> None:
    runs = [compared_run(each, 80 * (1 + 1.01 * each / 100), {}, folder=Path("x")) for each in range(5)]
    comparison = comparison_of(runs)
    names = {key: key for key in compared(5)}
    figure = draw_differences(comparison, names, names)
    assert figure is not None
    validation, test = figure.data
    assert (validation.name, test.name) == ("validation", "test")
    assert [*validation.x] == pytest.approx([1.01, 2.02, 3.03, 4.04])
    assert [*validation.error_x.array] == pytest.approx([1.5] * 4)
    assert [*validation.marker.symbol] == ["circle-open", "circle", "circle", "circle"]
    assert "95% interval +1.53% to +4.53%" in validation.text[2]


def test_of_many_the_first_are_drawn_and_unknown_intervals_are_points() -> None:
    runs = [compared_run(each, 80 + each, {}, folder=Path("x")) for each in range(200)]
    comparison = comparison_of(runs)
    bare = SplitDifference(0.1, None, None)
    differences = [Difference(each.group, each.reference, {"validation": bare}) for each in comparison.differences]
    names = dict.fromkeys(compared(200), "x" * 99)
    figure = draw_differences(replace(comparison, differences=differences), names, names)
    assert figure is not None
    assert len(figure.data[0].x) == MAX_DRAWN
    assert {*figure.data[0].error_x.array} == {0}
    assert max(map(len, figure.layout.yaxis.ticktext)) < 30


def test_one_run_has_no_differences() -> None:
    comparison = comparison_of([compared_run(0, 80, {}, folder=Path("x"))])
    assert draw_differences(comparison, {}, {}) is None
