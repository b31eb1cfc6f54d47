"""Removal of the tags of elements: those of HTML, and of the XML of scientific articles (JATS, MathML).

Only what has the form of a tag is one: <unk>, <data not shown>, x <y and <b, c> are text. A start tag without
attributes, such as <b> or <time>, may be text too: it is a tag if its end tag occurs in the same text. Other XML is
recognised by its attributes, as in <persName ref="x">.

Elements within a line leave no space (un<em>believ</em>able), others leave one. What is raised or lowered is written as
in plain text: CO<sub>2</sub> as CO2, 10<sup>-6</sup> as 10^-6, 19<sup>th</sup> as 19th, and the number of a footnote or
reference, as in patients<sup>12</sup>, as patients [12].
"""

import re

_INLINE_NAMES = """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr output s samp small span
    strike strong sub sup time tt u var wbr bold italic monospace overline roman sans-serif sc underline xref ext-
    link inline-formula named-content styled-content uri tex-math math maction menclose merror mfenced mfrac mi
    mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt mstyle msub msubsup msup mtext
    munder munderover semantics annotation
"""
_BLOCK_NAMES = """
    address area article aside audio base blockquote body br button canvas caption center col colgroup datalist dd
    details dialog dir div dl dt embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6
    head header hr html iframe img input legend li link main map menu meta meter nav noscript object ol optgroup
    option p param picture pre progress q rp rt ruby script section select source style summary svg table tbody td
    template textarea tfoot th thead title tr track ul video abstract trans-abstract alternatives article-title
    boxed-text break def-item def-list disp-formula disp-quote fig fig-group fn fn-group graphic inline-graphic
    list list-item media mtable mtd mtr ref ref-list sec statement supplementary-material table-wrap table-wrap-
    foot contrib contrib-group surname given-names aff kwd kwd-group corresp
"""
# Start tags that need no end tag in the same text: they are neither letters nor words of a text.
_CERTAIN_NAMES = """
    br dd div dl dt em h1 h2 h3 h4 h5 h6 hr html img li ol p span strong sub sup tbody td tfoot th thead tr ul wbr
"""
_INLINE, _BLOCKS, _CERTAIN = (frozenset(names.split()) for names in (_INLINE_NAMES, _BLOCK_NAMES, _CERTAIN_NAMES))
_CERTAIN_PREFIXES = ("jats:", "mml:")

# Possessive and atomic, since an attribute can be read in several ways and a text may be full of unfinished ones.
_ATTRIBUTE = r"""[A-Za-z_:@][\w:.@-]*+\s*=\s*(?>"[^"<>]*"|"[^"]{0,1000}"|'[^'<>]*'|'[^']{0,1000}'|[^\s"'<>`]+)"""
_FLAG = (
    r"\s+(?:allowfullscreen|async|autoplay|checked|compact|controls|defer|disabled|hidden|ismap|loop|multiple|muted|"
    r"noshade|novalidate|nowrap|open|readonly|required|reversed|selected)(?![\w:.-]|\s*=)"
)
_TAG = re.compile(
    rf"<(?P<slash>/?)(?P<name>[A-Za-z][\w.-]*+(?::[A-Za-z][\w.-]*+)?+)"
    rf"(?P<attributes>(?:{_FLAG})*+(?:\s+{_ATTRIBUTE}(?:(?:\s+|(?<=[\"'])){_ATTRIBUTE}|{_FLAG})*+)?+)\s*(?P<empty>/?)\s*>",
    re.IGNORECASE,
)
_END_TAG = re.compile(r"</([A-Za-z][\w:.-]*)\s*>")
_WITH_ATTRIBUTE = re.compile(r"""<([A-Za-z][\w:.-]*)\s+[\w:.-]+\s*=\s*["']""")

_MATH_NAMES = "msup|msub|msubsup|mfrac"
_MATH = re.compile(
    rf"<(?P<prefix>(?:\w+:)?)(?P<name>{_MATH_NAMES})(?:\s[^<>]*)?>"
    rf"(?P<content>(?:[^<]|<(?!/?(?:\w+:)?(?:{_MATH_NAMES})\b)){{0,2000}}?)</(?P=prefix)(?P=name)\s*>",
    re.IGNORECASE,
)
_ANY_TAG = re.compile("(<[^<>]*>)")
_SUBSCRIPT = re.compile(r"<((?:\w+:)?sub)(?:\s[^<>]*)?>\s*([^<>]{0,200}?)\s*</\1\s*>", re.IGNORECASE)
_SUPERSCRIPT = re.compile(r"( ?)<((?:\w+:)?sup)(?:\s[^<>]*)?>\s*([^<>]{0,200}?)\s*</\2\s*>", re.IGNORECASE)
_SIMPLE_POWER = re.compile(r"[+\-−–]?[\w.]+[+\-−–]?")
_CHARGE = re.compile(r"\d*[+\-−–]|[^\w\s+\-−–]+")  # 2+, or a sign such as ®
_REFERENCES = re.compile(r"\d+(?:\s*[,;–-]\s*\d+)*,?")
_WORD_BEFORE = re.compile(r"[\w.,'/-]*\Z")
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_UNITS = frozenset(["min", "mol", "sec", "kPa", "MPa", "kHz", "MHz", "rad", "day"])


