"""Removal of special characters: emoji and whatever else is not a letter, mark, digit or white space."""

import functools
import re
import unicodedata

from halo.corpus.cleaning.characters import replace_characters
from halo.corpus.cleaning.placeholders import INTERNAL
from halo.corpus.cleaning.typography import TYPEWRITER_MARKS


def remove_special_characters(text: str, uncommon: str, *, keep: str) -> tuple[str, int]:
    """Returns `text` with a space for each special character, and their number.

    Special is every character other than letters, marks, digits, white space and those of `keep`.

    >>> remove_special_characters("50% #off 😀", "%#😀", keep="%")
    ('50%  off  ', 2)

    Args:
        text: The text to change.
        uncommon: Its uncommon characters, see `uncommon_characters`; those put in by `replace_typography` may be
            missing.
        keep: Characters to keep.
    """
    candidates = set(_candidate_pattern(keep).findall(uncommon + TYPEWRITER_MARKS))
    special = [character for character in candidates if character == "_" or not _is_alphanumeric(character)]
    count = sum(map(text.count, special))
    return (replace_characters(text, dict.fromkeys(special, " ")), count) if count else (text, 0)


@functools.cache
def _candidate_pattern(keep: str) -> re.Pattern[str]:
    kept = re.escape(keep + INTERNAL)
    return re.compile(rf"[^\w\s{kept}]" if "_" in keep else rf"[^\w\s{kept}]|_")


def _is_alphanumeric(character: str) -> bool:
    """Returns whether a character is a letter, mark or number, also one that is too new for the tables of `re`."""
    return unicodedata.category(character)[0] in "LMN"
