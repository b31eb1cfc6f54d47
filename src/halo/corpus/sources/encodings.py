"""Character encodings: which one the bytes of a file are probably in, and texts that were decoded with a wrong one."""

import codecs
import re
import unicodedata

from charset_normalizer import from_bytes

SAMPLE_BYTES = 2**13

BYTE_ORDER_MARKS = {  # the longer first: a mark of UTF-32 begins with one of UTF-16
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

_BINARY = {
    b"%PDF": "a PDF file",
    b"PK\x03\x04": "a ZIP archive or office document",
    b"\x1f\x8b": "gzip data",
    b"BZh": "bzip2 data",
    b"\xfd7zXZ": "xz data",
    b"\x28\xb5\x2f\xfd": "zstd data",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "an SQLite database",
    b"\xd0\xcf\x11\xe0": "an office document",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"\x80\x04": "a Python pickle",
}

# Those in use, of all that Python has; where several fit equally well, the first is the likeliest. charset_normalizer
# decides on the East Asian ones alone: of the others it often names a relative, such as CP1250 for English in CP1252.
_EIGHT_BIT = ("cp1252", "cp1251", "koi8-r", "cp1250", "cp1254", "iso8859-2", "cp1253", "cp1255", "cp1256", "mac-roman")
_DOS = ("cp850", "cp866")
_EAST_ASIAN = ("cp932", "euc_jp", "gb18030", "big5", "cp949")
_NOT_TEXT = bytes({*range(0x20), 0x7F} - {*b"\t\n\f\r\x1a"})
_PUNCTUATION = frozenset("‘’“”„–—…•€£°«»¿¡§©®№、。「」，！？：；（）\u00a0")
_RARE = frozenset("þðýÞÐÝ¨´¸×ÿŸ")  # of Icelandic, and accents alone

_CP1252_OF_CONTROL = {  # Windows-1252 has no character for five of these
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_ESCAPE = re.compile(rb"\\[nrt]")  # of JSON, whose letter is no neighbour of the letters around it
# In UTF-8, which is far faster to search; without U+0085, a line end.
_CONTROL = re.compile(rb"\xc2[\x80-\x84\x86-\x9f]")
_MOJIBAKE = re.compile("â€[™œ\u009d˜“”¦¢\x80-\x9f]|[ÃÂ][\u00a0-¿\x80-\x9f]|Ã[‚ƒ„…†‡ˆ‰Š‹Œ™š›œžŸ¼½¾]|Ð[°-¿\x90]|ï»¿")


def mark_of(content: bytes) -> tuple[bytes, str]:
    r"""Returns the byte order mark at the beginning of a file, and the encoding that it stands for; empty if none.

    >>> mark_of("a".encode("utf-16-le")), mark_of(codecs.BOM_UTF16_LE + b"a")
    ((b'', ''), (b'\xff\xfe', 'utf-16'))
    """
    return next(((mark, name) for mark, name in BYTE_ORDER_MARKS.items() if content.startswith(mark)), (b"", ""))


def binary_kind(content: bytes) -> str:
    """Returns what kind of binary file begins with these bytes, such as "a PDF file"; empty if it is not known."""
    return next((kind for begin, kind in _BINARY.items() if content.startswith(begin)), "")


def is_utf_8(content: bytes) -> bool:
    """Returns whether the beginning of a file is UTF-8 with three characters or more beyond ASCII.

    Text in another encoding is hardly ever UTF-8 by chance.
    """
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(content)  # the last character may be cut
    except UnicodeDecodeError:
        return False
    return not text.isascii() and sum(not character.isascii() for character in text) >= 3


def name_for_iconv(encoding: str) -> str:
    """Returns the name that the program iconv has for an encoding of Python."""
    names = {"mac-roman": "MACINTOSH", "utf-16-le": "UTF-16LE", "utf-16-be": "UTF-16BE"}
    return names.get(encoding, encoding.upper().replace("_", "-"))


def likely_encoding(content: bytes) -> str:
    """Returns the name of the encoding, other than UTF-8, that a text is probably in; empty if none is likely.

    >>> likely_encoding("It’s “café”".encode("cp1252")), likely_encoding("Простой текст".encode("koi8-r"))
    ('cp1252', 'koi8-r')
    """
    if content.count(0) > len(content) // 5:
        name = "utf-16-le" if content[1::2].count(0) > content[::2].count(0) else "utf-16-be"
        text = content.decode(name, "ignore")
        return name if sum(each.isprintable() or each.isspace() for each in text) > 0.9 * len(text) else ""
    if 0 in content or len(content.translate(None, _NOT_TEXT)) < 0.99 * len(content):
        return ""
    if _is_damaged_utf_8(content):
        return ""
    content = _ESCAPE.sub(b" ", content)
    names = [*_EIGHT_BIT, *_DOS]
    east_asian = from_bytes(content, cp_isolation=[*_EAST_ASIAN], threshold=0.35).best()
    if east_asian is not None and east_asian.encoding != "ascii":
        names.insert(0, east_asian.encoding)
    scores = {name: _plausibility(content, name) for name in names}
    best = max(names, key=lambda name: scores[name])
    return codecs.lookup(best).name if scores[best] > 0 else ""


def _is_damaged_utf_8(content: bytes) -> bool:
    """Returns whether most characters beyond ASCII are whole in UTF-8."""
    text = content.decode("utf-8", "replace")
    return sum(not character.isascii() for character in text) > 2 * text.count("\ufffd")


def _plausibility(content: bytes, encoding: str) -> float:
    """Returns how much like a written language the characters beyond ASCII are: 1 is perfect, 0 and less is not."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(content)  # the last character may be cut
    except UnicodeDecodeError:
        return -1.0
    beyond = [position for position, character in enumerate(text) if not character.isascii()]
    return sum(_fit(text, position) for position in beyond) / max(len(beyond), 1)


def _fit(text: str, position: int) -> float:
    character = text[position]
    before = text[position - 1] if position else " "
    after = text[position + 1] if position + 1 < len(text) else " "
    category = unicodedata.category(character)
    inside = before.isalpha() and after.isalpha()
    if not category.startswith(("L", "M")):
        is_usual = character in _PUNCTUATION and (not inside or character == "’")
        return 0.9 if is_usual else -1.0
    is_latin = ord(character) < 0x250
    neighbours = [each for each in (before, after) if each.isalpha()]
    if not is_latin and any(each.isascii() for each in neighbours):
        return -1.0 if ord(character) < 0x2E80 else 0.5
    if category == "Lu" and before.islower():
        return -1.0
    if character in _RARE or (is_latin and neighbours and not any(each.isascii() for each in neighbours)):
        return 0.3
    return 1.0 if ord(character) < 0x100 or not is_latin else 0.9


def repair_controls(text: str) -> tuple[str, int]:
    r"""Returns a text with C1 control characters replaced by the characters that Windows-1252 has in their place.

    A text has them where Windows-1252 was decoded as Latin-1; they have no other use. U+0085 alone is a line end.

    >>> repair_controls("It\x92s \x93well\x94")
    ('It’s “well”', 3)
    """
    if text.isascii() or not _CONTROL.search(text.encode("utf-8", "surrogatepass")):
        return text, 0
    repaired = text.translate(_CP1252_OF_CONTROL)
    return repaired, sum(map(str.__ne__, text, repaired))


def count_mojibake(text: str) -> int:
    """Returns how often UTF-8 that was decoded as Windows-1252 occurs in a text.

    >>> count_mojibake("Itâ€™s a cafÃ©, SÃO PAULO")
    2
    """
    if text.isascii() or not any(each in text for each in ("â€", "Ã", "Â", "Ð", "ï»¿")):
        return 0
    return len(_MOJIBAKE.findall(text))
