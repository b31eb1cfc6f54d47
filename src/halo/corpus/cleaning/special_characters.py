"""Removal of special characters: emoji and other pictographs, or everything that is not on a given list.

What counts as text is decided by Unicode category: letters, marks, digits, punctuation, mathematical and currency signs
of any script, and modifiers such as ^. Of the other symbols (So) those that carry meaning in a text are kept: units and
letter-like signs (° © ™ № ℃ ㎏), enclosed letters and digits, arrows, technical and geometric signs, Braille, check
marks, and the signs of sex, music, chess, stars and planets. Emoji, other pictographs, box drawing, control pictures,
private use and unassigned characters are not text.
"""

import functools
import re
import unicodedata
from collections import Counter

from halo.corpus.cleaning.characters import replace_characters
from halo.corpus.cleaning.invisible_characters import JOINERS
from halo.corpus.cleaning.placeholders import INTERNAL
from halo.corpus.cleaning.typography import TYPEWRITER_MARKS

_VISIBLE_FORMAT = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")
_LONE_JOINERS = re.compile(f"(?<= )[{JOINERS}]+(?= )")
# What makes an emoji of the character before it, colours it, or draws a key around it.
_MODIFIERS = "\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff"
_EMOJI_MODIFIER = re.compile(f"[{_MODIFIERS}]")
# Of the category So; signs of particular scripts, such as those of Tibetan, are not among them.
_PICTOGRAPH = re.compile(
    f"[{_MODIFIERS}"
    "\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa"  # watches, keyboard, buttons of a player
    "\u2400-\u245f\u2500-\u259f\u25fd\u25fe"  # control pictures, recognition of characters, box drawing, blocks
    "\u2600-\u2604\u2607\u2608\u260a-\u260f\u2611\u2613-\u262f\u2638-\u263e\u2648-\u2653\u265f-\u2667\u2668"
    "\u2670-\u26a1\u26aa-\u26ff"  # weather, signs, zodiac, cards, dice, objects
    "\u2700-\u2712\u2719-\u2767\u2795-\u2797\u27b0\u27bf"  # dingbats but check marks, crosses, digits and arrows
    "\u2b12-\u2b2f\u2b50-\u2b5f\u303d\u3297\u3299\ufffc\ufffd"
    "\U0001f000-\U0001f0ff\U0001f170-\U0001f7ff\U0001f900-\U0001fbff]"  # games, emoji, pictographs, legacy computing
)


def remove_special_characters(text: str, uncommon: str, *, keep: str | None) -> tuple[str, Counter[str]]:
    """Returns `text` with a space for each special character, and the number of each of them.

    Special is every character other than letters, marks, digits, white space and those of `keep`; without `keep`, every
    character that is not text, see the top of this file.

    >>> remove_special_characters("50% #off", "%#", keep="%")
    ('50%  off', Counter({'#': 1}))
    >>> remove_special_characters("50% → #off 😀", "%→#😀", keep=None)[0]
    '50% → #off  '

    Args:
        text: The text to change.
        uncommon: Its uncommon characters, see `uncommon_characters`; those put in by `replace_typography` may be
            missing.
        keep: Characters to keep; None decides by Unicode category.
    """
    candidates = set(_candidate_pattern(keep).findall(uncommon + TYPEWRITER_MARKS))
    is_kept = _is_text if keep is None else _is_alphanumeric
    special = [character for character in candidates if character == "_" or not is_kept(character)]
    removed = Counter({character: count for character in special if (count := text.count(character))})
    if not removed:
        return text, removed
    if keep is None and ("♀" in text or "♂" in text):  # 🤷♀ is one emoji, of which only half would go
        text, count = re.subn(f"(?<=[{re.escape(''.join(removed))}])\u200d?[♀♂]", " ", text)
        removed.update({"♀♂": count} if count else {})
    text = replace_characters(text, dict.fromkeys(special, " "))
    return _LONE_JOINERS.sub("", text) if any(map(text.count, JOINERS)) else text, removed


@functools.cache
def _candidate_pattern(keep: str | None) -> re.Pattern[str]:
    r"""Returns the pattern of the characters that may be special; among them are marks, which are no \w."""
    kept = re.escape((keep or "") + INTERNAL + JOINERS)
    return re.compile(rf"[^\w\s{kept}]" if keep is None or "_" in keep else rf"[^\w\s{kept}]|_")


def _is_alphanumeric(character: str) -> bool:
    """Returns whether a character is a letter, mark or number, also one that is too new for the tables of `re`."""
    return unicodedata.category(character)[0] in "LMN" and not _EMOJI_MODIFIER.match(character)


def _is_text(character: str) -> bool:
    """Returns whether a character is part of a text, by its Unicode category."""
    category = unicodedata.category(character)
    if category == "Cf":
        return _VISIBLE_FORMAT.match(character) is not None
    return (category[0] in "LMNP" or category[0] == "S") and not _PICTOGRAPH.match(character)
