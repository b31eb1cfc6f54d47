"""The look of every figure of the report: size, colours, axes, and labels that the font can draw."""

import functools
import unicodedata
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

# For light and for dark backgrounds. The colours of the splits are distinguishable with any colour vision (after Okabe
# and Ito, "Color universal design"), and markers and dashes distinguish them without colour.
PALETTE = {
    "ink": ("#1f2328", "#e6edf3"),
    "faint": ("#9aa4ae", "#6e7681"),
    "train": ("#0072b2", "#58b4f0"),
    "validation": ("#c65102", "#f0a030"),
    "test": ("#00785a", "#2fc79a"),
}
COLOURS = {name: light for name, (light, _) in PALETTE.items()}
MARKERS = {"train": "o", "validation": "s", "test": "^"}
DASHES = {"train": "-", "validation": (0, (5, 1.5)), "test": (0, (1.5, 1.2))}

WIDTH_INCHES = 5.6
ROW_INCHES = 0.26
MARGIN_INCHES = {"bottom": 0.62, "top": 0.38, "right": 0.3}
GAP_INCHES = 0.14  # between panels
CHARACTER_INCHES = 0.085
MAX_LABEL = 24
WIDE_RANGE = 30
"""Ratio of largest to smallest number from which an axis is logarithmic, so that small numbers stay distinguishable."""


def new_axes(title: str, xlabel: str, ylabel: str = "", *, height: float = 3.4, left: float = 0.85) -> Axes:
    """Returns the axes of a new figure, with fixed margins for tick labels and axis labels.

    Fixed margins are faster than matplotlib's layout engines, which draw everything twice.

    Args:
        title: Of the figure.
        xlabel: Quantity and unit of the horizontal axis.
        ylabel: Quantity and unit of the vertical axis.
        height: Of the figure, in inches.
        left: Left margin, in inches.
    """
    return stacked_axes(title, xlabel, ylabel, panels=1, height=height, left=left)[0]


def stacked_axes(
    title: str, xlabel: str, ylabel: str, *, panels: int, height: float = 3.4, left: float = 0.85
) -> list[Axes]:
    """Returns the axes of a new figure with several panels, one above the other, that share a horizontal axis.

    Args:
        title: Above the first panel.
        xlabel: Below the last panel.
        ylabel: Beside the middle panel.
        panels: Number of panels.
        height: Of the figure, in inches.
        left: Left margin, in inches.
    """
    figure = Figure(figsize=(WIDTH_INCHES, height), dpi=130, facecolor="white")
    width = WIDTH_INCHES - left - MARGIN_INCHES["right"]
    each = (height - MARGIN_INCHES["bottom"] - MARGIN_INCHES["top"] + GAP_INCHES) / panels
    axes: list[Axes] = []
    for panel in range(panels):
        bottom = MARGIN_INCHES["bottom"] + (panels - 1 - panel) * each
        box = (left / WIDTH_INCHES, bottom / height, width / WIDTH_INCHES, (each - GAP_INCHES) / height)
        axes.append(figure.add_axes(box, facecolor="none", sharex=axes[0] if axes else None))
        _style(axes[-1])
        axes[-1].tick_params(labelbottom=panel == panels - 1)
    axes[0].set_title(title, color=COLOURS["ink"], fontsize=11, loc="left", x=(0.1 - left) / width)
    axes[-1].set_xlabel(xlabel, color=COLOURS["ink"])
    axes[panels // 2].set_ylabel(ylabel, color=COLOURS["ink"])
    return axes


def _style(axes: Axes) -> None:
    axes.tick_params(colors=COLOURS["ink"], which="both")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["bottom", "left"]].set_color(COLOURS["faint"])
    axes.grid(visible=True, color=COLOURS["faint"], alpha=0.35, linewidth=0.6)
    axes.set_axisbelow(True)


