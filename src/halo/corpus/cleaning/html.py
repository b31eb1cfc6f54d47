"""Removal of HTML: character references such as &eacute;, tags, comments, scripts and style sheets."""

import re
from html import unescape
from html.entities import html5

# Only elements of HTML count as tags: "<unk>" or "x <y" are text.
_ELEMENTS = (
    "a|abbr|acronym|address|area|article|aside|audio|b|base|bdi|bdo|big|blockquote|body|br|"
    "button|canvas|caption|center|cite|code|col|colgroup|data|datalist|dd|del|details|dfn|dialog|"
    "dir|div|dl|dt|em|embed|fieldset|figcaption|figure|font|footer|form|frame|frameset|h1|h2|h3|"
    "h4|h5|h6|head|header|hr|html|i|iframe|img|input|ins|kbd|label|legend|li|link|main|map|"
    "mark|menu|meta|meter|nav|noscript|object|ol|optgroup|option|output|p|param|picture|pre|"
    "progress|q|rp|rt|ruby|s|samp|script|section|select|small|source|span|strike|strong|style|"
    "sub|summary|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|time|title|tr|track|tt|"
    "u|ul|var|video|wbr"
)
_TAG = re.compile(rf"<(?:/?(?:{_ELEMENTS})(?:[^a-z<>][^<>]*)?|!doctype[^<>]*|\?xml[^<>]*)>", re.IGNORECASE)
# Only with the semicolon: "AT&T" and "a&copy=1" are text.
_REFERENCE = re.compile(r"&(?:#(?:[0-9]{1,8}|[xX][0-9a-fA-F]{1,7})|([a-zA-Z][a-zA-Z0-9]{1,31}));")
_BLOCK_BEGIN = re.compile(r"<(!--|script(?=[\s>])|style(?=[\s>]))", re.IGNORECASE)
_BLOCK_END = {
    "!--": re.compile("-->"),
    "script": re.compile("</script[^>]*>", re.IGNORECASE),
    "style": re.compile("</style[^>]*>", re.IGNORECASE),
}


def remove_markup(text: str) -> tuple[str, int]:
    """Returns `text` with references decoded and a space for each tag, comment, script and style sheet; and how many.

    One layer is removed: "&amp;lt;" becomes "&lt;". A number of 0 means that there is no markup left.

    >>> remove_markup("<p class='a'>Fish &amp; chips<!-- 1 --> are <unk>, AT&T</p>")
    (' Fish & chips  are <unk>, AT&T ', 4)
    """
    count = 0
    if "&" in text:
        text, count = _decode_references(text)
    if "<" in text:
        text, blocks = _remove_blocks(text)
        text, tags = _TAG.subn(" ", text)
        count += blocks + tags
    return text, count


def ends_inside_markup(text: str) -> bool:
    """Returns whether `text` ends within a tag, comment, script or style sheet that may continue in the following text.

    >>> ends_inside_markup("a <!-- b <p>"), ends_inside_markup("a <!-- b --> <p>"), ends_inside_markup("<a href=")
    (True, False, True)
    """
    for begin in _BLOCK_BEGIN.finditer(text):
        if not _BLOCK_END[begin.group(1).casefold()].search(text, begin.end()):
            return True
    return text.rfind("<") > text.rfind(">")


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
