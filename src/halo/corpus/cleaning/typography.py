"""Plain typewriter forms of quotation marks, dashes and ellipses."""

import re

from halo.corpus.cleaning.characters import replace_characters

_REPLACEMENTS = {
    **dict.fromkeys("‘’‚‛′ʼ", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑−", "-"),
    "…": "...",
}
TYPEWRITER_MARKS = "'\"-."
"""The characters that `replace_typography` puts in."""

_TYPOGRAPHIC = re.compile("[" + "".join(_REPLACEMENTS) + "]")
_RANGE_DASH = re.compile(r"—(?:(?<=\d—)|(?<=\d —)) ?(?=\d)")
_HYPHENS = re.compile("--+")
_DASH = re.compile("[–—―]")
_DASHES = re.compile("——*")


def replace_typography(text: str, uncommon: str) -> tuple[str, int]:
    """Returns `text` with plain quotation marks, dashes and ellipses, and the number of replacements.

    >>> replace_typography("10–14 days—or ‘more’", "–—‘’")
    ("10-14 days - or 'more'", 4)

    Args:
        text: The text to change.
        uncommon: Its uncommon characters, see `uncommon_characters`; further characters do no harm.
    """
    count = 0
    if found := _TYPOGRAPHIC.findall(uncommon):
        count = sum(map(text.count, found))
        text = replace_characters(text, {character: _REPLACEMENTS[character] for character in found})
    if "--" in text or _DASH.search(uncommon):
        text, dashes = _replace_dashes(text)
        count += dashes
    return text, count


def _replace_dashes(text: str) -> tuple[str, int]:
    """Returns `text` with a hyphen for the dash of a range, a spaced one for other dashes and --; and their number."""
    text = text.replace("–", "—")
    text, ranges = _RANGE_DASH.subn("–", text)  # no en dash is left, so it can mark ranges
    text = text.replace(" –", "-").replace("–", "-")
    text = _HYPHENS.sub("—", text.replace("―", "—"))
    first, *others = _DASHES.split(text)
    if not others:
        return text, ranges
    parts = [first.rstrip(" "), *(part.strip(" ") for part in others[:-1]), others[-1].lstrip(" ")]
    return " - ".join(parts), ranges + len(others)
