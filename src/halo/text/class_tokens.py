r"""Words that stand for what names a person or a place on the net: <url>, <email>, <phone>, <handle>; and <number>.

Angle brackets set them apart from every word of a language, and they pass each later step and the word tokenizer as one
token. While a text is cleaned, each is one character that Unicode reserves for internal use, so that no step takes it
apart; `protect` puts these in, `write_out` turns them into words. A text that holds the word <url> itself is taken as
cleaned before.
"""

import re
from collections.abc import Callable

CLASS_TOKENS = ("<url>", "<email>", "<phone>", "<handle>", "<number>")
URL, EMAIL, PHONE, HANDLE, NUMBER = PLACEHOLDERS = tuple("\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4")

_P = "\ufdd0-\ufdd4"
_LITERAL = re.compile("|".join(f"({re.escape(token)})" for token in CLASS_TOKENS), re.IGNORECASE)

_IN_URL = rf'[^\s<>"{_P}]'
_URL_WITH_SCHEME = re.compile(rf"(?:https?|ftp)://(?=[^\W_]){_IN_URL}*[^\W_]/?", re.IGNORECASE)
_URL_WITH_WWW = re.compile(rf"(?<![A-Za-z0-9])www\.(?=[^\W_]){_IN_URL}*[^\W_]/?", re.IGNORECASE)
_DOMAINS = r"\.(?:com|org|net|gov|edu|int|info|io|eu|uk)"
_DOMAIN_HINT = re.compile(_DOMAINS, re.IGNORECASE)
# A name without scheme: who.int, bbc.co.uk/news. It begins where a run of such characters begins, which also keeps the
# search linear on a text without white space.
_URL_BARE = re.compile(
    rf"(?<![A-Za-z0-9@._%+/\\-])[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*{_DOMAINS}(?![\w@-]|\.[a-z])(?:/(?:{_IN_URL}*[^\W_])?/?)?",
    re.IGNORECASE,
)

_IN_EMAIL = rf"\s,;:!?()<>\[\]{{}}\"'/\\|&=*{_P}"
_EMAIL = re.compile(
    rf"(?<![^{_IN_EMAIL}])[^{_IN_EMAIL}]*[^@{_IN_EMAIL}]@[^@{_IN_EMAIL}]+\.[^\W\d_](?:[^{_IN_EMAIL}]*[^\W_])?"
)

# Of telephone numbers, whole shapes alone: anything else may be a year, a range, a date, a sum, and stays.
_PHONE_INTERNATIONAL = (
    # Eight digits and more: +44 20 7946 0958; not the decimal number +1.23456789.
    r"\+(?![0-9]+[.,][0-9]+(?![0-9]|\.[0-9]))(?=(?:[ .()-]{0,2}[0-9]){8})"
    r"[1-9][0-9]{0,2}(?:[ .-]?\([0-9]{1,4}\))?(?:[ .-]?[0-9]{2,5}){2,5}"
)
_PHONE_NATIONAL = (
    # North American: (202) 555-0143, 1-800-555-0199
    r"(?:1[ .-])?(?:\([0-9]{3}\) ?|[0-9]{3}[ .-])[0-9]{3}[ .-][0-9]{4}",
    # With the zero of a trunk call: 07700900123; 07700 900123; 030/1234567; (020) 7946 0958; 01 23 45 67 89
    r"0[0-9]{8,10}",
    r"0[0-9]{3,4}[ -][0-9]{5,6}",
    r"0[0-9]{1,3}[ /-][0-9]{6,8}",
    r"(?:\(0[0-9]{2,4}\)|0[0-9]{2,4})[ /-]?[0-9]{3,4}[ -][0-9]{3,4}",
    r"0[0-9]([ .-])[0-9]{2}(?:\1[0-9]{2}){3}",
)
# What stands before a plus sign does not matter. A digit other than 0 is asked for, because a text whose digits all
# became 0 holds no telephone number any more.
_PHONE = re.compile(
    rf"(?=[+0 ()./-]*[1-9])(?:{_PHONE_INTERNATIONAL}|(?<![0-9A-Za-z_])(?<![0-9][.,:/-])(?:{'|'.join(_PHONE_NATIONAL)}))"
    r"(?![0-9A-Za-z_(]|[.,:/-][0-9])"
)
_PHONE_HINT = re.compile("[0-9](?:[ .()/-]{0,2}[0-9]){7}")