def remove_tags(text: str) -> tuple[str, int]:
    """Returns `text` without the tags of elements, and their number.

    >>> remove_tags("H<sub>2</sub>O, 5 &times; 10<sup>5</sup>, <i>in vivo</i> <data not shown>,<br/>19<sup>th</sup>")
    ('H2O, 5 &times; 10^5, in vivo <data not shown>, 19th', 9)
    """
    ended = {name.casefold() for name in _END_TAG.findall(text)}
    with_attribute = {name.casefold() for name in _WITH_ATTRIBUTE.findall(text)}
    count = 0

    def remove(match: re.Match[str]) -> str:
        nonlocal count
        name = match["name"].casefold()
        prefix, _, local = name.rpartition(":")
        known = prefix or local in _INLINE or local in _BLOCKS or name in with_attribute
        is_bare = not (match["slash"] or match["attributes"] or match["empty"])
        certain = name in _CERTAIN or name.startswith(_CERTAIN_PREFIXES) or name in ended
        if not known or (is_bare and not certain):
            return match.group()
        if local in ("sub", "sup") and not is_alone:
            return match.group()
        count += 1
        return "" if local in _INLINE else '"' if local == "q" else " "

    text, found = _write_formulas(text)
    is_alone = False
    text = _TAG.sub(remove, text)
    if "<" in text:
        text, subscripts = _SUBSCRIPT.subn(_lowered, text)
        text, superscripts = _SUPERSCRIPT.subn(_raised, text)
        found += 2 * (subscripts + superscripts)
        is_alone = True  # what is left of them has no other half
        text = _TAG.sub(remove, text)
    return text, count + found


def _lowered(match: re.Match[str]) -> str:
    """Returns a subscript as plain text: the 2 of CO2."""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    mark = "_" if before.isdigit() and match[2][:1].isdigit() else ""
    return mark + match[2] + (" " if match[2][-1:].isdigit() and after.isdigit() else "")


def _raised(match: re.Match[str]) -> str:
    """Returns a superscript as plain text: a power, an ending, a charge, or the number of a footnote."""
    space, content = match[1], match[3]
    found = _WORD_BEFORE.search(match.string, max(match.start() - 40, 0), match.start())
    word = found.group().rstrip(".,") if found else ""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    if space and word == "10" and content:
        return _power(content)
    if space or not before or not (before.isalnum() or before in ")]}′'"):
        is_isotope = after.isalpha()  # 14C
        return _reference(content, before) if _REFERENCES.fullmatch(content) and not is_isotope else space + content
    if _is_footnote(word, content):
        return _reference(content, before)
    is_ending = not content or (content.isalpha() and len(content) > 1)
    is_charge = _CHARGE.fullmatch(content) and not (before.isdigit() and content[0].isdigit())
    return content if is_ending or is_charge else _power(content)


def _reference(content: str, before: str) -> str:
    return f"{'' if not before or before.isspace() or before in '([' else ' '}[{content}]"


def _is_footnote(word: str, content: str) -> bool:
    """Returns whether a number raised behind `word` refers to a footnote or source, rather than being a power."""
    if not _REFERENCES.fullmatch(content):
        return False
    if not content.isdigit():
        return True
    unit = re.split(r"[\W\d_]", word)[-1]
    if word.replace(".", "").replace(",", "").isdigit():
        return _YEAR.fullmatch(word) is not None
    return bool(word) and (not unit or (len(unit) > 2 and unit not in _UNITS))


def _power(content: str) -> str:
    return f"^{content}" if _SIMPLE_POWER.fullmatch(content) else f"^({content})"


def _write_formulas(text: str) -> tuple[str, int]:
    """Returns `text` with the powers, indices and fractions of MathML on one line, inner ones first."""
    count = 0

    def write(match: re.Match[str]) -> str:
        nonlocal count
        parts = _children(match["content"])
        name = match["name"].casefold()
        if len(parts) != (3 if name == "msubsup" else 2):
            return match["content"]  # not a formula
        count += 2
        base, *others = parts
        if name == "mfrac":
            formula = "/".join(part if _SIMPLE_POWER.fullmatch(part) else f"({part})" for part in parts)
        else:
            index = others[0] if name != "msup" else ""
            mark = "_" if base[-1:].isdigit() and index[:1].isdigit() else ""
            formula = base + mark + index + (_power(others[-1]) if name != "msub" else "")
        return f"<{match['prefix']}mn>{formula}</{match['prefix']}mn>"

    found = 1
    while found:
        text, found = _MATH.subn(write, text)
    return text, count


def _children(content: str) -> list[str]:
    """Returns the text of each element of `content`, without tags."""
    parts: list[str] = []
    depth = 0
    for piece in _ANY_TAG.split(content):
        if piece.startswith("</"):
            depth -= 1
        elif piece.startswith("<") and not piece.endswith("/>"):
            parts += [""] if depth == 0 else []
            depth += 1
        elif depth > 0:
            parts[-1] += piece.strip()
    return parts
