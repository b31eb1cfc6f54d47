"""Telephone numbers: in a form that nothing else has, or announced by a word.

Three numbers in a row (120 135 1400) look like one, and are text.
"""

import re

from halo.corpus.cleaning.personal.spans import Span, find_within

# Complete forms of telephone numbers; many of them may also be a list of numbers, a date, an amount or a name.
_PHONE_INTERNATIONAL = (
    # Eight digits or more: +44 20 7946 0958; not the decimal number +1.23456789.
    r"\+(?![0-9]+[.,][0-9]+(?![0-9]|\.[0-9]))(?=(?:[ .()-]{0,2}[0-9]){8})"
    r"[1-9][0-9]{0,2}(?:[ .-]?\([0-9]{1,4}\))?(?:[ .-]?[0-9]{2,5}){2,5}"
)
_PHONE_NATIONAL = (
    # North American: (202) 555-0143, 1-800-555-0199
    r"(?:1[ .-])?(?:\([0-9]{3}\) ?|[0-9]{3}[ .-])[0-9]{3}[ .-][0-9]{4}",
    # With a trunk prefix of zero: 07700900123; 07700 900123; 030/1234567; (020) 7946 0958; 01 23 45 67 89
    r"0[0-9]{8,10}",
    r"0[0-9]{3,4}[ -][0-9]{5,6}",
    r"0[0-9]{1,3}[ /-][0-9]{6,8}",
    r"(?:\(0[0-9]{2,4}\)|0[0-9]{2,4})[ /-]?[0-9]{3,4}[ -][0-9]{3,4}",
    r"0[0-9]([ .-])[0-9]{2}(?:\1[0-9]{2}){3}",
)
# What precedes a plus sign does not matter. A digit other than 0 is required, because a text whose digits all became 0
# contains no telephone number any more; no further away than in the longest, (00000) 0000 0001, so that a table of
# zeros is not read to its end from each of them.
_PHONE = re.compile(
    r"(?=[+0 ()./-]{0,16}[1-9])"
    rf"(?:{_PHONE_INTERNATIONAL}|(?<![0-9A-Za-z_])(?<![0-9][.,:/-])(?:{'|'.join(_PHONE_NATIONAL)}))"
    r"(?![0-9A-Za-z_(]|[.,:/-][0-9])"
)
# The forms that are nothing else: with a country code, a bracketed area code, or the trunk prefix 0 before groups of
# usual sizes; in a list of further numbers the last are not certain either.
_PHONE_CERTAIN = re.compile(
    r"\+.*|(?:1[ .-])?\([2-9][0-9]{2}\) ?[2-9][0-9]{2}[ .-][0-9]{4}|\(0.*|1-[2-9][0-9]{2}-[2-9][0-9]{2}-[0-9]{4}"
    r"|0[1-9][0-9]{1,3}/[0-9]{6,8}"
    r"|0[1-9][0-9] [0-9]{4} [0-9]{4}|0[1-9][0-9]{2} [0-9]{3} [0-9]{3,4}|0[1-9][0-9]{3} (?:[0-9]{6}|[0-9]{3} [0-9]{3})"
)
_LISTED = re.compile(r"[0-9][,;]? $")
# A word that announces a telephone number, and up to four words between the two.
_PHONE_ANNOUNCED = re.compile(
    r"\b(?:(?:t[ée]l|phone|telephone|mobile|cellphone|fax|telefax|telefon|telefono|telefone|tel[ée]fono|t[ée]l[ée]phone|"
    r"m[óo]vil|celular|rufnummer|notruf|тел|телефон|电话|電話|手机|هاتف|تلفن)(?:s|nummer|nr|no)?"
    r"|call|calling|dial|sms|whatsapp|hotline|helpline)\b[^\w\n]*+(?:[^\W\d]+[^\w\n]+){0,4}\Z",
    re.IGNORECASE,
)
_ANNOUNCEMENT_CHARACTERS = 80

# Possible locations, after every character that can begin one became 0 and every other one in it became -.
_PHONE_HINT = re.compile(b"0[0-]{7,}")
_TO_PHONE_HINT = bytes.maketrans(b"+(123456789) ./", b"00000000000----")


def find_phones(text: str) -> list[Span]:
    """Returns the telephone numbers in `text`: in a form that nothing else has, or announced.

    >>> find_phones("5,000 calls from 2020-21, readings 120 135 1400"), find_phones("call 020 7946 0958")
    ([], [(5, 18)])
    """
    hints = _PHONE_HINT.finditer(
        text.encode("latin-1", "replace").translate(_TO_PHONE_HINT)
    )  # one byte for each character
    regions = [(hint.start(), hint.end() + 2) for hint in hints]  # _PHONE looks two characters ahead
    return find_within(regions, _PHONE, text, is_certain=_is_phone)


def _is_phone(match: re.Match[str]) -> bool:
    """Returns whether a number in the form of a telephone number is one, by its form or by the words before it."""
    text, start = match.string, match.start()
    is_listed = _LISTED.search(text, max(start - 3, 0), start) or re.match(r"[,;]? [0-9]", text[match.end() :][:3])
    if _PHONE_CERTAIN.fullmatch(match.group()) and not (is_listed and match.group()[0] == "0"):
        return True
    return _PHONE_ANNOUNCED.search(text, max(start - _ANNOUNCEMENT_CHARACTERS, 0), start) is not None
