"""Bytes of a file -> lines of text, decoded and checked, with any kind of line end."""

import codecs
import itertools
import logging
import re
from collections import Counter
from collections.abc import Iterator

from halo.config import DataConfig
from halo.corpus.sources.encodings import (
    SAMPLE_BYTES,
    binary_kind,
    count_mojibake,
    is_utf_8,
    likely_encoding,
    mark_of,
    name_for_iconv,
    repair_controls,
)
from halo.corpus.sources.files import SourceFile, read_chunks
from halo.runtime.errors import InputError

# A line is held in memory as a whole, several times over: a longer one is rejected before it fills the memory.
MAX_LINE_BYTES = 32 * 2**20
UTF_8 = ("utf-8", "utf-8-sig")
REPLACED = "character[|s] that [is|are] not text in this encoding [was|were] replaced by U+FFFD"
LOOKS_LIKE = "file[|s] look[s|] like "
BY_MARK = "file[|s] [was|were] decoded by [its|their] byte order mark instead of data.encoding"
CONTROLS = (
    "control character[|s] of Latin-1 [was|were] replaced by [that|those] of Windows-1252 in [its|their] place (’)"
)
MOJIBAKE = (
    "piece[|s] of text look[s|] like UTF-8 that was decoded with a wrong encoding and saved again, such as â€™ for ’; "
    "the text is used as it is: repair it, for example with the Python package ftfy"
)

# Characters that a str may contain but valid text may not: half a surrogate pair, which JSON can express, and NUL.
_INVALID = re.compile("[\x00\ud800-\udfff]")
_ALTERNATIVES = re.compile(r"\[(\w*)\|(\w*)\]")  # for one and for several
log = logging.getLogger(__name__)


class ReadLog:
    """Counts of what was replaced or skipped while reading, to be logged in one line each once it has ended.

    Attributes:
        counts: Number of occurrences of each event.
        blank_parts: For files, or parts of large files, without any record: the number of them, by the file's name.
        splits_with_text: The splits, as given by the settings, in which some text was found.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.blank_parts: Counter[str] = Counter()
        self.splits_with_text: set[str] = set()
        self._first: dict[str, str] = {}

    def clear(self) -> None:
        """Begins anew."""
        self.counts.clear()
        self.blank_parts.clear()
        self.splits_with_text.clear()
        self._first.clear()

    def add(self, later: "ReadLog") -> None:
        """Adds the log of what was read next, by another process."""
        is_known = REPLACED in self.counts
        for event, number in later.counts.items():
            if not (is_known and event.startswith(LOOKS_LIKE)):  # only said where the first such character is
                self.note(event, later._first[event], number)
        self.blank_parts += later.blank_parts
        self.splits_with_text |= later.splits_with_text

    def note(self, event: str, location: str, number: int = 1) -> None:
        """Counts `number` more occurrences of an event, such as `record[|s] without text [was|were] skipped`."""
        self.counts[event] += number
        self._first.setdefault(event, location)

    def report(self) -> None:
        """Logs one line for each kind of event, with the location of the first occurrence."""
        for event, number in self.counts.items():
            counted = f"{number:,} {_in_number(event, number)}"
            log.warning("%s, %sat %s", counted, "the first " if number > 1 else "", self._first[event])


def _in_number(event: str, number: int) -> str:
    """Returns the description of an event in the singular or the plural, which it has in brackets.

    >>> _in_number("file[|s] [was|were] skipped", 1), _in_number("file[|s] [was|were] skipped", 2)
    ('file was skipped', 'files were skipped')
    """
    return _ALTERNATIVES.sub(lambda found: found[1 if number == 1 else 2], event)


def read_lines(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[tuple[int, str]]:
    """Yields the number and the text of each line, without its end: LF, CR LF, or CR as in old files.

    A byte order mark is removed. Remains of a wrong conversion from Windows-1252 are repaired and counted.

    Raises:
        InputError: A line is too long, the file is binary, or it holds bytes that are not text in its encoding and
            `encoding_errors` is `strict`.
    """
    chunks = read_chunks(file)
    first = next(chunks, b"")
    mark, encoding = mark_of(first) if file.begin == 0 else (b"", "")
    encoding = encoding or config.encoding
    content: Iterator[bytes] = itertools.chain([first], chunks)
    if encoding not in UTF_8:
        if mark and encoding != config.encoding:
            read_log.note(BY_MARK, file.name)
        content = _transcode(content, encoding, file, config, read_log)
        mark = b""
    kind = binary_kind(first)
    number, offset = file.first_line, file.begin
    for block in _blocks(content, file):
        # Many lines are decoded at once, which is several times faster; one by one only if that fails.
        body = block.removeprefix(mark) if offset == 0 else block
        whole = _decode_block(body)
        start = offset + len(block) - len(body)
        lines = _decode_lines(file, body, config, read_log, number=number, start=start, kind=kind)
        for text in lines if whole is None else (whole,):
            repaired = repair(f"{file.name}, line {number}", text, read_log)
            for line in unify_line_ends(repaired).removesuffix("\n").split("\n"):
                yield number, line
                number += 1
        offset += len(block)


def _transcode(
    chunks: Iterator[bytes], encoding: str, file: SourceFile, config: DataConfig, read_log: ReadLog
) -> Iterator[bytes]:
    """Yields the content as UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding)(config.encoding_errors)
    number, offset = 1, 0
    for chunk in itertools.chain(chunks, [b""]):
        if offset == 0 and not encoding.startswith("utf") and is_utf_8(chunk):
            raise InputError(
                f"{file.name}: is UTF-8, and data.encoding={encoding} is for all files; convert the others, for "
                f"example with `iconv -f {name_for_iconv(encoding)} -t UTF-8`, and leave data.encoding=utf-8"
            )
        offset += len(chunk)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeError as error:
            raise _not_in_encoding(file, encoding, error, offset, number) from error
        replaced = text.count("\ufffd") if config.encoding_errors == "replace" else 0
        if replaced:
            read_log.note(REPLACED, f"{file.name}, line {number}", replaced)
        number += text.count("\n")
        yield text.encode("utf-8", "replace")


