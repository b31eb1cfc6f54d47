"""Places in a text, and the replacement of what stands there."""

import re
from collections.abc import Callable, Iterable, Sequence

Span = tuple[int, int]
"""Where something begins in a text, and where it ends, one character behind it."""


def replace_spans(text: str, spans: Sequence[Span], stand_in: str) -> str:
    """Returns `text` with a stand-in for each of some spans, which are in order and do not overlap."""
    pieces: list[str] = []
    copied = 0
    for begin, end in spans:
        pieces += text[copied:begin], stand_in
        copied = end
    return "".join([*pieces, text[copied:]])


def cover_spans(text: str, spans: Iterable[Span], stand_in: str) -> str:
    """Returns `text` with every character of some spans replaced by a stand-in, so that it is as long as before."""
    for begin, end in spans:
        text = text[:begin] + stand_in * (end - begin) + text[end:]
    return text


def find_within(
    regions: Iterable[Span],
    pattern: re.Pattern[str],
    text: str,
    *,
    is_certain: Callable[[re.Match[str]], bool] = bool,
) -> list[Span]:
    """Returns the matches of `pattern` in `text`, given that all lie within `regions`.

    Matches for which `is_certain` is false are left out.
    """
    return [match.span() for region in regions for match in pattern.finditer(text, *region) if is_certain(match)]


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """Returns spans in order; of those that overlap, the one that begins first, and of these the longest.

    >>> without_overlaps([(5, 9), (0, 3), (0, 6)])
    [(0, 6)]
    """
    kept: list[Span] = []
    for span in sorted(spans, key=lambda each: (each[0], -each[1])):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept
