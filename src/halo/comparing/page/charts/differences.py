"""The differences of all runs from the best one, with their intervals: a forest plot."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from halo.comparing.comparison import Comparison, Difference, SplitDifference
from halo.comparing.page.charts.figure import INK, RUN_COLOURS, axis, new_figure, plain
from halo.comparing.page.charts.values import bounds_text, change_text, is_significant, p_text

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MAX_DRAWN = 30
ROW_HEIGHT, MARGINS = 28, 110
MAX_LABEL = 24


def draw_differences(comparison: Comparison, names: Mapping[str, str], labels: Mapping[str, str]) -> "Figure | None":
    """Returns a point with its interval for each of the first groups and both splits; None if nothing can be drawn.

    Args:
        comparison: The comparison.
        names: The short name of each group, by its key.
        labels: The name of each group with its settings.
    """
    rows = [each for each in comparison.differences if comparison.split in each.splits][:MAX_DRAWN]
    if not rows:
        return None
    splits = [comparison.split, *(split for split in rows[0].splits if split != comparison.split)]
    traces = [_points(comparison, rows, split, labels, is_first=index == 0) for index, split in enumerate(splits)]
    unit = "% of the perplexity" if comparison.measure == "perplexity" else "bits per character"
    ticks = [plain(names[each.group], limit=MAX_LABEL) for each in rows]
    return new_figure(
        traces,
        height=MARGINS + ROW_HEIGHT * len(rows),
        margin={"l": 8, "r": 16, "t": 40, "b": 56},
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "font": {"color": INK}},
        xaxis=axis(f"difference, {unit}", zeroline=True, zerolinecolor=INK, zerolinewidth=1.5),
        yaxis=axis("", range=[len(rows) - 0.5, -0.5], tickvals=list(range(len(rows))), ticktext=ticks, fixedrange=True),
    )


def _points(
    comparison: Comparison, rows: Sequence[Difference], split: str, labels: Mapping[str, str], *, is_first: bool
) -> dict[str, Any]:
    factor = 100 if comparison.measure == "perplexity" else 1
    found = [(place, each.splits[split]) for place, each in enumerate(rows) if split in each.splits]
    texts = []
    for place, each in found:
        label = plain(labels[rows[place].group], limit=120)
        texts.append(
            "<br>".join(
                [f"<b>{label}</b>", f"{split}: {change_text(comparison.measure, each)}", *_tested(comparison, each)]
            )
        )
    bounds = [_bounds(each) for _, each in found]
    colour = RUN_COLOURS[0 if is_first else 1]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": split,
        "x": [factor * each.change for _, each in found],
        "y": [place + (-0.14 if is_first else 0.14) for place, _ in found],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [factor * (high - each.change) for (_, each), (_, high) in zip(found, bounds, strict=True)],
            "arrayminus": [factor * (each.change - low) for (_, each), (low, _) in zip(found, bounds, strict=True)],
            "color": colour,
            "thickness": 1.6,
            "width": 4,
        },
        "marker": {
            "color": colour,
            "size": 9,
            "symbol": [
                f"{'circle' if is_first else 'diamond'}{'' if is_significant(each) else '-open'}" for _, each in found
            ],
            "line": {"color": colour, "width": 1.5},
        },
        "text": texts,
        "hoverinfo": "text",
    }


def _bounds(difference: SplitDifference) -> tuple[float, float]:
    test = difference.over_documents
    low, high = (None, None) if test is None else (test.low, test.high)
    return difference.change if low is None else low, difference.change if high is None else high


def _tested(comparison: Comparison, difference: SplitDifference) -> list[str]:
    test = difference.over_documents
    if test is None:
        return []
    return [
        f"95% interval {bounds_text(comparison.measure, test.low, test.high)}",
        f"corrected p {p_text(test.corrected_p_value)}",
    ]
