"""Numbers of bank accounts and payment cards, which carry check digits: IBAN (ISO 13616) and Luhn (ISO/IEC 7812)."""

import re

from halo.corpus.cleaning.personal.spans import Span

_LENGTHS = """
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24
    FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20
    LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33
    SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20
"""
_IBAN_LENGTHS = {each[:2]: int(each[2:]) for each in _LENGTHS.split()}
"""Number of characters of an IBAN, by country: registry of SWIFT."""

_IBAN_START = re.compile(r"[0-9]{2}(?<=[A-Za-z]{2}[0-9]{2})(?<![0-9A-Za-z_][A-Za-z]{2}[0-9]{2})(?=[ -]?[0-9A-Za-z])")
_IBAN_ANNOUNCED = re.compile(r"\bIBAN(?:[\s:=-]|\b(?:is|ist|no|nr)\b){0,6}\Z", re.IGNORECASE)
# Groups of four, four to six and five, or none; the first digits are those of the large schemes.
_CARD = re.compile(
    r"(?<![0-9A-Za-z_])(?<![0-9][.,:/ -])(?:"
    r"[2-6][0-9]{3}(?P<four>[ -]?)[0-9]{4}(?P=four)[0-9]{4}(?P=four)[0-9]{4}(?:(?P=four)[0-9]{3})?"
    r"|3[47][0-9]{2}(?P<six>[ -]?)[0-9]{6}(?P=six)[0-9]{5}"
    r"|3[0689][0-9]{2}(?P<diners>[ -]?)[0-9]{6}(?P=diners)[0-9]{4})"
    r"(?![0-9A-Za-z_]|[.,:/ -][0-9])"
)
_SCHEMES = re.compile(r"4|5[0-9]|2[2-7]|6(?:011|4|5|2|7)|3[0-9]")


def find_ibans(text: str) -> list[Span]:
    """Returns the international bank account numbers in `text`, with and without spaces, with a valid check number.

    One that the word IBAN announces may be invalid: it was mistyped, and leads to an account all the same.

    >>> text = "to DE89 3704 0044 0532 0130 00 and GB82WEST12345698765432, not DE12 of 2020"
    >>> [text[start:end] for start, end in find_ibans(text)]
    ['DE89 3704 0044 0532 0130 00', 'GB82WEST12345698765432']
    """
    found: list[Span] = []
    for match in _IBAN_START.finditer(text):
        begin = match.start() - 2  # digits are rarer than letters, so the pattern begins with them
        length = _IBAN_LENGTHS.get(text[begin : begin + 2].upper())
        end = None if length is None else _iban_end(text, begin, length)
        if end is None or (found and begin < found[-1][1]):
            continue
        is_announced = _IBAN_ANNOUNCED.search(text, max(begin - 24, 0), begin) is not None
        if is_announced or _has_check_number(text[begin:end]):
            found.append((begin, end))
    return found


def _iban_end(text: str, begin: int, length: int) -> int | None:
    """Returns where a number of so many letters and digits ends, with spaces or hyphens between; None if none does."""
    at, read, is_spaced = begin, 0, False
    while read < length:
        character = text[at : at + 1]
        if character.isascii() and character.isalnum():
            read, is_spaced = read + 1, False
        elif character not in (" ", "-") or is_spaced:
            return None
        else:
            is_spaced = True
        at += 1
    after = text[at : at + 1]
    return None if after.isascii() and after.isalnum() else at


def _has_check_number(number: str) -> bool:
    """Returns whether the remainder by 97 is 1, with the first four characters at the end and letters as 10 to 35."""
    plain = number.replace(" ", "").replace("-", "").upper()
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1


def find_cards(text: str) -> list[Span]:
    """Returns the numbers of payment cards in `text`: in usual groups or none, with a valid check digit.

    >>> text = "4111 1111 1111 1111, not 4111 1111 1111 1112 and ISBN 9780306406157"
    >>> [text[start:end] for start, end in find_cards(text)]
    ['4111 1111 1111 1111']
    """
    return [match.span() for match in _CARD.finditer(text) if _is_card(match.group())]


def _is_card(number: str) -> bool:
    digits = [int(character) for character in number if character.isdigit()]
    is_of_scheme = _SCHEMES.match("".join(map(str, digits))) is not None
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return is_of_scheme and (sum(digits[::-2]) + sum(doubled)) % 10 == 0
