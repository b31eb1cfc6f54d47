r"""Placeholders of what a text should not hold: <url>, <email>, <phone>, <handle>, <number>, ...; and line ends: <eol>.

Angle brackets distinguish them from every word of a language, and they pass each later step and the word tokenizer as
one token. While a text is cleaned, each is a single character that Unicode reserves for internal use, so that no step
can break it up; `encode_placeholders` and `decode_placeholders` convert between the two forms. A text that contains the
word <url> itself is assumed to have been cleaned before; likewise <date> and the others that a step puts in, if it
is one of those that are run.
"""

import functools
import re
from collections.abc import Callable, Mapping

EOL_TOKEN = "<eol>"
PLACEHOLDERS = ("<url>", "<email>", "<phone>", "<handle>", "<number>", EOL_TOKEN)
"""The placeholders that every text may have."""

INTERNAL = "".join(map(chr, range(0xFDD0, 0xFDF0)))
"""The characters that Unicode reserves for internal use: the stand-ins of placeholders, and the separator."""

URL, EMAIL, PHONE, HANDLE, NUMBER, EOL = _STAND_INS = tuple(INTERNAL[:6])
SEPARATOR = INTERNAL[6]  # between texts that are cleaned together
_FURTHER = ("date", "id", "iban", "ip", "street", "postcode", "person", "location", "organisation")
KINDS = {
    **{placeholder[1:-1]: stand_in for placeholder, stand_in in zip(PLACEHOLDERS, _STAND_INS, strict=True)},
    **dict(zip(_FURTHER, INTERNAL[7:16], strict=True)),
}
"""The stand-in of each placeholder that halo has, by its name without angle brackets."""

OWN_STAND_INS = INTERNAL[16:]
"""The stand-ins of `data.cleaning.patterns`, in their order."""

# A number is a word of digits; the names COVID-19, B.1.1.7 and R0 and the amount 4m are not numbers.
_NUMBER_OR_WORD = re.compile(r"((?>\d+(?:[.,:]\d+)*)(?![^\W_]|@|[.'][^\W_]))|[^\W_]+(?:[-.'][^\W_]+)*")
_LINE_END = re.compile(r"(?<=\S)[^\S\n]*\n[^\S\n]*(?=\S)")
_DIGIT = re.compile(r"\d")
_DIGIT_BUT_ZERO = re.compile(r"(?!0)\d")


def encode_placeholders(text: str, further: Mapping[str, str] | None = None) -> str:
    """Returns `text` with the placeholders that it contains as internal characters.

    Args:
        text: The text.
        further: Stand-in of each placeholder, by its name, that is recognised besides `PLACEHOLDERS`.
    """
    if "<" not in text:
        return text
    names = tuple(further or ())
    stand_ins = {**KINDS, **(further or {})}
    return _literal_pattern(names).sub(lambda match: stand_ins[match[1].lower()], text)


@functools.lru_cache(maxsize=64)
def _literal_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    basic = (placeholder[1:-1] for placeholder in PLACEHOLDERS)
    return re.compile(f"<({'|'.join((*basic, *names))})>", re.IGNORECASE | re.ASCII)


def decode_placeholders(text: str, further: Mapping[str, str] | None = None) -> str:
    """Returns `text` with internal characters as the placeholders that they stand for.

    Args:
        text: The text.
        further: Stand-in of each placeholder, by its name, besides `PLACEHOLDERS`.
    """
    if not text.isascii():
        for stand_in, placeholder in zip(_STAND_INS, PLACEHOLDERS, strict=True):
            text = text.replace(stand_in, placeholder)  # six passes are faster than one of `str.translate`
        for name, stand_in in (further or {}).items():
            text = text.replace(stand_in, f"<{name}>")
    return text


def mark_line_ends(text: str) -> tuple[str, int]:
    r"""Returns `text` with each line end within a paragraph replaced, and their number; blank lines stay.

    >>> decode_placeholders(mark_line_ends("x = 1\ny = 2\n\nprint(x)\n")[0])
    'x = 1 <eol> y = 2\n\nprint(x)\n'
    """
    return _LINE_END.subn(f" {EOL} ", text)


def zero_digits(text: str) -> tuple[str, int]:
    """Returns `text` with 0 for every digit, and the number of digits changed."""
    return _DIGIT_BUT_ZERO.subn("0", text)


def replace_numbers(text: str) -> tuple[str, int]:
    """Returns `text` with numbers replaced, and their number; names that contain digits are kept.

    >>> decode_placeholders(replace_numbers("in 2020 COVID-19 cost £1,200.50 or 3.5% of £4m")[0])
    'in <number> COVID-19 cost £<number> or <number>% of £4m'
    """
    count = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal count
        if match.group(1) is None:
            return match.group()
        count += 1
        return NUMBER

    return (_NUMBER_OR_WORD.sub(replace, text), count) if _DIGIT.search(text) else (text, 0)


NUMBER_POLICIES: dict[str, Callable[[str], tuple[str, int]]] = {
    "digits_to_0": zero_digits,
    "placeholder": replace_numbers,
}