def row_axes(title: str, xlabel: str, names: Sequence[str]) -> Axes:
    """Returns the axes of a new figure with a row for each name, the first one at the top."""
    labels = [drawable_label(name, row) for row, name in enumerate(names, start=1)]
    height = sum(MARGIN_INCHES[side] for side in ("bottom", "top")) + ROW_INCHES * max(len(names), 3)
    axes = new_axes(title, xlabel, height=height, left=0.3 + CHARACTER_INCHES * max(map(len, labels), default=0))
    axes.set_ylim(max(len(names), 3) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), labels, parse_math=False)
    axes.tick_params(axis="y", length=0)
    return axes


def drawable_label(name: str, row: int) -> str:
    """Returns a label for a figure: shortened if long, or `#ROW` if the font cannot draw it.

    Right-to-left scripts count as not drawable, because matplotlib neither reorders nor joins their letters.

    Args:
        name: Any text.
        row: Its row in the table that accompanies the figure.
    """
    if not name or not all(map(_is_drawable, name)):
        return f"#{row}"
    return name if len(name) <= MAX_LABEL else f"{name[: MAX_LABEL - 1]}…"


def _is_drawable(character: str) -> bool:
    is_right_to_left = unicodedata.bidirectional(character) in ("R", "AL", "AN")
    return character.isprintable() and ord(character) in _font_code_points() and not is_right_to_left


@functools.cache
def _font_code_points() -> frozenset[int]:
    """Returns the code points that matplotlib's default font can draw."""
    return frozenset(get_font(findfont(FontProperties())).get_charmap())


def count_axis(axis: XAxis | YAxis, smallest: float, largest: float, *, start: float = 0, ticks: int = 9) -> None:
    """Scales an axis for counts and writes its numbers in full: logarithmic for a wide range, else linear.

    Args:
        axis: The axis.
        smallest: The smallest count.
        largest: The largest count.
        start: Where a linear axis starts.
        ticks: Largest number of ticks of a logarithmic axis.
    """
    if smallest <= 0 or largest / smallest < WIDE_RANGE:
        axis.axes.set(**{f"{axis.axis_name}lim": (start, start + max(largest - start, 1) * 1.06)})
        axis.set_major_locator(MaxNLocator(nbins=7 if largest < 100_000 else 4, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value == round(value) else ""))
    else:
        log_axis(axis, smallest, largest, ticks=ticks)


def log_axis(axis: XAxis | YAxis, smallest: float, largest: float, *, ticks: int = 9) -> None:
    """Makes an axis logarithmic and writes its numbers in full, without exponents.

    Args:
        axis: The axis.
        smallest: The smallest number.
        largest: The largest number.
        ticks: Largest number of ticks.
    """
    axis.axes.set(**{f"{axis.axis_name}scale": "log", f"{axis.axis_name}lim": (smallest / 1.25, largest * 1.25)})
    few_powers = largest / smallest < 1000
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if few_powers else (1,), numticks=ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def percent_axis(axis: XAxis | YAxis, largest: float) -> None:
    """Scales an axis from 0 to a little beyond `largest`, a share between 0 and 1, and labels it in percent."""
    axis.axes.set(**{f"{axis.axis_name}lim": (0, max(largest * 1.06, 0.01))})
    axis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.3g}%"))


def add_legend(axes: Axes, location: Any, *, above: bool = False) -> None:
    """Adds the legend at a location inside the axes, or `above` them in one line beside the title."""
    axes.legend(
        loc=location,
        bbox_to_anchor=(1, 1) if above else None,
        ncols=len(axes.lines) if above else 1,
        columnspacing=1,
        handletextpad=0.4,
        labelcolor=COLOURS["ink"],
        frameon=False,
        fontsize=9,
    )


def add_message(axes: Axes, message: str) -> None:
    """Writes a message into the middle of an empty figure."""
    axes.set(xticks=[], yticks=[])
    axes.text(0.5, 0.5, message, transform=axes.transAxes, ha="center", va="center", color=COLOURS["ink"])


def figure_of(axes: Axes) -> Figure:
    """Returns the figure of axes that this module made."""
    figure = axes.figure
    assert isinstance(figure, Figure)
    return figure
