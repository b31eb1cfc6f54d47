"""Regions of texts: runs of words that are summed, given in a column or by brackets in the text."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from halo.runtime.errors import InputError

BRACKETS = "brackets"
_SPAN = re.compile(r"(\d+)(?:\s*[-–]\s*(\d+))?")
_BRACKET = re.compile(r"[\[\]]")


class Region(NamedTuple):
    """A region of a text.

    Attributes:
        number: Its number in the text, from 1.
        words: The indices of its words, at least one.
    """

    number: int
    words: range


class MarkedText(NamedTuple):
    """A text whose regions were marked by brackets.

    Attributes:
        text: The text without the brackets.
        spans: The begin and end of each region in it.
    """

    text: str
    spans: list[tuple[int, int]]


def parse_brackets(text: str, location: str) -> MarkedText:
    """Returns a text without the brackets that mark its regions, and where these are.

    Raises:
        InputError: A bracket has no counterpart, is inside another pair, or nothing is between two.

    >>> parse_brackets("The [old dog] barked.", "line 1")
    MarkedText(text='The old dog barked.', spans=[(4, 11)])
    """
    parts = _BRACKET.split(text)
    spans = []
    begin = place = 0
    for number, (part, mark) in enumerate(zip(parts, _BRACKET.findall(text), strict=False)):
        place += len(part)
        if mark != "[]"[number % 2]:
            raise InputError(
                f"{location}: the brackets of regions=brackets do not match (the {number + 1}. is {mark}); "
                "write [ ] around each region, none within another"
            )
        if mark == "[":
            begin = place
        elif not part.strip():
            raise InputError(f"{location}: a region without words, [{part}]; put the brackets around words")
        else:
            spans.append((begin, place))
    if len(parts) % 2 == 0:
        raise InputError(f"{location}: a bracket of regions=brackets is never closed; write [ ] around each region")
    return MarkedText("".join(parts), spans)


def regions_of_spans(spans: Sequence[tuple[int, int]], words: Sequence[tuple[int, int]]) -> list[Region]:
    """Returns the regions that marked parts of a text are: the words of which a character is inside.

    Args:
        spans: The begin and end of each part.
        words: The begin and end of each word.

    >>> regions_of_spans([(4, 11)], [(0, 3), (4, 7), (8, 12)])
    [Region(number=1, words=range(1, 3))]
    """
    regions = []
    for number, (begin, end) in enumerate(spans, start=1):
        inside = [index for index, (start, stop) in enumerate(words) if start < end and stop > begin]
        regions.append(Region(number, range(inside[0], inside[-1] + 1)))
    return regions


def parse_regions(value: object, *, num_words: int, column: str, location: str) -> list[Region]:
    """Returns the regions that a value such as "2-4,7" names by the numbers of words, from 1; none of an empty value.

    Raises:
        InputError: It is something else, or the text has no such words.

    >>> parse_regions("2-4, 7", num_words=7, column="regions", location="line 2")
    [Region(number=1, words=range(1, 4)), Region(number=2, words=range(6, 7))]
    """
    text = "" if value is None else str(value).strip()
    regions = []
    for number, part in enumerate(filter(None, re.split(r"\s*[,;]\s*", text)), start=1):
        match = _SPAN.fullmatch(part)
        if match is None:
            raise InputError(f'{location}: {column}={text!r}: {part!r} is no word span; write "2-4,7", words from 1')
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= num_words:
            raise InputError(
                f"{location}: {column}={text!r}: no words {part}; the text has {num_words} words, numbered from 1"
            )
        regions.append(Region(number, range(first - 1, last)))
    return regions
