"""FASTA: `>NAME description`, then lines of letters.

A line that begins with a semicolon is a comment, as in the oldest files. The name is the first word of the header;
coordinates refer to it, so it has to be unique within a file.
"""

from collections.abc import Iterator

from halo.corpus.genomes.records import SequenceReader, SequenceRecord
from halo.runtime.errors import InputError, printable

_SPACES = b" \t\v\f"


def read_fasta(lines: Iterator[tuple[int, bytes]], reader: SequenceReader) -> Iterator[SequenceRecord]:
    """Yields the records of a FASTA file.

    Args:
        lines: Numbers and contents of its lines, the first of which begins with `>` or `;`.
        reader: The file.

    Raises:
        InputError: A line is no sequence, or a name occurs twice.
    """
    name, start = "", 0
    parts: list[bytes] = []
    first_line: dict[str, int] = {}
    for number, line in lines:
        if line.startswith(b">"):
            if start:
                yield from _record(name, start, parts, reader)
            name, start, parts = _name(line, number, reader), number, []
            if name in first_line:
                raise InputError(
                    f"{reader.place(number)}: a second record {name!r}, after that of line {first_line[name]:,}; "
                    "coordinates would be ambiguous: give each record a name of its own"
                )
            first_line[name] = number
        elif line.startswith(b";"):
            reader.log.note("comment line[|s] of FASTA [was|were] skipped", reader.place(number))
        else:
            parts.append(_letters(line, number, reader, is_in_record=start > 0))
    if start:
        yield from _record(name, start, parts, reader)


def _name(header: bytes, line: int, reader: SequenceReader) -> str:
    words = printable(header[1:].decode("utf-8", "replace").replace("\t", " ")).split()
    if not words:
        reader.log.note("record[|s] without a name [was|were] named by [its|their] line", reader.place(line))
    return words[0] if words else f"line_{line}"


def _letters(line: bytes, number: int, reader: SequenceReader, *, is_in_record: bool) -> bytes:
    if b">" in line:
        raise InputError(
            f"{reader.place(number)}: has a > within a line of letters; put a line end before it, which is often "
            "missing where files were joined"
        )
    letters = line.translate(None, _SPACES)
    if letters and not is_in_record:
        raise InputError(f"{reader.place(number)}: letters before the first >NAME; put a header before them")
    return letters


def _record(name: str, line: int, parts: list[bytes], reader: SequenceReader) -> Iterator[SequenceRecord]:
    letters = b"".join(parts)
    if letters:
        yield SequenceRecord(name, reader.place(line), reader.file.split, reader.file.name, letters)
    else:
        reader.log.note("record[|s] without letters [was|were] skipped", reader.place(line))
