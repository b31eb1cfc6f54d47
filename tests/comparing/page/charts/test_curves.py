"""Curves can be drawn against steps, tokens and time, with whatever the runs have recorded."""

from dataclasses import replace
from pathlib import Path

import pytest

from halo.comparing.page.charts.curves import draw_curves, runs_with_curve
from tests.support.comparisons import compared_run, curve

pytest.importorskip("plotly", reason="needs the extra `compare`")


def test_each_run_has_a_curve_of_validation_and_one_of_training() -> None:
    runs = [compared_run(number, 80 + number, {}, folder=Path("x")) for number in range(3)]
    figure = draw_curves(runs_with_curve(runs), ["<b>", "two", "three"])
    kinds = [(trace.meta["run"], trace.meta["kind"]) for trace in figure.data]
    assert kinds == [(rank, kind) for rank in range(3) for kind in ("validation", "train")]
    first = figure.data[0]
    assert first.name == "&lt;b>"
    assert first.meta["x"]["tokens"] == [180_000 * number for number in range(1, 9)]
    assert [*first.marker.symbol].index("star") == 7
    assert figure.layout.meta["axes"]["time"]["title"]["text"] == "training time in seconds"


@pytest.mark.parametrize(("seconds", "unit"), [(1.0, "seconds"), (60.0, "minutes"), (3600.0, "hours")])
def test_time_has_a_unit_that_can_be_read(seconds: float, unit: str) -> None:
    slow = [replace(point, seconds=seconds * number) for number, point in enumerate(curve(80), start=1)]
    figure = draw_curves(runs_with_curve([compared_run(0, 80, {}, folder=Path("x"), curve=slow)]), ["run"])
    assert figure.layout.meta["axes"]["time"]["title"]["text"].endswith(unit)
    assert figure.data[0].meta["x"]["time"][-1] == pytest.approx(8)


def test_runs_without_tokens_or_without_a_curve_are_no_error() -> None:
    runs = [
        compared_run(0, 80, {}, folder=Path("x"), curve=curve(80, tokens=False)),
        compared_run(1, None, {}, folder=Path("x")),
        compared_run(2, 82, {}, folder=Path("x"), curve=curve(82, validations=1)),
    ]
    curves = runs_with_curve(runs)
    assert [each.run.trial for each in curves] == [0, 2]
    figure = draw_curves(curves, ["a", "b"])
    assert figure.data[0].meta["x"]["tokens"] == [None] * 8
