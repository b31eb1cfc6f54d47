"""Bytes of a file -> records: .txt, .tokens, .md, .jsonl, .csv, .tsv and .parquet, one record after another."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from halo.config import DataConfig
from halo.corpus.cleaning.html import ends_inside_markup
from halo.corpus.sources.files import SourceFile, open_seekable, optional_module
from halo.corpus.sources.lines import MAX_LINE_BYTES, ReadLog, plain_line_ends, read_lines, usable
from halo.runtime.errors import InputError, reason

# What is cleaned at once stands in memory a few times over: a text file that is one document comes in pieces
PIECE_CHARACTERS = 2**21
MAX_PIECE_CHARACTERS = 2**23  # where it has no paragraphs
MAX_PARAGRAPH_CHARACTERS = 2**25  # a longer one that is a document is refused
PARQUET_BATCH_ROWS = 256
LABEL_FIELDS = ("register", "label")
WITHOUT_TEXT = "records without text were left out"


class Record(NamedTuple):
    """One text of a file.

    Attributes:
        place: The file, or the file and the line or row.
        label: Empty where there is none.
        text: With line feeds for line ends.
        continues: Whether it goes on with the document of the record before.
    """

    place: str
    label: str
    text: str
    continues: bool = False


def read_records(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    """Yields the texts of `file` as they are read, none of them blank unless each line of it is a document.

    Raises:
        InputError: The file cannot be read, or is not what its name says.
    """
    if file.kind == ".jsonl":
        return _read_json_lines(file, config, read_log)
    if file.kind in {".csv", ".tsv"}:
        return _read_table(file, config, read_log)
    if file.kind == ".parquet":
        return _read_parquet(file, config, read_log)
    return _read_text(file, config, read_log)


def _read_text(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    if config.documents == "file":
        return _read_whole(file, config, read_log)
    return _read_parts(file, config, read_log)


def _read_parts(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    """Yields paragraphs or lines."""
    parts: list[str] = []
    start = size = 0

    def document() -> Record:
        return Record(f"{file.name}, line {start}", "", "\n".join(parts))

    for number, line in read_lines(file, config, read_log):
        blank = not line.strip()
        if not parts:
            start, size = number, 0
            if blank and config.documents != "every_line":
                continue
        if blank and config.documents == "paragraph":
            yield document()
            parts = []
            continue
        parts.append(line)
        size += len(line) + 1
        if size > MAX_PARAGRAPH_CHARACTERS:
            raise InputError(
                f"{file.name}, line {start}: a paragraph of more than {MAX_PARAGRAPH_CHARACTERS:,} characters; "
                "set data.documents to line, or separate paragraphs with blank lines"
            )
        if config.documents != "paragraph":
            yield document()
            parts = []
    if parts:
        yield document()


def _read_whole(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    """Yields the file, a long one in pieces that end where a paragraph does.

    No piece ends within a tag or comment of HTML, and none where a paragraph goes on, unless it would become too long.
    """
    lines: list[str] = []
    size = 0
    look_from = PIECE_CHARACTERS
    continues = False
    for _, line in read_lines(file, config, read_log):
        if not lines and not line.strip():
            continue
        lines.append(line)
        size += len(line) + 1
        if size < look_from or (line.strip() and size < MAX_PIECE_CHARACTERS):
            continue
        piece = "\n".join(lines)
        if size < MAX_PIECE_CHARACTERS and ends_inside_markup(piece):
            look_from = size + PIECE_CHARACTERS // 4
            continue
        yield Record(file.name, "", piece, continues)
        lines, size, look_from, continues = [], 0, PIECE_CHARACTERS, True
    if lines:
        yield Record(file.name, "", "\n".join(lines), continues)


def _read_json_lines(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    for number, line in read_lines(file, config, read_log):
        if not line.strip():
            continue
        place = f"{file.name}, line {number}"
        try:
            fields = json.loads(line)
        except json.JSONDecodeError as error:
            raise _not_json(place, f"{error.msg}, column {error.colno}") from error
        except (ValueError, RecursionError) as error:
            raise _not_json(place, reason(error)) from error
        if not isinstance(fields, dict):
            raise _not_json(place, f"a {type(fields).__name__}")
        _require_fields(list(fields), place, config)
        yield from _record(place, fields, config, read_log)


def _not_json(place: str, what: str) -> InputError:
    return InputError(f'{place}: not a JSON object ({what}); each line is one object such as {{"text": "..."}}')


def _read_table(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    # The limit belongs to the process, and its 128 KiB are too few for a document: it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE_BYTES))
    lines = (f"{line}\n" for _, line in read_lines(file, config, read_log))
    delimiter = "\t" if file.kind == ".tsv" else ","
    rows = _rows(file, csv.reader(lines, delimiter=delimiter, strict=True))
    header: list[str] = []
    for place, row in rows:
        if not header:
            header = row
            _require_fields(header, place, config)
        elif len(row) != len(header):
            raise InputError(
                f"{place}: {len(row)} fields, where the first line has {len(header)}; "
                "put quotation marks around a field with a separator in it"
            )
        else:
            yield from _record(place, dict(zip(header, row, strict=True)), config, read_log)


def _rows(file: SourceFile, reader: Any) -> Iterator[tuple[str, list[str]]]:
    try:
        for row in reader:
            if row:
                yield f"{file.name}, line {reader.line_num}", row
    except csv.Error as error:
        raise InputError(
            f"{file.name}, line {reader.line_num}: not {file.kind[1:].upper()} ({error}); "
            "close each quotation mark, and double those inside a field"
        ) from error


def _read_parquet(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    parquet = optional_module("pyarrow.parquet", extra="parquet", where=file.name)
    with open_seekable(file) as stream:
        try:
            table = parquet.ParquetFile(stream)
            names = list(table.schema_arrow.names)
        except Exception as error:  # pyarrow raises a dozen kinds for a broken file
            raise _not_parquet(file, error) from error
        _require_fields(names, file.name, config)
        wanted = {config.text_field, config.title_field, *_label_fields(config)} & set(names)
        rows = _parquet_rows(file, table, sorted(filter(None, wanted)))
        for number, fields in enumerate(rows, start=1):
            yield from _record(f"{file.name}, row {number}", fields, config, read_log)


def _parquet_rows(file: SourceFile, table: Any, columns: list[str]) -> Iterator[dict[str, Any]]:
    try:
        for batch in table.iter_batches(batch_size=PARQUET_BATCH_ROWS, columns=columns):
            yield from batch.to_pylist()
    except Exception as error:
        raise _not_parquet(file, error) from error


def _not_parquet(file: SourceFile, error: Exception) -> InputError:
    return InputError(f"{file.name}: not a whole Parquet file ({reason(error)}); fetch or write it again")


# Records


def _record(place: str, fields: Mapping[str, object], config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    """Yields the record, unless its text is blank."""
    text = _field(place, fields, config.text_field, config, read_log)
    if not text.strip():
        read_log.note(WITHOUT_TEXT, place)
        return
    if config.title_field is not None:
        title = _field(place, fields, config.title_field, config, read_log)
        text = f"{title}\n\n{text}" if title.strip() else text
    labels = (_label(place, fields, name, config, read_log) for name in _label_fields(config))
    yield Record(place, next(filter(None, labels), ""), text)


def _field(place: str, fields: Mapping[str, object], name: str, config: DataConfig, read_log: ReadLog) -> str:
    value = fields[name]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"{place}: {name!r} is of type {type(value).__name__}; it must be text")
    return plain_line_ends(usable(place, value, config, read_log))


def _label(place: str, fields: Mapping[str, object], name: str, config: DataConfig, read_log: ReadLog) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        raise InputError(
            f"{place}: {name!r} is of type {type(value).__name__}; a label is text or a number; "
            "name another field with data.label_field"
        )
    return usable(place, str(value), config, read_log)


def _label_fields(config: DataConfig) -> tuple[str, ...]:
    return LABEL_FIELDS if config.label_field is None else (config.label_field,)


def _require_fields(names: Sequence[str], place: str, config: DataConfig) -> None:
    """Requires that each field that the settings name is there, once."""
    for key in ("text_field", "title_field", "label_field"):
        wanted = getattr(config, key)
        if wanted is None or names.count(wanted) == 1:
            continue
        problem = f"{wanted!r} twice" if wanted in names else f"no {wanted!r}"
        shown = ", ".join(repr(name[:40]) for name in names[:10]) or "nothing"
        raise InputError(f"{place}: {problem}, there is {shown}; name the field with data.{key}")
