"""Bytes of a file -> lines of text: UTF-8, with or without a byte order mark, with any kind of line end."""

import codecs
import logging
import re
from collections import Counter
from collections.abc import Iterator

from halo.config import DataConfig
from halo.corpus.sources.files import SourceFile, read_chunks
from halo.runtime.errors import InputError

# A line is held in memory as a whole, several times over: a longer one is rejected before it fills the memory.
MAX_LINE_BYTES = 32 * 2**20
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
REPLACED = "characters that are not UTF-8 text were replaced by U+FFFD"

# Characters that a str may contain but valid text may not: half a surrogate pair, which JSON can express, and NUL.
_INVALID = re.compile("[\x00\ud800-\udfff]")
log = logging.getLogger(__name__)


class ReadLog:
    """Counts of what was replaced or skipped while reading, logged in one line each at the end."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def note(self, event: str, location: str, number: int = 1) -> None:
        """Counts `number` more occurrences of an event, such as "records without text were skipped"."""
        self.counts[event] += number
        self._first.setdefault(event, location)

    def report(self) -> None:
        """Logs one line for each kind of event, with the location of the first occurrence."""
        for event, number in self.counts.items():
            log.warning("%d %s, the first at %s", number, event, self._first[event])


def read_lines(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[tuple[int, str]]:
    """Yields the number and the text of each line, without its end: LF, CR LF, or CR as in old files.

    A byte order mark is removed.

    Raises:
        InputError: A line is too long, or holds bytes that are not UTF-8 and `encoding_errors` is `strict`.
    """
    number, offset = 1, 0
    for block in _blocks(file):
        # Many lines are decoded at once, which is several times faster; one by one only if that fails.
        body = block.removeprefix(codecs.BOM_UTF8) if offset == 0 else block
        whole = _decode_block(body)
        start = offset + len(block) - len(body)
        texts = _decode_lines(file, body, config, read_log, number=number, start=start) if whole is None else (whole,)
        for text in texts:
            for line in unify_line_ends(text).removesuffix("\n").split("\n"):
                yield number, line
                number += 1
        offset += len(block)


def _decode_block(block: bytes) -> str | None:
    try:
        return None if 0 in block else block.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _decode_lines(
    file: SourceFile, block: bytes, config: DataConfig, read_log: ReadLog, *, number: int, start: int
) -> Iterator[str]:
    """Yields the decoded lines of `block`, which begins with line `number` at byte `start` of the decompressed file."""
    for raw in block.splitlines(keepends=True):  # of bytes objects: only at LF, CR LF and CR
        if config.encoding_errors == "strict":
            yield _decode_line(file, number, start, raw)
        else:
            text = raw.decode("utf-8", "replace")
            # U+FFFD that was already in the text is not counted: its bytes are unambiguous in UTF-8.
            replaced = text.count("\ufffd") - raw.count("\ufffd".encode()) + text.count("\x00")
            if replaced:
                read_log.note(REPLACED, f"{file.name}, line {number}", replaced)
            yield text.replace("\x00", "\ufffd")
        number += 1
        start += len(raw)


def _decode_line(file: SourceFile, number: int, start: int, raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        utf_16 = number == 1 and raw.startswith(UTF_16_MARKS)
        raise InputError(
            f"{file.name}: not UTF-8 at byte {start + error.start} (0x{raw[error.start]:02x}), line {number}; "
            f"convert it, for example with `iconv -f {'UTF-16' if utf_16 else 'LATIN1'} -t UTF-8`, "
            "or set data.encoding_errors=replace"
        ) from error
    if "\x00" in text:
        raise InputError(
            f"{file.name}: a NUL byte at byte {start + raw.index(0)}, line {number}, which is not allowed in text; "
            "provide a text file (convert UTF-16 with `iconv -f UTF-16 -t UTF-8`), "
            "or set data.encoding_errors=replace"
        )
    return text


def _blocks(file: SourceFile) -> Iterator[bytes]:
    """Yields the content in blocks of whole lines, about as large as a chunk unless a line is longer."""
    number = 1
    pending: list[bytes] = []
    pending_bytes = 0
    for chunk in read_chunks(file):
        first_end = chunk.find(b"\n")
        if pending_bytes + (len(chunk) if first_end < 0 else first_end) > MAX_LINE_BYTES:
            is_record = file.kind in {".jsonl", ".csv", ".tsv"}  # breaking it would damage it
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
