"""Charts as inline SVG that takes its colours and fonts from the page, which can draw any script.

Coordinates are those of the drawing, in pixels from its upper left corner.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from markupsafe import Markup

from halo.reports.axis_ticks import log_ticks, padded_range, tick_label
from halo.reports.data_report.markup import visible_text

WIDTH, HEIGHT = 480, 300
LEFT, RIGHT, TOP, BOTTOM = 58, 14, 52, 46
MAX_TICKS = 8
WIDE_RANGE = 5
"""Ratio of the largest to the smallest number from which an axis is logarithmic."""

Anchor = Literal["start", "middle", "end"]


class Scale(NamedTuple):
    """How numbers become places along an axis.

    Attributes:
        low: The number at its start.
        high: The number at its end.
        ticks: The numbers that are written.
        is_log: Whether equal distances are equal ratios.
        unit: What follows each number.
    """

    low: float
    high: float
    ticks: list[float]
    is_log: bool = False
    unit: str = ""

    def share(self, value: float) -> float:
        """Returns where a number is, from 0 at the start to 1 at the end; numbers outside are at the nearer end."""
        value = min(max(value, self.low), self.high)
        if self.is_log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def linear_scale(low: float, high: float, *, unit: str = "") -> Scale:
    """Returns an axis from `low` to `high`, with three to eight ticks at round numbers.

    >>> linear_scale(0, 11).ticks
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    """
    high = max(high, low + 1e-3 * max(abs(low), 1))
    power = 10.0 ** math.floor(math.log10((high - low) / MAX_TICKS))
    for factor in (1, 2, 5, 10):
        step = factor * power
        numbers = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
        if len(numbers) <= MAX_TICKS:
            break
    ticks = [float(f"{number * step:.12g}") for number in numbers]
    return Scale(low, high, ticks, unit=unit)


def log_scale(low: float, high: float) -> Scale:
    """Returns a logarithmic axis from a little below `low`, a number above 0, to a little above `high`."""
    start, end = padded_range([low, high])
    return Scale(start, end, log_ticks(start, end), is_log=True)


def _label(tick: float) -> str:
    return tick_label(tick) if tick > 0 else f"{tick:g}"


class Chart:
    """A drawing with two axes, to which marks are added.

    Args:
        x: The horizontal axis.
        y: The vertical axis.
        xlabel: Quantity and unit of the horizontal axis.
        ylabel: Quantity and unit of the vertical axis; written above it.
        height: Of the drawing.
    """

    def __init__(self, x: Scale, y: Scale, *, xlabel: str, ylabel: str, height: int = HEIGHT) -> None:
        self.x, self.y, self.height = x, y, height
        self._parts: list[Markup] = []
        self._legend_end = float(LEFT)
        right, bottom = WIDTH - RIGHT, height - BOTTOM
        for tick in x.ticks:
            self._line(self.left(tick), TOP, self.left(tick), bottom, "grid")
            self.text(self.left(tick), bottom + 17, _label(tick) + x.unit, anchor="middle")
        for tick in y.ticks:
            self._line(LEFT, self.top(tick), right, self.top(tick), "grid")
            self.text(LEFT - 6, self.top(tick) + 4, _label(tick) + y.unit, anchor="end")
        self.text((LEFT + right) / 2, height - 8, xlabel, anchor="middle")
        self.text(2, 14, ylabel)

    def left(self, value: float) -> float:
        """Returns the horizontal place of a number."""
        return LEFT + self.x.share(value) * (WIDTH - LEFT - RIGHT)

    def top(self, value: float) -> float:
        """Returns the vertical place of a number."""
        return self.height - BOTTOM - self.y.share(value) * (self.height - BOTTOM - TOP)

    def _add(self, text: str, *values: object) -> None:
        self._parts.append(Markup(text).format(*values))

    def _line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        self._add('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>', kind, x1, y1, x2, y2)

    def text(self, x: float, y: float, text: str, *, anchor: Anchor = "start", kind: str = "") -> None:
        """Writes text that starts, ends or is centred at a place."""
        written = visible_text(text)
        self._add('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>', kind, x, y, anchor, written)

    def curve(self, points: Iterable[tuple[float, float]], kind: str) -> None:
        """Draws lines between points, in the colour and dashes of the class `kind`, with a dot at each point."""
        places = [(self.left(x), self.top(y)) for x, y in points]
        self._add('<polyline class="curve {}" points="{}"/>', kind, " ".join(f"{x:.1f},{y:.1f}" for x, y in places))
        for x, y in places:
            self._add('<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="2.6"/>', kind, x, y)

    def line(self, start: tuple[float, float], end: tuple[float, float], kind: str) -> None:
        """Draws a straight line between two points."""
        self._line(self.left(start[0]), self.top(start[1]), self.left(end[0]), self.top(end[1]), kind)

    def dot(self, x: float, y: float, kind: str, *, radius: float = 4) -> None:
        """Draws a dot at a point."""
        self._add(
            '<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"/>', kind, self.left(x), self.top(y), radius
        )

    def area(self, outline: Iterable[tuple[float, float]], kind: str) -> None:
        """Fills the area within an outline."""
        places = " ".join(f"{self.left(x):.1f},{self.top(y):.1f}" for x, y in outline)
        self._add('<polygon class="{}" points="{}"/>', kind, places)

    def band(self, start: float, end: float) -> None:
        """Shades the range of the horizontal axis from `start` to `end`."""
        left, right = self.left(start), self.left(end)
        text = '<rect class="band" x="{:.1f}" y="{}" width="{:.1f}" height="{:.1f}"/>'
        self._add(text, left, TOP, right - left, self.height - BOTTOM - TOP)

    def legend(self, entries: Sequence[tuple[str, str]]) -> None:
        """Names the classes of lines and dots above the axes, in one row.

        Args:
            entries: Class and name of each.
        """
        left = float(LEFT)
        for kind, name in entries:
            if kind == "band":
                self._add('<rect class="band" x="{:.1f}" y="27" width="22" height="12"/>', left)
            else:
                self._line(left, 33, left + 22, 33, f"curve {kind}")
                self._add('<circle class="dot {}" cx="{:.1f}" cy="33" r="2.6"/>', kind, left + 11)
            self.text(left + 27, 37, name)
            left += 27 + 7.2 * len(name) + 16

    def svg(self, name: str, title: str, description: str) -> Markup:
        """Returns the drawing as an `<svg>` element.

        Args:
            name: Unique on the page; ids are derived from it.
            title: What is drawn, for screen readers.
            description: What it shows, in a sentence or two, for screen readers.
        """
        return svg(self._parts, name, title, description, width=WIDTH, height=self.height)


def svg(
    parts: Sequence[Markup], name: str, title: str, description: str, *, width: int, height: int, kind: str = "chart"
) -> Markup:
    """Returns an `<svg>` element with a title and a description for screen readers.

    Args:
        parts: Its content.
        name: As in `Chart.svg`.
        title: As in `Chart.svg`.
        description: As in `Chart.svg`.
        width: Of the drawing.
        height: Of the drawing.
        kind: The class of the element.
    """
    opening = Markup(
        '<svg class="{kind}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-name {name}-what">'
        '<title id="{name}-name">{title}</title><desc id="{name}-what">{description}</desc>'
    ).format(
        kind=kind,
        width=width,
        height=height,
        name=name,
        title=visible_text(title),
        description=visible_text(description),
    )
    return Markup("{}{}</svg>\n").format(opening, Markup("\n").join(parts))
