r"""Placeholders for web addresses, e-mail addresses, telephone numbers, user names, numbers and line ends: <url>, ...

Angle brackets distinguish them from every word of a language, and they pass each later step and the word tokenizer as
one token. While a text is cleaned, each is a single character that Unicode reserves for internal use, so that no step
can break it up; `encode_placeholders` and `decode_placeholders` convert between the two forms. A text that contains the
word <url> itself is assumed to have been cleaned before.

Only what is surely an address is replaced. A missing space after a full stop (patients.Net), a file name (node.js), the
slot of an object in R (x@y.values) and three numbers in a row (120 135 1400) look like one, and are text.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

EOL_TOKEN = "<eol>"
PLACEHOLDERS = ("<url>", "<email>", "<phone>", "<handle>", "<number>", EOL_TOKEN)
URL, EMAIL, PHONE, HANDLE, NUMBER, EOL = _STAND_INS = tuple("\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4\ufdd5")
SEPARATOR = "\ufdd6"  # between texts that are cleaned together
INTERNAL = "".join(_STAND_INS) + SEPARATOR

Span = tuple[int, int]
"""Where something begins in a text, and where it ends, one character behind it."""

_P = "\ufdd0-\ufdd5"
# The beginning of a pattern determines its speed: a fixed character is found ten times faster than anything else. So a
# hint that begins with one finds the few words in which a pattern that does not is tried at all.
_LITERAL = re.compile(f"<(?:{'|'.join(f'({token[1:-1]})' for token in PLACEHOLDERS)})>", re.IGNORECASE)
_REST_OF_WORD = re.compile(r"\S*")

# Han, kana, Hangul and their punctuation follow an address without a space.
_IN_URL = rf'[^\s<>"{_P}\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef]'
_URL_END = r"(?:[^\W_\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef]/?)"
_SCHEME_HINT = re.compile("://")
_URL_WITH_SCHEME = re.compile(rf"(?:https?|ftp)://(?=[^\W_]){_IN_URL}*{_URL_END}", re.IGNORECASE)
_WWW_HINT = re.compile(r"\.(?<=[Ww]{3}\.)")
_URL_WITH_WWW = re.compile(rf"(?<![A-Za-z0-9])www\.(?=[^\W_]){_IN_URL}*{_URL_END}", re.IGNORECASE)
# Without a scheme, in lower case: nature.com, bbc.co.uk; with a path also under domains that are words or file name
# extensions: who.int/about. It begins where a run of such characters begins, which also keeps the search linear on a
# text without white space.
_DOMAINS = "com|org|edu|gov"
_DOMAINS_WITH_PATH = f"{_DOMAINS}|net|int|info|io|eu|uk|be|br|ca|ch|co|de|dk|es|fi|fr|gl|jp|ly|nl|no|ru|se"
_DOMAIN_HINT = re.compile(rf"\.(?=[a-z])(?:(?:{_DOMAINS}|uk)(?![A-Za-z0-9_-])|(?:{_DOMAINS_WITH_PATH})/)")
_URL_BARE = re.compile(
    r"(?<![A-Za-z0-9@._%+/\\-])[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*"
    rf"(?:(?:\.(?:{_DOMAINS})|\.(?:ac|co|gov|nhs|org)\.uk)(?![A-Za-z0-9_@-]|\.[a-z])(?:/(?:{_IN_URL}*{_URL_END})?/?)?"
    rf"|\.(?:{_DOMAINS_WITH_PATH})/{_IN_URL}*{_URL_END})"
)

_IN_EMAIL = rf"\s,;:!?()<>\[\]{{}}\"'/\\|&=*{_P}"
# Two letters are a country; scripts other than Latin have domains of their own.
_MAIL_DOMAINS = r"com|org|net|edu|gov|mil|int|info|biz|aero|app|coop|dev|museum|cloud|xyz|[a-z]{2}|[^\W\d_a-z]{2,}"
_EMAIL_HINT = re.compile(rf"@(?<=[^@{_IN_EMAIL}]@)(?=[^@{_IN_EMAIL}])")
_EMAIL = re.compile(
    rf"(?<![^{_IN_EMAIL}])[^{_IN_EMAIL}]*[^@{_IN_EMAIL}]@(?:[^\W_](?:[\w-]*[^\W_])?\.)+(?:{_MAIL_DOMAINS})(?![\w@-]|\.[^\W_])",
    re.IGNORECASE,
)

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

_HANDLE = re.compile(r"@(?<![^\W_]@)(?=_*[^\W\d_])(?:[\w@\u0300-\u036f]|[.-](?=\w))*")
# Not user names: what a bracket or slash follows, as in @app.route("/"), @article{key and @types/node, and the keywords
# of programming languages, documentation and style sheets.
_CODE_AFTER_HANDLE = tuple("({[/")
_KEYWORD_NAMES = """
    abstractmethod author charset classmethod contextmanager dataclass deprecated description details export
    exportmethod fixture font-face import importfrom keyframes media override page param property pytest.fixture return
    returns s3method see seealso since staticmethod supports test throws title typeparam version
