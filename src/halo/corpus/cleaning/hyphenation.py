"""Words that are divided at the end of a line, as in printed text: vac-/cine -> vaccine, COVID-/19 -> COVID-19."""

import bisect
import re
from collections import Counter

_HYPHENS = "-\u2010"
# A fixed character is found far faster than a class.
_HINT, _RARE_HINT = (re.compile(rf"{hyphen}[^\S\n]*\n") for hyphen in _HYPHENS)
_DIVIDED = re.compile(rf"(?<![^\W_])([^\W_]+)[{_HYPHENS}][^\S\n]*\n[^\S\n]*([^\W_]+)")
_WORD = re.compile(rf"[^\W\d_]+(?:[{_HYPHENS}][^\W\d_]+)*")
# A hyphen before these stands for the rest of a compound: pre- and postoperative.
_CONJUNCTIONS = {
    *("and", "or", "nor", "to", "versus", "vs"),
    *("und", "oder", "bis", "sowie", "en", "of", "et", "ou", "och", "eller", "og"),
}
_MIN_BEGINNING = 5


def may_be_divided(text: str) -> bool:
    """Returns whether `text` may contain a word that is divided at the end of a line."""
    return _HINT.search(text) is not None or _RARE_HINT.search(text) is not None


def join_divided_words(text: str) -> tuple[str, int]:
    r"""Returns `text` with divided words in one piece, and their number.

    The hyphen goes if the word occurs without it elsewhere in `text`, alone or as the beginning of a longer word, and
    more often than with it. In all other cases it may belong to the word, as in well-known, and stays.

    >>> join_divided_words("The vac-\ncine against COVID-\n19, a well-\nknown one. Vaccines, pre-\nand post-war")
    ('The vaccine against COVID-19, a well-known one. Vaccines, pre-\nand post-war', 3)
    """
    if not may_be_divided(text):
        return text, 0
    words = Counter(word.casefold().replace("\u2010", "-") for word in _WORD.findall(text))
    ordered = sorted(words)
    count = 0

    def join(match: re.Match[str]) -> str:
        nonlocal count
        left, right = match.groups()
        joined = (left + right).casefold()
        occurrences = words[joined] or _begins_a_word(joined, ordered)
        if not occurrences and right.casefold() in _CONJUNCTIONS:
            return match.group()
        count += 1
        return left + ("" if occurrences > words[f"{left}-{right}".casefold()] else "-") + right

    return _DIVIDED.sub(join, text), count


def _begins_a_word(beginning: str, ordered: list[str]) -> bool:
    """Returns whether one of the words, in alphabetical order, begins with `beginning`."""
    position = bisect.bisect_left(ordered, beginning)
    return len(beginning) >= _MIN_BEGINNING and any(map(str.startswith, ordered[position : position + 1], [beginning]))
