"""Dates that name a day, in numbers or with the name of the month: of birth, of an admission, of a letter.

A year or a month alone names no day and stays: 2020, March 2020, the 1990s. So do times (12:30), versions (1.12.03) and
sections (§ 12.3.2020). Two digits of a year are enough where day and month have two as well, 12.03.56, or where a word
announces a date: born 3/4/56. English and German months are known by their names and short forms, French and Spanish
ones by their names beside a year.
"""

import re

from halo.corpus.cleaning.personal.spans import Span, without_overlaps

_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12][0-9]|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:1[89]|20)[0-9]{2}"
_DAY_2, _MONTH_2 = r"(?:0[1-9]|[12][0-9]|3[01])", r"(?:0[1-9]|1[0-2])"
_ENGLISH = "january|february|march|april|may|june|july|august|september|october|november|december"
_NAMES = f"{_ENGLISH}|januar|jänner|februar|feber|märz|mai|juni|juli|oktober|dezember"
_SHORT = "jan|feb|mar|mär|apr|jun|jul|aug|sept|sep|oct|okt|nov|dec|dez"
_NAMES_WITH_YEAR = (
    "janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|"
    "junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
)
_MONTH_NAME = rf"(?:(?:{_NAMES})|(?:{_SHORT})\b\.?)"
_ANY_MONTH_NAME = rf"(?:(?:{_NAMES}|{_NAMES_WITH_YEAR})|(?:{_SHORT})\b\.?)"
_ORDINAL = r"(?:st|nd|rd|th|er|\.)?"
_BEFORE = r"(?<![0-9A-Za-z_])(?<![0-9][.,:/])"
_NO_UNIT = r"(?!%| ?(?:mg|ml|g|kg|mmol|cm|mm|ms|s|min|h|hours)\b)"
_AFTER = r"(?![0-9A-Za-z_]|[.,:/][0-9])"

_NUMERIC = re.compile(
    rf"(?=[0-9]){_BEFORE}(?:"
    rf"(?<![0-9]-){_YEAR}(?P<iso>[-/.]){_MONTH}(?P=iso){_DAY}(?:T[0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]+)?)?Z?)?"
    r"(?![0-9A-Za-z_]|[.:/-][0-9]|,[0-9](?![0-9]* ))"
    rf"|{_DAY}(?P<first>[./]){_MONTH}(?P=first){_YEAR}{_AFTER}"
    rf"|{_MONTH}/{_DAY}/{_YEAR}{_AFTER}"
    rf"|(?<![0-9]-)(?:{_DAY}-{_MONTH}|{_MONTH}-{_DAY})-{_YEAR}{_AFTER}(?!-[0-9])"
    rf"|{_DAY}\. {_MONTH}\. {_YEAR}{_AFTER}"
    rf"|{_DAY_2}(?P<short>[./]){_MONTH_2}(?P=short)[0-9]{{2}}{_AFTER}{_NO_UNIT}"
    rf"|{_MONTH_2}/{_DAY_2}/[0-9]{{2}}{_AFTER}{_NO_UNIT}"
    r")"
)
_WITH_YEAR = re.compile(
    rf"(?=[0-9JFMASOND])(?<![0-9A-Za-z_.,-])(?:{_DAY}{_ORDINAL}(?:\s(?:of|de))?[\s-]{{1,2}}{_ANY_MONTH_NAME},?(?:\sde)?[\s-]{{1,2}}"
    rf"(?:{_YEAR}|'[0-9]{{2}}|[0-9]{{2}}(?=\b(?![0-9.,:%]))(?<=-[0-9]{{2}}))"
    rf"|{_DAY}/(?:{_SHORT})/{_YEAR}|{_MONTH_NAME}\s{_DAY}{_ORDINAL},?\s(?:{_YEAR}|'[0-9]{{2}}))(?![0-9A-Za-z_]|[.,/-][0-9])",
    re.IGNORECASE,
)
# Without a year only with a capital: `march 5 miles` and `they may 10 times` are no dates.
_CAPITALISED = "|".join(each.capitalize() for each in f"{_NAMES}|{_SHORT}".split("|"))
# Only English has the month first: Januar 15, Februar 20 are numbers of something.
_CAPITALISED_ENGLISH = "|".join(each.capitalize() for each in f"{_ENGLISH}|jan|feb|mar|apr|sept|oct|nov|dec".split("|"))
_WITHOUT_YEAR = re.compile(
    rf"(?<![0-9A-Za-z_.,/-])(?:{_DAY}{_ORDINAL}(?: of)? (?:{_CAPITALISED})\b(?! ?(?:{_YEAR}))"
    rf"|(?:{_CAPITALISED_ENGLISH})\b\.? {_DAY}(?:st|nd|rd|th)?(?![0-9A-Za-z_%]|[.,:/-][0-9]|,? ?{_YEAR}| (?:per cent|"
    r"percent|patients|people|cases|of the|times|mg|ml|km|miles)\b))"
)
_ANNOUNCED = re.compile(
    r"(?i:\b(?:born|d\.?o\.?b\.?|date of birth|birth ?dat(?:e|um)|birthday|geb(?:oren|\.)|geburtsdatum|geburtstag|"
    r"n[ée]e? le|nacid[oa] el)(?=[\s:.,(*=-])|\*)[\s:.,(=-]{0,4}(?:(?:on|am|is|was|ist|the|war)[\s:]+){0,2}"
    rf"(?P<date>{_DAY}[./ -]{_MONTH}[./ -](?:{_YEAR}|[0-9]{{2}})|{_MONTH}[/-]{_DAY}[/-](?:{_YEAR}|[0-9]{{2}})"
    rf"|{_YEAR}{_MONTH_2}{_DAY_2}|{_DAY_2}{_MONTH_2}{_YEAR}){_AFTER}"
)
# What a number with two full stops or slashes is, where one of these precedes it.
_OTHER = re.compile(
    r"(?:\b(?:v|ver|version|release|build|section|sect|sec|chapter|art|article|rule|figure|fig|table|tab|kapitel|abschnitt|"
    r"abs|paragraph|para|par|nr|no|item|firmware|driver|treiber|python|doses?|ratio)\.?|§§?|[#=]) ?\Z",
    re.IGNORECASE,
)


def find_dates(text: str) -> list[Span]:
    """Returns the dates in `text` that name a day.

    >>> text = "Born 3/4/56, seen on 12.03.2020 and March 5th; in May 2020 version 1.12.03 at 12:30"
    >>> [text[start:end] for start, end in find_dates(text)]
    ['3/4/56', '12.03.2020', 'March 5th']
    """
    numeric = [
        match.span()
        for match in _NUMERIC.finditer(text)
        if not _OTHER.search(text, max(match.start() - 12, 0), match.start())
    ]
    named = [match.span() for pattern in (_WITH_YEAR, _WITHOUT_YEAR) for match in pattern.finditer(text)]
    announced = [match.span("date") for match in _ANNOUNCED.finditer(text)]
    return without_overlaps([*numeric, *named, *announced])
