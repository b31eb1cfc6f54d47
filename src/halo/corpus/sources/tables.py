"""Tables in text files, .csv and .tsv -> records.

The delimiter, the quotation marks and the header are as `data.table` says. With `auto`, a row that is complete without
taking quotation marks for enclosing ones is never joined with the next one, unless the table is separated by commas or
semicolons, where enclosing marks are the rule (RFC 4180).
"""

import csv
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from halo.config import DELIMITERS, DataConfig
from halo.corpus.sources.files import SourceFile
from halo.corpus.sources.lines import MAX_LINE_BYTES, ReadLog, read_lines
from halo.corpus.sources.records import Record, make_record, require_fields
from halo.runtime.errors import InputError, counted

QUOTE = '"'
OTHER_DELIMITER = (
    "table[|s] [has|have] another delimiter than [its|their] suffix says, which was recognised by the columns"
)
LOOKS_LIKE_ROWS = (
    "field[|s] in quotation marks contain[s|] lines that look like rows of the table; "
    "set data.table.quoting=none if quotation marks are part of the text"
)
LITERAL_QUOTES = (
    "field[|s] begin[s|] with a quotation mark that was taken as part of the text; "
    "set data.table.quoting=minimal if quotation marks enclose fields"
)
_SEP_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        line: The number of its first line.
        fields: Its values.
    """

    line: int
    fields: list[str]


Lines = Iterator[tuple[int, str]]
CheckHeader = Callable[[list[str], str], list[str]]
"""Checks the names of the columns, and returns those to use."""


def read_table(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    """Yields the records of a .csv or .tsv file.

    Raises:
        InputError: It cannot be read, a row has another number of fields than the first, or a quotation mark is open.
    """
    for location, fields in table_rows(file, config, read_log, check_header=partial(_require_fields, config=config)):
        yield from make_record(location, fields, config, read_log)


def _require_fields(header: list[str], location: str, *, config: DataConfig) -> list[str]:
    """Returns the names of the columns, among which each that the settings name exists once."""
    hint = "data.table.header=false and data.text_field=1 (or another number) if the first row is no header"
    hint += ", data.table.delimiter if it is not divided" if len(header) == 1 else ""
    require_fields(header, location, config, hint=f"set {hint}" if config.table.header else "")
    return header


def table_rows(
    file: SourceFile, config: DataConfig, read_log: ReadLog, *, check_header: CheckHeader
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yields the location and the fields of each row of a .csv or .tsv file; blank lines are no rows.

    Args:
        file: The file.
        config: Says how rows are divided; a column `config.text_field` tells the delimiter.
        read_log: Counts what was unusual.
        check_header: Receives the names of the columns and their location, and returns different names; called even if
            there is no further row.

    Raises:
        InputError: It cannot be read, a row has another number of fields than the first, or a quotation mark is open.
    """
    # The default limit, 128 KiB, is too low for a document. It applies to the whole process, so it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE_BYTES))
    lines = iter(read_lines(file, config, read_log))
    first = next(((number, line) for number, line in lines if line.strip()), None)
    if first is None:
        return
    delimiter = DELIMITERS.get(config.table.delimiter, config.table.delimiter)
    if sep := _SEP_LINE.fullmatch(first[1].rstrip("\r\n")):  # a line that Excel reads and writes
        delimiter = sep[1] if delimiter == "auto" else delimiter
        first = next(lines, None)
        if first is None:
            return
    if delimiter == "auto":
        delimiter = _find_delimiter(first[1], file, config)
        if delimiter != _usual_delimiter(file):
            read_log.note(OTHER_DELIMITER, file.name)
    rows = _rows(itertools.chain([first], lines), delimiter, file, config, read_log)
    yield from _named_rows(rows, file, config, check_header)


def _named_rows(
    rows: Iterator[Row], file: SourceFile, config: DataConfig, check_header: CheckHeader
) -> Iterator[tuple[str, dict[str, str]]]:
    header: list[str] = []
    for row in rows:
        location = f"{file.name}, line {row.line}"
        if not header:
            has_names = config.table.header
            header = row.fields if has_names else [str(number) for number, _ in enumerate(row.fields, start=1)]
            header = check_header(header, location)
            if has_names:
                continue
        if len(row.fields) != len(header):
            raise InputError(
                f"{location}: {counted(len(row.fields), 'field')}, but the first line has {len(header)}; quote fields "
                "that contain the delimiter or line ends (data.table.quoting=minimal), or set data.table.delimiter"
            )
        yield location, dict(zip(header, row.fields, strict=True))


def _usual_delimiter(file: SourceFile) -> str:
    return "\t" if file.kind == ".tsv" else ","


def _find_delimiter(line: str, file: SourceFile, config: DataConfig) -> str:
    """Returns the delimiter by which the first line has the column of the text, else that which the suffix says."""
    usual = _usual_delimiter(file)
    columns = {each: _divide(line, each) for each in (usual, *DELIMITERS.values())}
    wanted = config.text_field
    if config.table.header:
        fitting = [each for each, names in columns.items() if wanted in names and len(names) > 1]
        fitting += [usual] if [wanted] == columns[usual] else []
    else:
        fitting = [each for each, names in columns.items() if wanted.isdecimal() and 1 < len(names) >= int(wanted)]
    if fitting:
        return fitting[0]
    return usual if len(columns[usual]) > 1 else max(columns, key=lambda each: len(columns[each]))


