"""Line ends within paragraphs, which are joined: harmless in wrapped prose, a loss in verse and source code."""

import re
from collections.abc import Iterable
from itertools import pairwise

MAX_EXAMINED = 20_000
MIN_LINES = 3
NARROW = 30
"""Prose is not wrapped at so few characters: all lines of a paragraph that is no wider end where they mean to."""

_BLANK_LINE = re.compile(r"\n\s*\n")


class LineEndCounter:
    """Counts line ends within the paragraphs of a text, and those that come early.

    A line ends early if the first word of the next line would have fitted onto it, given the longest line of the
    paragraph: prose that is wrapped at some width has no such line, verse and source code have many. The first
    `MAX_EXAMINED` line ends are examined.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begins anew."""
        self._examined = self._early = 0

    def add(self, texts: Iterable[str]) -> None:
        """Counts the line ends of raw documents."""
        for text in texts:
            if self.is_full:
                return
            self.add_counts(*count_line_ends(text))

    def add_counts(self, examined: int, early: int) -> None:
        """Adds the line ends of a document, unless enough were examined before."""
        if not self.is_full:
            self._examined += examined
            self._early += early

    @property
    def is_full(self) -> bool:
        """Whether enough line ends were examined."""
        return self._examined >= MAX_EXAMINED

    def as_dict(self) -> dict[str, int]:
        """Returns the counts: `examined`, and `early` among them."""
        return {"examined": self._examined, "early": self._early}


def count_line_ends(text: str) -> tuple[int, int]:
    """Returns how many line ends within the paragraphs of a raw document were examined, and how many come early."""
    examined = early = 0
    if "\n" in text.strip():
        for paragraph in _BLANK_LINE.split(text[: 100 * MAX_EXAMINED]):
            lines = [line.rstrip() for line in paragraph.expandtabs().splitlines() if line.strip()]
            if len(lines) < MIN_LINES:
                continue
            width = max(map(len, lines))
            examined += len(lines) - 1
            early += sum(
                width <= NARROW or len(line) + 1 + len(following.split(maxsplit=1)[0]) <= width
                for line, following in pairwise(lines)
            )
    return examined, early