_HANDLE = re.compile(r"(?<![^\W_])@(?=_*[^\W\d_])(?:[\w@\u0300-\u036f]|[.-](?=\w))*")

# A number is a word of digits: the names COVID-19, B.1.1.7 and R0 and the sum 4m are none.
_NUMBER_OR_WORD = re.compile(r"((?>\d+(?:[.,:]\d+)*)(?![^\W_]|@|[.'][^\W_]))|[^\W_]+(?:[-.'][^\W_]+)*")
_DIGIT = re.compile(r"\d")
_DIGIT_BUT_ZERO = re.compile(r"(?!0)\d")


def protect(text: str) -> str:
    """Returns `text` with class tokens that already stand in it as internal characters."""
    return _LITERAL.sub(_placeholder, text) if "<" in text else text


def _placeholder(match: re.Match[str]) -> str:
    assert match.lastindex is not None
    return PLACEHOLDERS[match.lastindex - 1]


def write_out(text: str) -> str:
    """Returns `text` with internal characters as the words that they stand for."""
    if not text.isascii():
        for placeholder, token in zip(PLACEHOLDERS, CLASS_TOKENS, strict=True):
            text = text.replace(placeholder, token)  # five passes are faster than one of `str.translate`
    return text


def replace_urls(text: str) -> tuple[str, int]:
    """Returns `text` with web addresses replaced, and how many: with a scheme, with www., and as in who.int/about."""
    count = 0
    if "://" in text:
        text, count = _URL_WITH_SCHEME.subn(URL, text)
    if "www." in text.lower():
        text, with_www = _URL_WITH_WWW.subn(URL, text)
        count += with_www
    if _DOMAIN_HINT.search(text):
        text, bare = _URL_BARE.subn(URL, text)
        count += bare
    return text, count


def replace_emails(text: str) -> tuple[str, int]:
    """Returns `text` with e-mail addresses replaced, and how many."""
    return _EMAIL.subn(EMAIL, text) if "@" in text else (text, 0)


def replace_phones(text: str) -> tuple[str, int]:
    """Returns `text` with what looks like a telephone number replaced, and how many.

    >>> replace_phones("5,000 calls from 2020-21, 10-14 a day")[1], replace_phones("call 020 7946 0958")[1]
    (0, 1)
    """
    return _PHONE.subn(PHONE, text) if _PHONE_HINT.search(text) else (text, 0)


def replace_handles(text: str) -> tuple[str, int]:
    """Returns `text` with names such as @reader replaced, and how many."""
    return _HANDLE.subn(HANDLE, text) if "@" in text else (text, 0)


def zero_digits(text: str) -> tuple[str, int]:
    """Returns `text` with 0 for every digit, and how many changed."""
    return _DIGIT_BUT_ZERO.subn("0", text)


def replace_numbers(text: str) -> tuple[str, int]:
    """Returns `text` with numbers replaced, and how many; names with digits in them stay.

    >>> write_out(replace_numbers("in 2020 COVID-19 cost £1,200.50 or 3.5% of £4m")[0])
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


CLASS_STEPS: dict[str, Callable[[str], tuple[str, int]]] = {
    "urls": replace_urls,
    "emails": replace_emails,
    "phones": replace_phones,
    "handles": replace_handles,
}
NUMBER_POLICIES: dict[str, Callable[[str], tuple[str, int]]] = {
    "digits_to_0": zero_digits,
    "class": replace_numbers,
}
