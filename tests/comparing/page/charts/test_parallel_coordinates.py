"""Parallel coordinates place numbers by size or order of magnitude, and anything else in categories."""

from pathlib import Path
from typing import Any

import pytest

from halo.comparing.page.charts.parallel_coordinates import MISSING, dimension, draw_parallel_coordinates
from tests.support.comparisons import VARIED, compared_run

pytest.importorskip("plotly", reason="needs the extra `compare`")


@pytest.mark.parametrize(
    ("values", "is_log", "places"),
    [
        ([0, 1, 4], None, [0, 0.25, 1]),
        ([1, 10, 100], None, [0, 0.5, 1]),
        ([1, 10, 100], False, [0, 0.0909, 1]),
        ([1, 2, 4], True, [0, 0.5, 1]),
        ([5, 5, 5], None, [0.5, 0.5, 0.5]),
        ([0, 0], None, [0.5, 0.5]),
        (["gru", "lstm", "gru"], None, [0, 1, 0]),
        ([True, None, 0.5], None, [1, 0.5, 0]),
        ([1, MISSING, 3], None, [0, None, 1]),
        ([MISSING, MISSING], None, [None, None]),
    ],
)
def test_places_are_from_the_bottom_to_the_top(values: list[Any], is_log: bool | None, places: list[float]) -> None:
    found = dimension("name", values, is_log=is_log).places
    assert [place is None for place in found] == [place is None for place in places]
    assert [place or 0 for place in found] == pytest.approx([place or 0 for place in places], abs=1e-3)


@pytest.mark.parametrize("values", [[0.001, 0.0011], [0.00031, 0.029, 0.004, 0.1], [*range(50)], ["x"], [1e-9, 1e9]])
def test_there_are_ticks_that_do_not_overlap(values: list[Any]) -> None:
    ticks = dimension("name", values).ticks
    assert 1 <= len(ticks) <= 13
    assert all(-0.001 <= place <= 1.001 for place, _ in ticks)
    assert len({text for _, text in ticks}) == len(ticks)


def test_the_best_run_is_drawn_last_and_text_is_plain() -> None:
    settings = [{"optim.lr": 10.0**-power, "model.name": "<img>"} for power in range(1, 6)]
    runs = [compared_run(number, 80 + number, each, folder=Path("x")) for number, each in enumerate(settings)]
    figure = draw_parallel_coordinates(VARIED, runs, [80.0, 81, 82, 83, 1e9], measure="perplexity", is_log={})
    assert figure.data[-1].meta["run"] == 0
    assert figure.data[-1].line.color == "rgb(31,120,209)"
    assert figure.data[0].line.color == "rgb(209,96,24)"
    assert "<img" not in figure.to_json()
    assert len(figure.data[0].x) == 4
