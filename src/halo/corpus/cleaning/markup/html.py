"""Removal of HTML and XML: character references such as &eacute;, tags, comments, scripts and style sheets."""

import re
from html import unescape
from html.entities import html5

from halo.corpus.cleaning.markup.elements import remove_tags

_DECLARATION = re.compile(r"<(?:!doctype[^<>]*|\?xml[^<>]*)>", re.IGNORECASE)
_CHARACTER_DATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
# Only with the semicolon: "AT&T" and "a&copy=1" are text.
_REFERENCE = re.compile(r"&(?:#(?:[0-9]{1,8}|[xX][0-9a-fA-F]{1,7})|([a-zA-Z][a-zA-Z0-9]{1,31}));")
_OPEN_TAG = re.compile(r"<[A-Za-z/!?][^<>]*\Z")
_BLOCK_BEGIN = re.compile(r"<(!--|script(?=[\s>])|style(?=[\s>]))", re.IGNORECASE)
_BLOCK_END = {
    "!--": re.compile("-->"),
    "script": re.compile("</script[^>]*>", re.IGNORECASE),
    "style": re.compile("</style[^>]*>", re.IGNORECASE),
}


def remove_markup(text: str) -> tuple[str, int]:
    """Returns `text` with references decoded and without tags, comments, scripts and style sheets; and how many.

    One layer is removed: "&amp;lt;" becomes "&lt;". A number of 0 means that there is no markup left.

    >>> remove_markup("<p class='a'>Fish &amp; chips<!-- 1 --> are <unk>, AT&T</p>")
    (' Fish & chips  are <unk>, AT&T ', 4)
    """
    count = 0
    if "&" in text:
        text, count = _decode_references(text)
    if "<" in text:
        text, blocks = _remove_blocks(text)
        text, declarations = _DECLARATION.subn(" ", text)
        text, sections = _CHARACTER_DATA.subn(r"\1", text)
        text, tags = remove_tags(text)
        count += blocks + declarations + sections + tags
    return text, count


def ends_inside_markup(text: str) -> bool:
    """Returns whether `text` ends within a tag, comment, script or style sheet that may continue in the following text.

    >>> ends_inside_markup("a <!-- b <p>"), ends_inside_markup("a <!-- b --> <p>"), ends_inside_markup("<a href=")
    (True, False, True)
    """
    for begin in _BLOCK_BEGIN.finditer(text):
        if not _BLOCK_END[begin.group(1).casefold()].search(text, begin.end()):
            return True
    return _OPEN_TAG.search(text, max(text.rfind("<"), 0)) is not None


def _decode_references(text: str) -> tuple[str, int]:
    count = 0

    def decode(match: re.Match[str]) -> str:
        nonlocal count
        name = match.group(1)
        if name is not None and f"{name};" not in html5:
            return match.group()
        count += 1
        return unescape(match.group())

    return _REFERENCE.sub(decode, text), count


def _remove_blocks(text: str) -> tuple[str, int]:
    """Removes comments, scripts and style sheets with their content, in one pass; one that is never closed is kept."""
    kept: list[str] = []
    unclosed: set[str] = set()
    copied = position = 0
    while begin := _BLOCK_BEGIN.search(text, position):
        position = begin.end()
        kind = begin.group(1).casefold()
        end = None if kind in unclosed else _BLOCK_END[kind].search(text, position)
        if end is None:
            unclosed.add(kind)
            continue
        kept.append(text[copied : begin.start()])
        copied = position = end.end()
    return " ".join([*kept, text[copied:]]), len(kept)
