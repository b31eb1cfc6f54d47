"""Removal of characters that nobody sees: control, zero-width and direction characters."""

import re
import unicodedata

from halo.corpus.cleaning.characters import uncommon_characters

JOINERS = "\u200c\u200d"
"""Zero-width non-joiner and joiner: part of the spelling of words in Persian and in the scripts of India."""

# Scripts whose spelling uses the zero-width joiner and non-joiner: Arabic and its neighbours (Persian), those of India,
# Khmer, Mongolian.
_JOINING = (
    "\u0600-\u08ff\u0900-\u0dff\u0f00-\u0fff\u1000-\u109f\u1780-\u18af\u1b00-\u1bbf\u1cd0-\u1cff\ua8e0-\ua8ff"
    "\ua980-\ua9df\uaa60-\uaa7f\ufb50-\ufdff\ufe70-\ufefc\U00010d00-\U00010d3f\U00011000-\U00011fff"
)
# Scripts without spaces between words: Thai, Lao, Tibetan, Burmese, Khmer and their neighbours.
_SPACELESS = "\u0e00-\u109f\u1780-\u17ff\u1900-\u1aaf\u1b00-\u1b7f\ua980-\ua9df\ua9e0-\ua9ff\uaa60-\uaadf"

# Line feeds, tabs and the like are white space, and not among them. Selectors (U+FE00 to FE0F) choose between two forms
# of one character; those of ideographs (U+E0100 and above) are part of the spelling of names.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_BLANK = "\u2800\u3164\uffa0"  # letters and signs that look like a space: of Braille and Hangul
_CONTROL = re.compile(f"[{_INVISIBLE}{_BLANK}]")
_PATTERN = re.compile(
    rf"(?P<joiners>[{JOINERS}]+)|(?P<space>(?<=[{_SPACELESS}])\u200b+|\u200b+(?=[{_SPACELESS}])|[{_BLANK}])"
    rf"|\u00ad(?:[^\S\n]*\n[^\S\n]*(?=\w))?|[{_INVISIBLE}]"
)
_JOINING_CHARACTER = re.compile(f"[{_JOINING}]")


def remove_invisible_characters(text: str) -> tuple[str, int]:
    """Returns `text` without control, zero-width and direction characters, and the number of those removed.

    The zero-width joiner and non-joiner stay within words of scripts that use them, as in Persian می‌خواهم. A zero-width
    space is a space between words of scripts that write none, as Thai does. A soft hyphen goes together with the line
    end at which it divides a word.
    """
    if not _CONTROL.search(uncommon_characters(text)):
        return text, 0
    count = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal count
        kept = ""
        if match["joiners"] and _joins(text[max(match.start() - 1, 0) : match.start()]):
            joiner = match["joiners"][0]
            kept = joiner if joiner == "\u200d" or _joins(text[match.end() : match.end() + 1]) else ""
        count += len(match.group()) - len(kept)
        return " " if match["space"] else kept

    return _PATTERN.sub(replace, text), count


def _joins(neighbour: str) -> bool:
    """Returns whether a character is a letter or mark that is joined to others; false for the empty string."""
    return bool(_JOINING_CHARACTER.match(neighbour)) and unicodedata.category(neighbour)[0] in "LM"
