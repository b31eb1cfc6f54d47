"""How every figure of the report looks: size, colours, numbers on axes, names that can be drawn."""

import functools
import unicodedata
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

# On light and on dark ground. The three of the splits are told apart by people of any colour vision (after Okabe and
# Ito, "Color universal design"), and by their marks and dashes where there is no colour.
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
# From this ratio of the largest to the smallest on, a linear axis would press the small ones together.
WIDE_RANGE = 30


def canvas(title: str, xlabel: str, ylabel: str = "", *, height: float = 3.4, left: float = 0.85) -> Axes:
    """Returns the axes of a new figure, with room for numbers and labels around them.

    The margins are set here and not found by matplotlib's layout engines, which draw everything twice.

    Args:
        title: What the figure shows.
        xlabel: What the horizontal axis counts, with its unit.
        ylabel: The same for the vertical axis.
        height: Of the figure, in inches.
        left: Room left of the axes, in inches.
    """
    return stack(title, xlabel, ylabel, panels=1, height=height, left=left)[0]


def stack(title: str, xlabel: str, ylabel: str, *, panels: int, height: float = 3.4, left: float = 0.85) -> list[Axes]:
    """Returns the axes of a new figure with several panels, one above the other, over one horizontal axis.

    Args:
        title: As `canvas` has it; it stands above the first panel.
        xlabel: As `canvas` has it; it stands below the last one.
        ylabel: As `canvas` has it; it stands beside the one in the middle.
        panels: How many there are.
        height: As `canvas` has it.
        left: As `canvas` has it.
    """
    figure = Figure(figsize=(WIDTH_INCHES, height), dpi=130, facecolor="white")
    width = WIDTH_INCHES - left - MARGIN_INCHES["right"]
    each = (height - MARGIN_INCHES["bottom"] - MARGIN_INCHES["top"] + GAP_INCHES) / panels
    axes: list[Axes] = []
    for place in range(panels):
        bottom = MARGIN_INCHES["bottom"] + (panels - 1 - place) * each
        box = (left / WIDTH_INCHES, bottom / height, width / WIDTH_INCHES, (each - GAP_INCHES) / height)
        axes.append(figure.add_axes(box, facecolor="none", sharex=axes[0] if axes else None))
        _look(axes[-1])
        axes[-1].tick_params(labelbottom=place == panels - 1)
    axes[0].set_title(title, color=COLOURS["ink"], fontsize=11, loc="left", x=(0.1 - left) / width)
    axes[-1].set_xlabel(xlabel, color=COLOURS["ink"])
    axes[panels // 2].set_ylabel(ylabel, color=COLOURS["ink"])
    return axes


def _look(axes: Axes) -> None:
    axes.tick_params(colors=COLOURS["ink"], which="both")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["bottom", "left"]].set_color(COLOURS["faint"])
    axes.grid(visible=True, color=COLOURS["faint"], alpha=0.35, linewidth=0.6)
    axes.set_axisbelow(True)


def rows(title: str, xlabel: str, names: Sequence[str]) -> Axes:
    """Returns the axes of a new figure with a row for each name, the first one on top."""
    labels = [label(name, place) for place, name in enumerate(names, start=1)]
    height = sum(MARGIN_INCHES[side] for side in ("bottom", "top")) + ROW_INCHES * max(len(names), 3)
    axes = canvas(title, xlabel, height=height, left=0.3 + CHARACTER_INCHES * max(map(len, labels), default=0))
    axes.set_ylim(max(len(names), 3) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), labels, parse_math=False)
    axes.tick_params(axis="y", length=0)
    return axes


def label(name: str, place: int) -> str:
    """Returns a name as it can stand in a figure: cut where it is long, and `#PLACE` where the font lacks a letter.

    Letters that are written from right to left count as lacking: matplotlib neither turns nor joins them.

    Args:
        name: Any text.
        place: Its number in the table beside the figure.
    """
    if not name or not all(map(_is_drawable, name)):
        return f"#{place}"
    return name if len(name) <= MAX_LABEL else f"{name[: MAX_LABEL - 1]}…"


def _is_drawable(character: str) -> bool:
    from_right = unicodedata.bidirectional(character) in ("R", "AL", "AN")
    return character.isprintable() and ord(character) in _letters() and not from_right


@functools.cache
def _letters() -> frozenset[int]:
    """Returns the code points that matplotlib's font can write."""
    return frozenset(get_font(findfont(FontProperties())).get_charmap())


def spread(axis: XAxis | YAxis, smallest: float, largest: float, *, start: float = 0, ticks: int = 9) -> None:
    """Makes an axis logarithmic where its numbers differ much, else linear from `start`, and writes them in full."""
    if smallest <= 0 or largest / smallest < WIDE_RANGE:
        axis.axes.set(**{f"{axis.axis_name}lim": (start, start + max(largest - start, 1) * 1.06)})
        axis.set_major_locator(MaxNLocator(nbins=7 if largest < 100_000 else 4, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value == round(value) else ""))
    else:
        logarithmic(axis, smallest, largest, ticks=ticks)


def logarithmic(axis: XAxis | YAxis, smallest: float, largest: float, *, ticks: int = 9) -> None:
    """Makes an axis logarithmic, with powers of ten in full: exponents are for those who know what they are.

    Args:
        axis: Of the figure.
        smallest: The smallest number on it.
        largest: The largest one.
        ticks: So many numbers stand at it at most.
    """
    axis.axes.set(**{f"{axis.axis_name}scale": "log", f"{axis.axis_name}lim": (smallest / 1.25, largest * 1.25)})
    few_powers = largest / smallest < 1000
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if few_powers else (1,), numticks=ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def percent(axis: XAxis | YAxis, largest: float) -> None:
    """Writes the numbers of an axis, shares from 0 to `largest`, in per cent, with a little room beyond."""
    axis.axes.set(**{f"{axis.axis_name}lim": (0, max(largest * 1.06, 0.01))})
    axis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.3g}%"))


def legend(axes: Axes, place: Any, *, above: bool = False) -> None:
    """Adds the legend at a place inside the axes, or `above` them in one line beside the title."""
    axes.legend(
        loc=place,
        bbox_to_anchor=(1, 1) if above else None,
        ncols=len(axes.lines) if above else 1,
        columnspacing=1,
        handletextpad=0.4,
        labelcolor=COLOURS["ink"],
        frameon=False,
        fontsize=9,
    )


def nothing(axes: Axes, why: str) -> None:
    """Says in the middle of a figure why it is empty."""
    axes.set(xticks=[], yticks=[])
    axes.text(0.5, 0.5, why, transform=axes.transAxes, ha="center", va="center", color=COLOURS["ink"])


def figure_of(axes: Axes) -> Figure:
    """Returns the figure that `canvas` made for these axes."""
    figure = axes.figure
    assert isinstance(figure, Figure)
    return figure
