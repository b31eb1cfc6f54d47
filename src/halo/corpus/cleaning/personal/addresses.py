"""Web addresses, e-mail addresses and user names.

Only what is surely an address is found. A missing space after a full stop (patients.Net), a file name (node.js) and the
slot of an object in R (x@y.values) look like one, and are text.
"""

import re

from halo.corpus.cleaning.personal.spans import Span, cover_spans, find_within
from halo.corpus.cleaning.placeholders import INTERNAL, URL

# The beginning of a pattern determines its speed: a fixed character is found ten times faster than anything else. So a
# hint that begins with one finds the few words in which a pattern that does not is tried at all.
_REST_OF_WORD = re.compile(r"\S*")

# Han, kana, Hangul and their punctuation follow an address without a space.
_IN_URL = rf'[^\s<>"{INTERNAL}\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef]'
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

_IN_EMAIL = rf"\s,;:!?()<>\[\]{{}}\"'/\\|&=*{INTERNAL}"
# Two letters are a country; scripts other than Latin have domains of their own.
_MAIL_DOMAINS = r"com|org|net|edu|gov|mil|int|info|biz|aero|app|coop|dev|museum|cloud|xyz|[a-z]{2}|[^\W\d_a-z]{2,}"
_EMAIL_HINT = re.compile(rf"@(?<=[^@{_IN_EMAIL}]@)(?=[^@{_IN_EMAIL}])")
_EMAIL = re.compile(
    rf"(?<![^{_IN_EMAIL}])[^{_IN_EMAIL}]*[^@{_IN_EMAIL}]@(?:[^\W_](?:[\w-]*[^\W_])?\.)+(?:{_MAIL_DOMAINS})(?![\w@-]|\.[^\W_])",
    re.IGNORECASE,
)

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


_URLS = (
    (_SCHEME_HINT, _URL_WITH_SCHEME),
    (_WWW_HINT, _URL_WITH_WWW),
    (_DOMAIN_HINT, _URL_BARE),
)


def find_urls(text: str) -> list[Span]:
    """Returns the web addresses in `text`: with a scheme, with www., or like nature.com."""
    found: list[Span] = []
    for hint, pattern in _URLS:
        spans = find_within(_words_with(hint, text), pattern, text)
        found += spans
        text = cover_spans(text, spans, URL)
    return sorted(found)


def find_domains(text: str) -> list[Span]:
    """Returns the web addresses in `text` without scheme and www., which depend on letter case."""
    return find_within(_words_with(_DOMAIN_HINT, text), _URL_BARE, text)


def find_emails(text: str) -> list[Span]:
    """Returns the e-mail addresses in `text`."""
    return find_within(_words_with(_EMAIL_HINT, text), _EMAIL, text)


def find_handles(text: str) -> list[Span]:
    """Returns the user names such as @reader in `text`."""
    if "@" not in text:
        return []
    return [match.span() for match in _HANDLE.finditer(text) if _is_handle(match)]


def _is_handle(match: re.Match[str]) -> bool:
    is_code = match.string.startswith(_CODE_AFTER_HANDLE, match.end())
    return not is_code and match.group()[1:].casefold() not in _KEYWORDS


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