def _not_in_encoding(file: SourceFile, encoding: str, error: UnicodeError, offset: int, number: int) -> InputError:
    place = ""
    if isinstance(error, UnicodeDecodeError):
        number += error.object[: error.start].count(b"\n")
        place = f" at byte {offset - len(error.object) + error.start}, line {number}"
    return InputError(
        f"{file.name}: not {encoding}{place}; "
        "set data.encoding to the encoding of the file, or set data.encoding_errors=replace"
    )


def _decode_block(block: bytes) -> str | None:
    try:
        return None if 0 in block else block.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _decode_lines(
    file: SourceFile, block: bytes, config: DataConfig, read_log: ReadLog, *, number: int, start: int, kind: str
) -> Iterator[str]:
    """Yields the decoded lines of `block`, which begins with line `number` at byte `start` of the decompressed file.

    Args:
        file: The file.
        block: Some of its lines.
        config: Says whether bytes that are not UTF-8 are an error or replaced.
        read_log: Counts replaced characters.
        number: Number of the first line.
        start: Position of the first byte in the file.
        kind: What kind of binary file it is, as far as its first bytes tell.
    """
    position = 0
    for raw in block.splitlines(keepends=True):  # of bytes objects: only at LF, CR LF and CR
        if 0 in raw:
            raise _binary(file, block, position + raw.index(0), number=number, start=start, kind=kind)
        if config.encoding_errors == "strict":
            try:
                yield raw.decode("utf-8")
            except UnicodeDecodeError as error:
                raise _not_utf_8(file, block, position + error.start, number=number, start=start, kind=kind) from error
        else:
            text = raw.decode("utf-8", "replace")
            # U+FFFD that was already in the text is not counted: its bytes are unambiguous in UTF-8.
            replaced = text.count("\ufffd") - raw.count("\ufffd".encode())
            if replaced:
                name = "" if REPLACED in read_log.counts else likely_encoding(_around(block, position))
                if name:
                    read_log.note(f"{LOOKS_LIKE}{name.upper()} (data.encoding={name} reads it)", file.name)
                read_log.note(REPLACED, f"{file.name}, line {number}", replaced)
            yield text
        number += 1
        position += len(raw)


