"""File formats -> records, as a stream: which reader a file needs, and Parquet."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from halo.config import DataConfig
from halo.corpus.sources.file_kinds import JSON_LINES_KINDS, TABLE_KINDS
from halo.corpus.sources.files import SourceFile, open_seekable, optional_module
from halo.corpus.sources.json_files import json_rows, read_json, read_json_lines
from halo.corpus.sources.lines import ReadLog, read_lines
from halo.corpus.sources.records import Record, label_fields, make_record, require_fields
from halo.corpus.sources.tables import CheckHeader, read_table, table_rows
from halo.corpus.sources.text_files import read_text
from halo.runtime.errors import InputError, reason

PARQUET_BATCH_ROWS = 256


def read_records(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    """Yields the records of `file` as they are read, none of them blank unless every line is a document.

    Args:
        file: The file; its suffix determines the format, and a suffix that is not known is that of a text file.
        config: The settings of the text.
        read_log: Counts skipped records and replaced characters.

    Raises:
        InputError: The file cannot be read, or does not have the format that its suffix indicates.
    """
    if file.kind in JSON_LINES_KINDS:
        return read_json_lines(file, config, read_log)
    if file.kind == ".json":
        return read_json(file, config, read_log)
    if file.kind in TABLE_KINDS:
        return read_table(file, config, read_log)
    if file.kind == ".parquet":
        return _read_parquet(file, config, read_log)
    return read_text(file, config, read_log)


def read_rows(
    file: SourceFile, config: DataConfig, read_log: ReadLog, *, check_header: CheckHeader
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yields the location and all fields of each record of a file; of a text file, each line is a record.

    Args:
        file: The file.
        config: The settings of the text. The lines of a text file are in the field `config.text_field`.
        read_log: Counts what was unusual.
        check_header: For a table, see `table_rows`.

    Raises:
        InputError: The file cannot be read, or does not have the format that its suffix indicates.
    """
    if file.kind in TABLE_KINDS:
        yield from table_rows(file, config, read_log, check_header=check_header)
    elif file.kind in (*JSON_LINES_KINDS, ".json"):
        yield from json_rows(file, config, read_log)
    elif file.kind == ".parquet":
        with _open_parquet(file) as table:
            rows = _parquet_rows(file, table, list(table.schema_arrow.names))
            yield from ((f"{file.name}, row {number}", fields) for number, fields in enumerate(rows, start=1))
    else:
        for number, line in read_lines(file, config, read_log):
            yield f"{file.name}, line {number}", {config.text_field: line}


@contextmanager
def _open_parquet(file: SourceFile) -> Iterator[Any]:
    """Opens a Parquet file."""
    parquet = optional_module("pyarrow.parquet", extra="parquet", where=file.name)
    with open_seekable(file) as stream:
        try:
            table = parquet.ParquetFile(stream)
        except Exception as error:  # pyarrow raises many kinds of exceptions for a broken file
            raise _not_parquet(file, error) from error
        yield table


def _read_parquet(file: SourceFile, config: DataConfig, read_log: ReadLog) -> Iterator[Record]:
    with _open_parquet(file) as table:
        names = list(table.schema_arrow.names)
        require_fields(names, file.name, config)
        wanted = {config.text_field, config.title_field, *label_fields(config)} & set(names)
        rows = _parquet_rows(file, table, sorted(filter(None, wanted)))
        for number, fields in enumerate(rows, start=1):
            yield from make_record(f"{file.name}, row {number}", fields, config, read_log)


def _parquet_rows(file: SourceFile, table: Any, columns: list[str]) -> Iterator[dict[str, Any]]:
    types = optional_module("pyarrow.types", extra="parquet", where=file.name)
    try:
        for batch in table.iter_batches(batch_size=PARQUET_BATCH_ROWS, columns=columns):
            # Dates become text at once: Python's have no nanoseconds, and no years beyond 9999.
            values = [each.cast("string") if types.is_temporal(each.type) else each for each in batch.columns]
            lists = [each.to_pylist() for each in values]
            yield from (dict(zip(batch.schema.names, row, strict=True)) for row in zip(*lists, strict=True))
    except Exception as error:
        raise _not_parquet(file, error) from error


def _not_parquet(file: SourceFile, error: Exception) -> InputError:
    return InputError(f"{file.name}: damaged or incomplete Parquet file ({reason(error)}); download or write it again")
