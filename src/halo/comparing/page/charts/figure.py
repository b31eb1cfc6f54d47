"""What every chart of the page has in common: layout, colours, and its way into the page as data.

A colour is either fixed, and legible on light and on dark backgrounds, or the name of a colour of the page's style
sheet, such as `INK`, which `charts.js` replaces with its value.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from halo.reports.data_report.markup import visible_text

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

INK, QUIET, FAINT, RULE, GROUND = "var(--ink)", "var(--quiet)", "var(--faint)", "var(--rule)", "var(--ground)"
CLEAR = "rgba(0,0,0,0)"

RUN_COLOURS = (
    *("#2f7fd0", "#c9582c", "#2a9162", "#9b5fd0", "#c2478f"),
    *("#1c8ea0", "#a07a12", "#6b7785", "#cf4a4a", "#6c8a1d"),
)
DASHES = ("solid", "dash", "longdash", "dashdot")
"""Ten runs have a colour each; the next ten have the same colours with another dash."""

BEST, MIDDLE, WORST = (31, 120, 209), (138, 143, 152), (209, 96, 24)
"""The scale of good and bad, red, green and blue: distinguishable with any colour vision, on light and dark grounds."""

MAX_LABEL = 40


def new_figure(data: Sequence[Any], *, height: int, **layout: Any) -> "Figure":
    """Returns a chart with the look of the page.

    Args:
        data: Its traces.
        height: In pixels.
        **layout: What differs from the layout of every chart.
    """
    from plotly.graph_objects import Figure

    shared = {
        "template": "none",
        "height": height,
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"color": INK, "size": 13},
        "margin": {"l": 64, "r": 16, "t": 16, "b": 52},
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": GROUND, "bordercolor": FAINT, "font": {"color": INK}, "align": "left"},
        "uirevision": "kept",
        "modebar": {"bgcolor": CLEAR, "color": QUIET, "activecolor": INK},
    }
    return Figure(data, shared | layout)


def axis(title: str, **settings: Any) -> dict[str, Any]:
    """Returns the settings of an axis; text of `title` and ticks must be plain."""
    return {
        "title": {"text": title, "standoff": 8},
        "gridcolor": RULE,
        "linecolor": FAINT,
        "zeroline": False,
        "automargin": True,
        **settings,
    }


def log_axis(title: str) -> dict[str, Any]:
    """Returns the settings of a logarithmic axis; `charts.js` writes numbers at it, of the range that is shown."""
    return axis(title, type="log", tickmode="array")


def run_line(rank: int) -> dict[str, Any]:
    """Returns the colour and dash of a run, by its rank from 0."""
    return {"color": RUN_COLOURS[rank % len(RUN_COLOURS)], "dash": DASHES[rank // len(RUN_COLOURS) % len(DASHES)]}


def quality_colour(share: float) -> str:
    """Returns the colour of a place between the best, 0, and the worst, 1.

    >>> quality_colour(0), quality_colour(0.5), quality_colour(1)
    ('rgb(31,120,209)', 'rgb(138,143,152)', 'rgb(209,96,24)')
    """
    start, end, part = (BEST, MIDDLE, 2 * share) if share <= 0.5 else (MIDDLE, WORST, 2 * share - 1)
    return "rgb({},{},{})".format(*(round(a + (b - a) * part) for a, b in zip(start, end, strict=True)))


def plain(text: str, *, limit: int = MAX_LABEL) -> str:
    """Returns text as Plotly shows it as it is: Plotly reads a little HTML in labels, and HTML entities.

    >>> plain("<b>a & b</b>"), plain("x" * 50, limit=4)
    ('&lt;b>a &amp; b&lt;/b>', 'xxx…')
    """
    cut = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return visible_text(cut).replace("&", "&amp;").replace("<", "&lt;").replace("\n", " ")


def as_json(figure: "Figure") -> Markup:
    r"""Returns a chart as JSON for a script element; `<` is written as an escape, so that no text can end the element.

    A number that is not finite becomes null, which leaves a gap.
    """
    return Markup(str(figure.to_json()).replace("<", "\\u003c"))