"""
_KEYWORDS = frozenset(_KEYWORD_NAMES.split())

# A number is a word of digits; the names COVID-19, B.1.1.7 and R0 and the amount 4m are not numbers.
_NUMBER_OR_WORD = re.compile(r"((?>\d+(?:[.,:]\d+)*)(?![^\W_]|@|[.'][^\W_]))|[^\W_]+(?:[-.'][^\W_]+)*")
_LINE_END = re.compile(r"(?<=\S)[^\S\n]*\n[^\S\n]*(?=\S)")
_DIGIT = re.compile(r"\d")
_DIGIT_BUT_ZERO = re.compile(r"(?!0)\d")


class PlaceholderStep(NamedTuple):
    """A cleaning step that puts a placeholder in place of what it finds.

    Attributes:
        kind: Name of the placeholder, without angle brackets.
        stand_in: The internal character that stands for it.
        find: Returns what is to be replaced in a text, in its order.
    """

    kind: str
    stand_in: str
    find: Callable[[str], list[Span]]


def encode_placeholders(text: str) -> str:
    """Returns `text` with the placeholders that it contains as internal characters."""
    return _LITERAL.sub(_stand_in, text) if "<" in text else text


def _stand_in(match: re.Match[str]) -> str:
    assert match.lastindex is not None
    return _STAND_INS[match.lastindex - 1]


def decode_placeholders(text: str) -> str:
    """Returns `text` with internal characters as the placeholders that they stand for."""
    if not text.isascii():
        for stand_in, placeholder in zip(_STAND_INS, PLACEHOLDERS, strict=True):
            text = text.replace(stand_in, placeholder)  # six passes are faster than one of `str.translate`
    return text


def mark_line_ends(text: str) -> tuple[str, int]:
    r"""Returns `text` with each line end within a paragraph replaced, and their number; blank lines stay.

    >>> decode_placeholders(mark_line_ends("x = 1\ny = 2\n\nprint(x)\n")[0])
    'x = 1 <eol> y = 2\n\nprint(x)\n'
    """
    return _LINE_END.subn(f" {EOL} ", text)


def find_urls(text: str) -> list[Span]:
    """Returns the web addresses in `text`: with a scheme, with www., or like nature.com."""
    found: list[Span] = []
    for hint, pattern in _URLS:
        spans = _find_within(_words_with(hint, text), pattern, text)
        found += spans
        for begin, end in spans:
            text = text[:begin] + URL * (end - begin) + text[end:]
    return sorted(found)


def find_domains(text: str) -> list[Span]:
    """Returns the web addresses in `text` without scheme and www., which depend on letter case."""
    return _find_within(_words_with(_DOMAIN_HINT, text), _URL_BARE, text)


def find_emails(text: str) -> list[Span]:
    """Returns the e-mail addresses in `text`."""
    return _find_within(_words_with(_EMAIL_HINT, text), _EMAIL, text)


def find_phones(text: str) -> list[Span]:
    """Returns the telephone numbers in `text`: in a form that nothing else has, or announced.

    >>> find_phones("5,000 calls from 2020-21, readings 120 135 1400"), find_phones("call 020 7946 0958")
    ([], [(5, 18)])
    """
    hints = _PHONE_HINT.finditer(
        text.encode("latin-1", "replace").translate(_TO_PHONE_HINT)
    )  # one byte for each character
    regions = [(hint.start(), hint.end() + 2) for hint in hints]  # _PHONE looks two characters ahead
    return _find_within(regions, _PHONE, text, is_certain=_is_phone)


def _is_phone(match: re.Match[str]) -> bool:
    """Returns whether a number in the form of a telephone number is one, by its form or by the words before it."""
    text, start = match.string, match.start()
    is_listed = _LISTED.search(text, max(start - 3, 0), start) or re.match(r"[,;]? [0-9]", text[match.end() :][:3])
    if _PHONE_CERTAIN.fullmatch(match.group()) and not (is_listed and match.group()[0] == "0"):
        return True
    return _PHONE_ANNOUNCED.search(text, max(start - _ANNOUNCEMENT_CHARACTERS, 0), start) is not None


def find_handles(text: str) -> list[Span]:
    """Returns the user names such as @reader in `text`."""
    if "@" not in text:
        return []
    return [match.span() for match in _HANDLE.finditer(text) if _is_handle(match)]


def _is_handle(match: re.Match[str]) -> bool:
    is_code = match.string.startswith(_CODE_AFTER_HANDLE, match.end())
    return not is_code and match.group()[1:].casefold() not in _KEYWORDS


def replace_spans(text: str, spans: Sequence[Span], stand_in: str) -> str:
    """Returns `text` with a stand-in for each of some spans, which are in order and do not overlap."""
    pieces: list[str] = []
    copied = 0
    for begin, end in spans:
        pieces += text[copied:begin], stand_in
        copied = end
    return "".join([*pieces, text[copied:]])


def _find_within(
    regions: Iterable[Span],
    pattern: re.Pattern[str],
    text: str,
    *,
    is_certain: Callable[[re.Match[str]], bool] = bool,
) -> list[Span]:
    """Returns the matches of `pattern` in `text`, given that all lie within `regions`, each a begin and an end.

    Matches for which `is_certain` is false are left out.
    """
    return [match.span() for region in regions for match in pattern.finditer(text, *region) if is_certain(match)]


def _words_with(hint: re.Pattern[str], text: str) -> list[Span]:
    """Returns the begin and end of each word, between white space, in which `hint` is found."""
    words: list[Span] = []
    end = 0
    for found in hint.finditer(text):
        at = found.start()
        if at >= end:
            begin = max(end, text.rfind(" ", end, at) + 1, text.rfind("\n", end, at) + 1)
            rest = _REST_OF_WORD.match(text, at)
            assert rest is not None
            end = rest.end()
            words.append((begin, end))
    return words


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


_URLS = (
    (_SCHEME_HINT, _URL_WITH_SCHEME),
    (_WWW_HINT, _URL_WITH_WWW),
    (_DOMAIN_HINT, _URL_BARE),
)
PLACEHOLDER_STEPS = {
    "urls": PlaceholderStep("url", URL, find_urls),
    "emails": PlaceholderStep("email", EMAIL, find_emails),
    "phones": PlaceholderStep("phone", PHONE, find_phones),
    "handles": PlaceholderStep("handle", HANDLE, find_handles),
}
NUMBER_POLICIES: dict[str, Callable[[str], tuple[str, int]]] = {
    "digits_to_0": zero_digits,
    "placeholder": replace_numbers,
}
