"""Numbers by which an authority, a hospital or a company knows a person.

Some have a form of their own: social security numbers of the United States, national insurance and NHS numbers of the
United Kingdom, pension insurance numbers of Germany, payment cards. Any other one is found by the word that announces
it: MRN, patient ID, passport no., Aktenzeichen.
"""

import re

from halo.corpus.cleaning.personal.account_numbers import find_cards
from halo.corpus.cleaning.personal.spans import Span, without_overlaps

_ALONE, _ENDS = r"(?<![0-9A-Za-z_])(?<![0-9][.,:/-])", r"(?![0-9A-Za-z_]|[.,:/-][0-9])"
_SOCIAL_SECURITY = re.compile(rf"{_ALONE}(?!000|666)[0-9]{{3}}-(?!00)[0-9]{{2}}-(?!0000)[0-9]{{4}}{_ENDS}")
_NATIONAL_INSURANCE = re.compile(
    rf"{_ALONE}(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?P<space> ?)[0-9]{{2}}(?P=space)[0-9]{{2}}"
    rf"(?P=space)[0-9]{{2}} ?[A-D]{_ENDS}",
    re.IGNORECASE,
)
_HEALTH_SERVICE = re.compile(
    rf"{_ALONE}(?<![0-9] )(?=[0 ]*[1-9])[0-9]{{3}}([ -])[0-9]{{3}}\1[0-9]{{4}}(?! [0-9]){_ENDS}"
)
# Area, date of birth, initial of the surname, serial number with a check digit.
_PENSION_INSURANCE = re.compile(
    rf"{_ALONE}[0-9]{{2}} ?(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])[0-9]{{2}} ?[A-Z] ?[0-9]{{3}}{_ENDS}",
    re.IGNORECASE,
)

_NUMBER_WORD = r"(?:no\.?|nr\.?|nos?\.?|number|num\.?|nummer|id|code|#|№)"
_NEEDS_NUMBER_WORD = (
    r"medical record|health record|record|patient|hospital|chart|case|file|passport|(?:driver'?s?|driving) licen[cs]e|"
    r"licen[cs]e|insurance|policy|account|acct\.?|member(?:ship)?|customer|client|employee|staff|personnel|student|"
    r"national insurance|NI|NHS|PPS|social security|tax(?:payer)?|identity(?: card)?|ID(?: card)?|visa|booking|"
    r"patienten|fall|kunden|konto|kranken(?:kassen|versicherten)|versicherten|versicherungs|personal|matrikel|mitglieds|"
    r"vertrags|steuer|steueridentifikations|sozialversicherungs|rentenversicherungs|ausweis|personalausweis|reisepass|"
    r"führerschein|akten"
)
_ENOUGH = (
    r"MRN|SSN|NINO|NHS|CHI|EHIC|TIN|ITIN|passport|social security|Aktenzeichen|Az\.|Steuer-?ID|IdNr\.?|Personalausweis|"
    r"Reisepass|Patienten-?ID|Fall-?ID|Kunden-?ID"
)
_ANNOUNCED = re.compile(
    rf"(?<![0-9A-Za-z_])(?:(?:{_NEEDS_NUMBER_WORD})[ -]?{_NUMBER_WORD}|(?:{_ENOUGH})(?:[ -]{_NUMBER_WORD})?)"
    r"(?![A-Za-z])"
    r"[\s:=#.(-]{0,4}(?:(?:is|was|ist|lautet|war|the|no|nr|number)[\s:=.]+){0,2}"
    # At least three digits; in groups with spaces if the first is short: 943 476 5919, but MRN 0044713 in bed 12.
    r"(?=(?:[ ./-]?[A-Za-z]*[ ./-]?[0-9]){3})"
    r"(?P<id>(?:[A-Za-z]{1,5}[-/ .]?)?(?:"
    r"[0-9]{1,4}(?: (?:[0-9]{2,6}(?:[-/.][0-9A-Za-z]++)*+|(?-i:[A-Z])[0-9]*+)(?![0-9A-Za-z]))++"
    r"|[0-9][0-9A-Za-z]*+(?:[-/.][0-9A-Za-z]++)*+))",
    re.IGNORECASE,
)
_YEAR_AND_LESS = re.compile(r"(?:19|20)[0-9]{2}")


def find_ids(text: str) -> list[Span]:
    """Returns the numbers of records, documents, cards and insurances in `text`.

    >>> text = "SSN 123-45-6789, MRN: 0044713, AB 12 34 56 C; 120 of 135 cases, ISBN 0-306-40615-2"
    >>> [text[start:end] for start, end in find_ids(text)]
    ['123-45-6789', '0044713', 'AB 12 34 56 C']
    """
    by_form = [
        match.span()
        for pattern in (_SOCIAL_SECURITY, _NATIONAL_INSURANCE, _PENSION_INSURANCE)
        for match in pattern.finditer(text)
        if pattern is not _PENSION_INSURANCE or _has_pension_check_digit(match.group())
    ]
    health_service = [match.span() for match in _HEALTH_SERVICE.finditer(text) if _has_nhs_check_digit(match.group())]
    announced = [match.span("id") for match in _ANNOUNCED.finditer(text) if not _YEAR_AND_LESS.fullmatch(match["id"])]
    return without_overlaps([*by_form, *health_service, *announced, *find_cards(text)])


def _has_nhs_check_digit(number: str) -> bool:
    """Returns whether the weighted sum of ten digits is divisible by 11 (modulus 11 of the NHS data dictionary)."""
    digits = [int(character) for character in number if character.isdigit()]
    return sum(digit * weight for digit, weight in zip(digits, range(10, 0, -1), strict=True)) % 11 == 0


def _has_pension_check_digit(number: str) -> bool:
    """Returns whether the check digit of a German pension insurance number is right; its letter counts as 01 to 26."""
    plain = number.replace(" ", "").upper()
    expanded = f"{plain[:8]}{ord(plain[8]) - 64:02d}{plain[9:11]}"
    weights = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
    sums = (sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(expanded, weights, strict=True))
    return sum(sums) % 10 == int(plain[11])