def _not_utf_8(file: SourceFile, block: bytes, position: int, *, number: int, start: int, kind: str) -> InputError:
    where = f"not UTF-8 at byte {start + position} (0x{block[position]:02x}), line {number}"
    if kind:
        return InputError(f"{file.name}: {where}; it is {kind}: give it its usual suffix, or convert it to text")
    name = likely_encoding(_around(block, position))
    if not name:
        remedy = "set data.encoding to the encoding of the file, or set data.encoding_errors=replace"
        return InputError(f"{file.name}: {where}; {remedy}")
    return InputError(
        f"{file.name}: {where}; it looks like {name.upper()}: set data.encoding={name} if all files are in it, "
        f"or convert this one with `iconv -f {name_for_iconv(name)} -t UTF-8`"
    )


def _binary(file: SourceFile, block: bytes, position: int, *, number: int, start: int, kind: str) -> InputError:
    name = "" if kind else likely_encoding(_around(block, position))
    if kind:
        remedy = f"it is {kind}: give it its usual suffix, or convert it to text"
    elif name:
        remedy = f"it looks like {name.upper()}: set data.encoding={name}"
    else:
        remedy = "give a text file, or remove these bytes with `tr -d '\\000'`"
    return InputError(
        f"{file.name}: a NUL byte at byte {start + position}, line {number}, which is not allowed in text; {remedy}"
    )


def _around(block: bytes, position: int) -> bytes:
    begin = max(0, position - SAMPLE_BYTES // 2) // 2 * 2  # even, for UTF-16
    return block[begin : begin + SAMPLE_BYTES]


def _blocks(chunks: Iterator[bytes], file: SourceFile) -> Iterator[bytes]:
    """Yields the content in blocks of whole lines, about as large as a chunk unless a line is longer."""
    number = file.first_line
    pending: list[bytes] = []
    pending_bytes = 0
    for chunk in chunks:
        first_end = chunk.find(b"\n")
        if pending_bytes + (len(chunk) if first_end < 0 else first_end) > MAX_LINE_BYTES:
            is_record = file.kind in {".jsonl", ".ndjson", ".csv", ".tsv"}  # breaking it would damage it
            hint = (
                "divide it into several records"
                if is_record
                else "break it into lines, for example with `fold -s -w 1000`"
            )
            raise InputError(f"{file.name}, line {number}: longer than {MAX_LINE_BYTES:,} bytes; {hint}")
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield b"".join((*pending, chunk[:cut]))
            number += chunk.count(b"\n")
            pending, pending_bytes = [], 0
        pending.append(chunk[cut:])
        pending_bytes += len(chunk) - cut
    if pending_bytes:
        yield b"".join(pending)


def unify_line_ends(text: str) -> str:
    """Returns `text` with line feeds as line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def repair(location: str, text: str, read_log: ReadLog) -> str:
    """Returns `text` with what a wrong conversion from Windows-1252 left in it repaired or, if it cannot be, counted.

    Args:
        location: The file and the line or row, for messages.
        text: Lines of a file, or the value of a field.
        read_log: Counts both.
    """
    if text.isascii():
        return text
    text, repaired = repair_controls(text)
    if repaired:
        read_log.note(CONTROLS, location, repaired)
    if number := count_mojibake(text):
        read_log.note(MOJIBAKE, location, number)
    return text


def require_valid_characters(location: str, text: str, config: DataConfig, read_log: ReadLog) -> str:
    """Returns a text that was not decoded from UTF-8, with invalid characters replaced if the settings allow it.

    Args:
        location: The file and the line or row, for messages.
        text: The value of a field of a record.
        config: Says whether invalid characters are an error or replaced.
        read_log: Counts replaced characters.

    Raises:
        InputError: There are invalid characters, and `encoding_errors` is `strict`.
    """
    if "\x00" not in text and (text.isascii() or not _INVALID.search(text)):
        return text
    if config.encoding_errors == "strict":
        found = _INVALID.search(text)
        code = ord(found.group()) if found else 0
        raise InputError(
            f"{location}: contains U+{code:04X}, which is not allowed in text; remove it, "
            "or set data.encoding_errors=replace"
        )
    replaced, number = _INVALID.subn("\ufffd", text)
    read_log.note(REPLACED, location, number)
    return replaced
