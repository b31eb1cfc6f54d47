"""Parallel coordinates: a vertical axis for each setting that varies, a line for each run.

The lines are ordinary ones, not those of Plotly's `parcoords`, which need WebGL and a page that permits `eval`.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from halo.comparing.comparison import ComparedRun
from halo.comparing.page.charts.figure import FAINT, GROUND, QUIET, new_figure, plain, quality_colour
from halo.comparing.page.charts.values import is_logarithmic, is_number, setting_text
from halo.reports.axis_ticks import log_ticks, tick_label
from halo.reports.console import number
from halo.reports.run_page.charts import linear_scale

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MAX_CATEGORIES = 12
AXIS_WIDTH = 120
"""Room of an axis, in pixels; a chart that is wider than the window scrolls."""


class Dimension(NamedTuple):
    """An axis.

    Attributes:
        name: What is along it.
        places: The place of each run from 0 at the bottom to 1 at the top; None where the run has no value.
        ticks: Places with their labels.
    """

    name: str
    places: list[float | None]
    ticks: list[tuple[float, str]]


def dimension(name: str, values: Sequence[Any], *, is_log: bool | None = None) -> Dimension:
    """Returns the axis of a setting: numbers by their size, anything else in categories.

    Args:
        name: Of the setting.
        values: Of each run; a missing one is `MISSING`.
        is_log: Whether the search space is logarithmic; None to go by the range of the numbers.
    """
    given = [value for value in values if value is not MISSING]
    if not given or not all(is_number(value) for value in given):
        return _categories(name, values)
    low, high = min(given), max(given)
    return _numbers(name, values, low, high, is_log=is_logarithmic(low, high, is_log))


class Missing:
    """A setting that a run does not have, which is not the same as null."""


MISSING = Missing()


def _numbers(name: str, values: Sequence[Any], low: float, high: float, *, is_log: bool) -> Dimension:
    if low == high:
        low, high = (low / 1.5, high * 1.5) if is_log else (low - abs(low) / 2 - 1e-9, high + abs(high) / 2 + 1e-9)

    def place(value: float) -> float:
        if is_log:
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)

    distinct = sorted({value for value in values if value is not MISSING})
    if len(distinct) <= 6 and not _crowded([place(value) for value in distinct]):
        ticks = [(place(value), setting_text(value)) for value in distinct]
    elif is_log and high >= 1.02 * low:
        ticks = [(place(tick), tick_label(tick)) for tick in log_ticks(low, high)]
    else:
        ticks = [(place(tick), f"{tick:g}") for tick in linear_scale(low, high).ticks]
    places = [None if value is MISSING else place(value) for value in values]
    return Dimension(name, places, ticks)


def _crowded(places: Sequence[float]) -> bool:
    return any(after - before < 0.06 for before, after in itertools.pairwise(places))


def _categories(name: str, values: Sequence[Any]) -> Dimension:
    texts = [None if value is MISSING else setting_text(value) for value in values]
    ordered = sorted({text for text in texts if text is not None}, key=_natural)
    step = 1 / max(len(ordered) - 1, 1)
    places = {text: index * step if len(ordered) > 1 else 0.5 for index, text in enumerate(ordered)}
    every = max(math.ceil(len(ordered) / MAX_CATEGORIES), 1)
    ticks = [(places[text], text) for text in ordered[::every]]
    return Dimension(name, [None if text is None else places[text] for text in texts], ticks)


def _natural(text: str) -> tuple[int, float, str]:
    try:
        return 0, float(text), ""
    except ValueError:
        return 1, 0.0, text


def quality_shares(values: Sequence[float]) -> list[float]:
    """Returns where each figure lies between the best, 0, and the worst that is no outlier, 1, on a logarithmic scale.

    >>> [round(share, 2) for share in quality_shares([100, 110, 121, 1e9])]
    [0.0, 0.5, 1.0, 1.0]
    """
    ordered = sorted(values)
    low, high = ordered[0], ordered[math.ceil(0.75 * len(ordered)) - 1]
    if high <= low:
        high = ordered[-1]
    if high <= low:
        return [0.0] * len(values)
    return [min(max(math.log(value / low) / math.log(high / low), 0.0), 1.0) for value in values]


def draw_parallel_coordinates(
    varied: Mapping[str, str],
    runs: Sequence[ComparedRun],
    figures: Sequence[float],
    *,
    measure: str,
    is_log: Mapping[str, bool],
) -> "Figure":
    """Returns a line for each run through its settings to its figure, coloured by the figure.

    Args:
        varied: The settings, by their full keys, with short names.
        runs: The runs, best first.
        figures: The figure of each run, above 0.
        measure: What the figure is, in words.
        is_log: Whether the search space of a setting is logarithmic, where that is known.
    """
    dimensions = [
        dimension(short, [run.settings.get(key, MISSING) for run in runs], is_log=is_log.get(key))
        for key, short in varied.items()
    ]
    dimensions.append(dimension(measure, figures, is_log=True))
    traces = [_line(index, run, dimensions, varied, figures[index]) for index, run in enumerate(runs)]
    for index, (trace, share) in enumerate(zip(traces, quality_shares(figures), strict=True)):
        trace["line"] = {"color": quality_colour(share), "width": 3.5 if index == 0 else 1.6}
        trace["marker"] = {"color": quality_colour(share), "size": 5}
    last = len(dimensions) - 1
    names = [
        {**_label(place, 1.06, f"<b>{plain(each.name, limit=24)}</b>"), "yanchor": "bottom"}
        for place, each in enumerate(dimensions)
    ]
    ticks = [
        {
            **_label(place, height, plain(text, limit=14)),
            "xanchor": "left",
            "xshift": 5,
            "font": {"color": QUIET, "size": 11.5},
        }
        for place, each in enumerate(dimensions)
        for height, text in each.ticks
    ]
    lines = [
        {
            "type": "line",
            "layer": "below",
            "x0": place,
            "x1": place,
            "y0": 0,
            "y1": 1,
            "line": {"color": FAINT, "width": 1},
        }
        for place in range(len(dimensions))
    ]
    return new_figure(
        traces[::-1],  # the best is drawn last, above the others
        height=440,
        margin={"l": 30, "r": 76, "t": 8, "b": 12},
        xaxis={"visible": False, "range": [-0.05, last + 0.05], "fixedrange": True},
        yaxis={"visible": False, "range": [-0.04, 1.12], "fixedrange": True},
        annotations=[*names, *ticks],
        shapes=lines,
    )


def _label(x: float, y: float, text: str) -> dict[str, Any]:
    return {"x": x, "y": y, "text": text, "showarrow": False, "bgcolor": GROUND, "borderpad": 0}


def _line(
    index: int, run: ComparedRun, dimensions: Sequence[Dimension], varied: Mapping[str, str], figure: float
) -> dict[str, Any]:
    values = [
        f"{plain(short)}: {plain(setting_text(run.settings[key]))}"
        for key, short in varied.items()
        if key in run.settings
    ]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": plain(run.name),
        "x": list(range(len(dimensions))),
        "y": [each.places[index] for each in dimensions],
        "connectgaps": True,
        "meta": {"run": index},
        "text": "<br>".join([f"<b>{plain(run.name)}</b>", *values, f"{dimensions[-1].name}: {number(figure)}"]),
        "hoverinfo": "text",
    }