def _divide(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


def _rows(lines: Lines, delimiter: str, file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Row]:
    quoting = config.table.quoting
    if quoting == "none":
        return (Row(number, line.split(delimiter)) for number, line in lines if line)
    if quoting == "minimal" or delimiter in ",;":
        return _enclosed_rows(lines, delimiter, file, read_log)
    first = next(lines)
    lines = itertools.chain([first], lines)
    if any(len(each) > 1 and each[0] == each[-1] == QUOTE for each in first[1].split(delimiter)):
        return _enclosed_rows(lines, delimiter, file, read_log)  # whoever encloses the names encloses all text
    return _careful_rows(lines, delimiter, file, read_log)


def _enclosed_rows(lines: Lines, delimiter: str, file: SourceFile, read_log: ReadLog) -> Iterator[Row]:
    """Yields rows in which quotation marks enclose fields that contain delimiters, quotation marks or line ends."""
    read: list[tuple[int, str]] = []  # the lines of the present row

    def feed() -> Iterator[str]:
        for number, line in lines:
            read.append((number, line))
            yield f"{line}\n"

    try:
        for fields in csv.reader(feed(), delimiter=delimiter, strict=True):
            if fields:
                if len(read) > 1 and _look_like_rows(read[1:], delimiter, len(fields)):
                    read_log.note(LOOKS_LIKE_ROWS, f"{file.name}, line {read[0][0]}")
                yield Row(read[0][0], fields)
            read.clear()
    except csv.Error as error:
        raise _malformed(file, read[0][0], error) from error


def _look_like_rows(lines: Sequence[tuple[int, str]], delimiter: str, num_fields: int) -> bool:
    rows = (line.split(delimiter) for _, line in lines)
    fitting = (row[0].strip() for row in rows if len(row) == num_fields)
    # The lines of a prose text may have as many commas, but hardly after a number.
    return num_fields > 1 and any(" " not in each and (num_fields > 2 or each.isdecimal()) for each in fitting)


def _malformed(file: SourceFile, line: int, error: csv.Error) -> InputError:
    is_open = "unexpected end" in str(error) or "field limit" in str(error)
    problem = "a quotation mark that begins a field is never closed" if is_open else str(error)
    return InputError(
        f"{file.name}, line {line}: not {file.kind[1:].upper()} ({problem}); close every quotation mark and double "
        "those inside a field, or set data.table.quoting=none if quotation marks are part of the text"
    )


def _careful_rows(lines: Lines, delimiter: str, file: SourceFile, read_log: ReadLog) -> Iterator[Row]:
    """Yields rows in which quotation marks enclose a field only where the row would not be complete otherwise.

    A field with doubled quotation marks in a row that is complete is an enclosed one too.
    """
    num_fields = 0
    for number, line in lines:
        if not line:
            continue
        fields = line.split(delimiter)
        num_fields = num_fields or len(fields)
        if QUOTE not in line:
            yield Row(number, fields)
        elif len(fields) == num_fields:
            enclosed = [_enclosed_text(each) for each in fields]
            texts = [field if text is None else text for field, text in zip(fields, enclosed, strict=True)]
            literal = sum(field == text and field.startswith(QUOTE) for field, text in zip(fields, texts, strict=True))
            if literal:
                read_log.note(LITERAL_QUOTES, f"{file.name}, line {number}", literal)
            yield Row(number, texts)
        else:
            joined = _join(line, lines, delimiter)
            if joined is not None and _look_like_rows(joined.continuation, delimiter, len(joined.fields)):
                read_log.note(LOOKS_LIKE_ROWS, f"{file.name}, line {number}")
            yield Row(number, fields if joined is None else joined.fields)


class _JoinedRow(NamedTuple):
    fields: list[str]
    continuation: list[tuple[int, str]]


def _join(line: str, lines: Lines, delimiter: str) -> _JoinedRow | None:
    """Returns the row that begins with `line` and ends where every quotation mark is closed; None if it is none."""
    read, marks, size = [(0, line)], line.count(QUOTE), len(line)
    while marks % 2:
        following = next(lines, None)
        if following is None or size > MAX_LINE_BYTES:
            return None
        read.append(following)
        marks += following[1].count(QUOTE)
        size += len(following[1])
    try:
        (fields,) = csv.reader([f"{text}\n" for _, text in read], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError):  # ValueError: it ends within the lines
        return None
    return _JoinedRow(fields, read[1:])


def _enclosed_text(field: str) -> str | None:
    """Returns the text of a field in quotation marks that also has doubled ones inside; None for any other field."""
    inner = field[1:-1]
    if len(field) < 2 or not field[0] == field[-1] == QUOTE or QUOTE * 2 not in inner:
        return None
    return None if QUOTE in inner.replace(QUOTE * 2, "") else inner.replace(QUOTE * 2, QUOTE)
