"""File formats -> records: .txt, .tokens, .md, .jsonl, .csv, .tsv and .parquet, as a stream."""

import csv
import json
from collections.abc import Iterator
from typing import Any

from halo.config import DataConfig
from halo.corpus.cleaning.html import ends_inside_markup
from halo.corpus.sources.files import SourceFile, open_seekable, optional_module
from halo.corpus.sources.lines import MAX_LINE_BYTES, ReadLog, read_lines
from halo.corpus.sources.records import Record, label_fields, make_record, require_fields
from halo.runtime.errors import InputError, reason

# Cleaning holds a text in memory several times over, so a text file that is one document is read in pieces.
PIECE_CHARACTERS = 2**21
MAX_PIECE_CHARACTERS = 2**23  # of a text without paragraphs
MAX_PARAGRAPH_CHARACTERS = 2**25  # the limit for a paragraph that is a document
PARQUET_BATCH_ROWS = 256


def read_records(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    """Yields the records of `file` as they are read, none of them blank unless every line is a document.

    Args:
        file: The file; its suffix determines the format.
        config: The settings of the text.
        read_log: Counts skipped records and replaced characters.

    Raises:
        InputError: The file cannot be read, or does not have the format that its suffix indicates.
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
    """Yields each paragraph or each line as a record."""
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
    """Yields the whole file, a long one in pieces that end where a paragraph ends.

    No piece ends within an HTML tag or comment or within a paragraph, unless it would become too long.
    """
    lines: list[str] = []
    size = 0
    check_from = PIECE_CHARACTERS
    continues = False
    for _, line in read_lines(file, config, read_log):
        if not lines and not line.strip():
            continue
        lines.append(line)
        size += len(line) + 1
        if size < check_from or (line.strip() and size < MAX_PIECE_CHARACTERS):
            continue
        piece = "\n".join(lines)
        if size < MAX_PIECE_CHARACTERS and ends_inside_markup(piece):
            check_from = size + PIECE_CHARACTERS // 4
            continue
        yield Record(file.name, "", piece, continues)
        lines, size, check_from, continues = [], 0, PIECE_CHARACTERS, True
    if lines:
        yield Record(file.name, "", "\n".join(lines), continues)


def _read_json_lines(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    for number, line in read_lines(file, config, read_log):
        if not line.strip():
            continue
        location = f"{file.name}, line {number}"
        try:
            fields = json.loads(line)
        except json.JSONDecodeError as error:
            raise _not_json(location, f"{error.msg}, column {error.colno}") from error
        except (ValueError, RecursionError) as error:
            raise _not_json(location, reason(error)) from error
        if not isinstance(fields, dict):
            raise _not_json(location, f"a {type(fields).__name__}")
        require_fields(list(fields), location, config)
        yield from make_record(location, fields, config, read_log)


def _not_json(location: str, problem: str) -> InputError:
    return InputError(
        f'{location}: not a JSON object ({problem}); each line must be one object such as {{"text": "..."}}'
    )


def _read_table(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    # The default limit, 128 KiB, is too low for a document. It applies to the whole process, so it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE_BYTES))
    lines = (f"{line}\n" for _, line in read_lines(file, config, read_log))
    delimiter = "\t" if file.kind == ".tsv" else ","
    rows = _rows(file, csv.reader(lines, delimiter=delimiter, strict=True))
    header: list[str] = []
    for location, row in rows:
        if not header:
            header = row
            require_fields(header, location, config)
        elif len(row) != len(header):
            raise InputError(
                f"{location}: {len(row)} fields, but the first line has {len(header)}; "
                "quote fields that contain the separator"
            )
        else:
            yield from make_record(location, dict(zip(header, row, strict=True)), config, read_log)


def _rows(file: SourceFile, reader: Any) -> Iterator[tuple[str, list[str]]]:
    try:
        for row in reader:
            if row:
                yield f"{file.name}, line {reader.line_num}", row
    except csv.Error as error:
        raise InputError(
            f"{file.name}, line {reader.line_num}: not {file.kind[1:].upper()} ({error}); "
            "close every quotation mark, and double those inside a field"
        ) from error


def _read_parquet(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    parquet = optional_module("pyarrow.parquet", extra="parquet", where=file.name)
    with open_seekable(file) as stream:
        try:
            table = parquet.ParquetFile(stream)
            names = list(table.schema_arrow.names)
        except Exception as error:  # pyarrow raises many kinds of exceptions for a broken file
            raise _not_parquet(file, error) from error
        require_fields(names, file.name, config)
        wanted = {config.text_field, config.title_field, *label_fields(config)} & set(names)
        rows = _parquet_rows(file, table, sorted(filter(None, wanted)))
        for number, fields in enumerate(rows, start=1):
            yield from make_record(f"{file.name}, row {number}", fields, config, read_log)


def _parquet_rows(file: SourceFile, table: Any, columns: list[str]) -> Iterator[dict[str, Any]]:
    try:
        for batch in table.iter_batches(batch_size=PARQUET_BATCH_ROWS, columns=columns):
            yield from batch.to_pylist()
    except Exception as error:
        raise _not_parquet(file, error) from error


def _not_parquet(file: SourceFile, error: Exception) -> InputError:
    return InputError(f"{file.name}: damaged or incomplete Parquet file ({reason(error)}); download or write it again")
