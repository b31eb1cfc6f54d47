"""Where a token stands next to its neighbours in print: with a space or without."""

import functools
import unicodedata
from typing import NamedTuple

_FREE = frozenset("&*@#%‰‱٪§¶•‣※·")  # punctuation by its category, but written like a word
_LEFT = frozenset("°™®℠")
_RIGHT = frozenset("¿¡")
_BOTH = frozenset("/\\^፡་")  # the last two separate words and syllables of Ethiopic and Tibetan
_LEFT_CATEGORIES = frozenset(["Pe", "Pf", "Po"])
_RIGHT_CATEGORIES = frozenset(["Ps", "Pi"])
# Radicals to unified ideographs with kana and CJK punctuation, compatibility and full-width forms, rarer ideographs.
_CJK_RANGES = ((0x2E80, 0x9FFF), (0xF900, 0xFAFF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF), (0x20000, 0x3FFFF))
_ELLIPSES = frozenset(["...", "…", "……"])


class Spacing(NamedTuple):
    """The sides on which a token is written without a space.

    Attributes:
        left: Whether there is no space between it and the token before it.
        right: Whether there is no space between it and the token after it.
    """

    left: bool
    right: bool


@functools.lru_cache(maxsize=2**12)
def spacing(token: str) -> Spacing:
    """Returns the spacing of a token that does not depend on its neighbours.

    Closing brackets and marks that end a sentence or clause are written without a space before them, opening ones
    without a space after them, in any script; characters of Chinese and Japanese writing without any.

    >>> spacing(",")
    Spacing(left=True, right=False)
    >>> [any(spacing(token)) for token in ("(", "。", "+", "virus")]
    [True, True, False, False]
    """
    first = token[0] if token else "a"
    if any(low <= ord(first) <= high for low, high in _CJK_RANGES):
        return Spacing(left=True, right=True)
    if token in _ELLIPSES:
        return Spacing(left=True, right=False)
    if len(token) > 1 and not unicodedata.category(token[1]).startswith("M"):
        return Spacing(left=False, right=False)
    category = "" if first in _FREE else unicodedata.category(first)
    return Spacing(
        left=first in _LEFT or first in _BOTH or (category in _LEFT_CATEGORIES and first not in _RIGHT),
        right=first in _RIGHT or first in _BOTH or category in _RIGHT_CATEGORIES,
    )
