"""The charts of the page: texts as points, topics over time, and means with their intervals.

Shape letters: M texts on the map.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from halo.comparing.page.charts.figure import FAINT, INK, RUN_COLOURS, axis, new_figure, plain, run_line
from halo.topic_modelling.crossings.crossing import Crossing
from halo.topic_modelling.crossings.dates import Period
from halo.topic_modelling.crossings.over_time import TopicsOverTime
from halo.topic_modelling.crossings.tables import SIGNIFICANT
from halo.topic_modelling.page.map_points import TextMap

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

SYMBOLS = ("circle", "diamond", "square", "cross")
"""Ten topics have a colour each; the next ten have the same colours with another symbol."""
ROW_HEIGHT, MARGINS = 28, 110
HOVER = "%{text}<extra></extra>"


def draw_map(text_map: TextMap, topics_M: Sequence[int], names: Sequence[str], texts_M: Sequence[str]) -> "Figure":
    """Returns a point for each text in the colour of its topic, and the number of each topic in its middle.

    Args:
        text_map: The places of the texts.
        topics_M: The topic of each text on the map, from 0.
        names: The name of each topic.
        texts_M: What is shown when a point is pointed at.
    """
    of_point = np.asarray(topics_M)
    traces: list[dict[str, Any]] = []
    middles = []
    for topic, name in enumerate(names):
        own = np.flatnonzero(of_point == topic)
        places = text_map.places[own]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": np.round(places[:, 0], 3).tolist(),
                "y": np.round(places[:, 1], 3).tolist(),
                "text": [
                    f"<b>{plain(name, limit=80)}</b><br>{plain(texts_M[each], limit=120)}" for each in own.tolist()
                ],
                "hovertemplate": HOVER,
                "marker": {
                    "color": RUN_COLOURS[topic % len(RUN_COLOURS)],
                    "symbol": SYMBOLS[topic // len(RUN_COLOURS) % len(SYMBOLS)],
                    "size": 6,
                    "opacity": 0.75,
                },
                "meta": {"run": topic},
            }
        )
        if len(own):
            middles.append((topic, *np.median(places, axis=0).tolist()))
    hidden = {"showticklabels": False, "showgrid": False, "showline": False, "ticks": ""}
    return new_figure(
        traces,
        height=520,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis=axis("", **hidden),
        yaxis=axis("", **hidden, scaleanchor="x"),
        annotations=[
            {
                "x": x,
                "y": y,
                "text": f"<b>{topic + 1}</b>",
                "showarrow": False,
                "font": {"color": INK, "size": 15},
                "bgcolor": "var(--ground)",
                "bordercolor": RUN_COLOURS[topic % len(RUN_COLOURS)],
                "borderpad": 2,
                "opacity": 0.85,
            }
            for topic, x, y in middles
        ],
    )


def draw_over_time(found: TopicsOverTime, names: Sequence[str]) -> "Figure":
    """Returns a line for the share of each topic in each period, within the band of its 95% interval.

    Args:
        found: The topics over time.
        names: The name of each topic.
    """
    along = [_first_day(name, found.period) for name in found.periods]
    traces: list[dict[str, Any]] = []
    for topic, name in enumerate(names):
        line = run_line(topic)
        shares = [each[topic] for each in found.shares]
        high, low = [100 * each.high for each in shares], [100 * each.low for each in shares]
        band = {"x": along + along[::-1], "y": high + low[::-1], "fill": "toself", "fillcolor": _faint(line["color"])}
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                **band,
                "line": {"width": 0, "color": line["color"]},
                "hoverinfo": "skip",
                "meta": {"run": topic, "kind": "band"},
            }
        )
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": along,
                "y": [100 * each.share for each in shares],
                "text": [
                    f"<b>{plain(name, limit=80)}</b><br>{period}: {each.share:.1%} ({each.low:.1%} to {each.high:.1%})"
                    for period, each in zip(found.periods, shares, strict=True)
                ],
                "hovertemplate": HOVER,
                "line": {**line, "width": 2},
                "marker": {"color": line["color"], "size": 6},
                "meta": {"run": topic, "kind": "line"},
            }
        )
    return new_figure(
        traces,
        height=420,
        xaxis=axis(
            found.period, type="date", tickformat={"year": "%Y", "quarter": "%Y-%m", "month": "%Y-%m"}[found.period]
        ),
        yaxis=axis("share of the texts, %", rangemode="tozero"),
    )


def _faint(colour: str) -> str:
    """Returns a colour that lets others shine through.

    >>> _faint("#2f7fd0")
    'rgba(47,127,208,0.15)'
    """
    return "rgba({},{},{},0.15)".format(*bytes.fromhex(colour[1:]))


def _first_day(period: str, kind: Period) -> str:
    """Returns the first day of a period.

    >>> _first_day("2020-Q3", "quarter"), _first_day("2020-03", "month"), _first_day("2020", "year")
    ('2020-07-01', '2020-03-01', '2020-01-01')
    """
    if kind == "year":
        return f"{period}-01-01"
    return f"{period}-01" if kind == "month" else f"{period[:4]}-{3 * int(period[-1]) - 2:02}-01"


def draw_means(crossing: Crossing, names: Sequence[str]) -> "Figure":
    """Returns a point with its interval for the mean of each topic, and a line at the mean of all.

    Args:
        crossing: A measure with a single quantity.
        names: The name of each topic.
    """
    rows = [(topic, cell) for topic, (cell,) in enumerate(crossing.cells) if cell.mean is not None]
    filled = [cell.p_value is not None and cell.p_value < SIGNIFICANT for _, cell in rows]
    colour = RUN_COLOURS[0]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [cell.mean for _, cell in rows],
        "y": [topic for topic, _ in rows],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [0 if cell.high is None else cell.high - cell.mean for _, cell in rows if cell.mean is not None],
            "arrayminus": [
                0 if cell.low is None else cell.mean - cell.low for _, cell in rows if cell.mean is not None
            ],
            "color": colour,
            "thickness": 1.6,
            "width": 4,
        },
        "marker": {
            "color": colour,
            "size": 9,
            "symbol": ["circle" if each else "circle-open" for each in filled],
            "line": {"color": colour, "width": 1.5},
        },
        "text": [f"<b>{plain(names[topic], limit=80)}</b><br>{cell.mean:.2f}" for topic, cell in rows],
        "hovertemplate": HOVER,
    }
    middle = crossing.overall[0]
    line = {"type": "line", "x0": middle, "x1": middle, "y0": -0.5, "y1": len(names) - 0.5}
    return new_figure(
        [trace],
        height=MARGINS + ROW_HEIGHT * len(names),
        margin={"l": 8, "r": 16, "t": 16, "b": 56},
        shapes=[{**line, "line": {"color": FAINT, "dash": "dot", "width": 1.5}}],
        xaxis=axis(crossing.measure.meaning),
        yaxis=axis(
            "",
            range=[len(names) - 0.5, -0.5],
            tickvals=list(range(len(names))),
            ticktext=[plain(name, limit=24) for name in names],
            fixedrange=True,
        ),
    )
