"""The learning curves of runs over one another: perplexity against steps, tokens or time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from halo.comparing.comparison import ComparedRun, CurvePoint
from halo.comparing.page.charts.figure import axis, log_axis, new_figure, plain, run_line

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

AXES = {"steps": "optimizer steps", "tokens": "training tokens", "time": "training time"}
"""What can be along the horizontal axis, in words."""
UNITS = ((2 * 3600, 3600, "hours"), (300, 60, "minutes"), (0, 1, "seconds"))
"""Longest time from which a unit is used, its seconds, and its name."""

KINDS = {"validation": "validation", "train": "training, with dropout"}
MAX_MARKED = 60
"""Validations up to which each has a dot."""
BEST_SIZE, SIZE = 10, 5


class Curve(NamedTuple):
    """A run that has a curve.

    Attributes:
        rank: Its place among the runs with a curve, from 0.
        run: The run.
    """

    rank: int
    run: ComparedRun


def runs_with_curve(runs: Sequence[ComparedRun]) -> list[Curve]:
    """Returns the runs with at least one validation that can be drawn, in their order."""
    drawable = [run for run in runs if any(point.validation is not None for point in run.curve)]
    return [Curve(rank, run) for rank, run in enumerate(drawable)]


def draw_curves(curves: Sequence[Curve], labels: Sequence[str]) -> "Figure":
    """Returns the curves of validation and training; the page chooses the axis, the runs and the kinds.

    Args:
        curves: At least one run.
        labels: What each run is called.
    """
    divisor, unit = _unit([point for curve in curves for point in curve.run.curve])
    traces = []
    for curve, label in zip(curves, labels, strict=True):
        points = curve.run.curve
        along: dict[str, list[Any]] = {
            "steps": [point.step for point in points],
            "tokens": [point.tokens for point in points],
            "time": [None if point.seconds is None else point.seconds / divisor for point in points],
        }
        for kind in KINDS:
            values = [point.validation if kind == "validation" else point.train for point in points]
            traces.append(_trace(curve.rank, label, kind, along, values))
    titles = AXES | {"time": f"{AXES['time']} in {unit}"}
    return new_figure(
        traces,
        height=460,
        xaxis=axis(AXES["steps"], rangemode="tozero", exponentformat="SI", separatethousands=True),
        yaxis=log_axis("perplexity (logarithmic axis)"),
        meta={"axes": {name: {"title": {"text": title, "standoff": 8}} for name, title in titles.items()}},
    )


def _trace(
    rank: int, label: str, kind: str, along: dict[str, list[Any]], values: Sequence[float | None]
) -> dict[str, Any]:
    found = [value for value in values if value is not None]
    best = min(found, default=None) if kind == "validation" else None
    line = run_line(rank)
    style = {"color": line["color"], "dash": line["dash"], "width": 2}
    if kind == "train":
        style |= {"dash": "dot", "width": 1.3}
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(values) <= MAX_MARKED else "lines",
        "name": plain(label),
        "x": along["steps"],
        "y": values,
        "line": style,
        "marker": {
            "color": line["color"],
            "size": [BEST_SIZE if value == best else SIZE if kind == "validation" else 3 for value in values],
            "symbol": ["star" if value == best else "circle" for value in values],
            "line": {"width": 0},
        },
        "connectgaps": False,
        "meta": {"run": rank, "kind": kind, "x": along},
        "hovertemplate": "<br>".join(["%{fullData.name}", f"{KINDS[kind]}: %{{y:.2f}}", "%{xaxis.title.text}: %{x}"])
        + "<extra></extra>",
    }


def _unit(points: Sequence[CurvePoint]) -> tuple[int, str]:
    """Returns the unit in which the longest time is read best: its seconds, and its name."""
    longest = max((point.seconds or 0 for point in points), default=0)
    return next((divisor, name) for least, divisor, name in UNITS if longest >= least)
