"""Rows -> files of scores: .csv, .tsv, .jsonl, .parquet, or lines on standard output."""

import csv
import io
import json
import logging
import math
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from halo.corpus.sources.files import optional_module
from halo.runtime.atomic_files import UNFINISHED
from halo.runtime.errors import InputError, reason

DIGITS = 7
"""Significant digits of numbers in text files: more than the scores have."""

PREFIX = "input_"
"""What is put before the name of a column of the input that an output column has too."""

Row = Mapping[str, object]

log = logging.getLogger(__name__)


class Writer(ABC):
    """Receives rows and writes them."""

    @abstractmethod
    def write(self, rows: Iterable[Row]) -> None:
        """Writes rows; a column that a row lacks is empty there."""


class DelimitedWriter(Writer):
    """Writes rows as lines of text, below a line with the names of the columns.

    Args:
        names: The columns in order.
        write: Receives lines of text, each with its end.
        delimiter: What separates fields.
        missing: What is written for no value.
        quoted: Whether a field that contains the delimiter or a quotation mark is put in quotation marks.
    """

    def __init__(
        self,
        names: Sequence[str],
        write: Callable[[str], object],
        *,
        delimiter: str,
        missing: str = "",
        quoted: bool = True,
    ) -> None:
        self._names, self._write, self._delimiter, self._missing, self._quoted = (
            names,
            write,
            delimiter,
            missing,
            quoted,
        )
        self._has_header = False

    def write(self, rows: Iterable[Row]) -> None:
        """Writes rows as lines; the names of the columns come with the first ones, once nothing is wrong with them."""
        lines = self._lines([_cell(row.get(name), self._missing) for name in self._names] for row in rows)
        self._write(lines if self._has_header else f"{self._lines([self._names])}{lines}")
        self._has_header = True

    def _lines(self, rows: Iterable[Sequence[str]]) -> str:
        if not self._quoted:
            return "".join(f"{self._delimiter.join(row)}\n" for row in rows)
        lines = io.StringIO()
        csv.writer(lines, delimiter=self._delimiter, lineterminator="\n").writerows(rows)
        return lines.getvalue()


class JsonLinesWriter(Writer):
    """Writes each row as a JSON object on a line of its own, with null for no value.

    Args:
        names: The columns in order.
        write: Receives lines of text, each with its end.
    """

    def __init__(self, names: Sequence[str], write: Callable[[str], object]) -> None:
        self._names, self._write = names, write

    def write(self, rows: Iterable[Row]) -> None:
        """Writes rows as lines."""
        objects = ({name: _json_value(row.get(name)) for name in self._names} for row in rows)
        self._write("".join(f"{json.dumps(each, ensure_ascii=False, default=str)}\n" for each in objects))


class ParquetWriter(Writer):
    """Writes rows to a Parquet file; the types of columns of the input are those of the first rows.

    Args:
        names: The columns in order.
        types: The types of some of them.
        file: The file.
        shown: The file as the user names it.
    """

    def __init__(self, names: Sequence[str], types: Mapping[str, type], file: Path, *, shown: str) -> None:
        self._arrow: Any = optional_module("pyarrow", extra="parquet", where=shown, use="writing")
        self._parquet: Any = optional_module("pyarrow.parquet", extra="parquet", where=shown, use="writing")
        arrow_types = {int: self._arrow.int64(), float: self._arrow.float64(), str: self._arrow.string()}
        self._types = {name: arrow_types.get(kind, self._arrow.bool_()) for name, kind in types.items()}
        self._names, self._file, self._shown = names, file, shown
        self._schema: Any = None
        self._writer: Any = None

    def write(self, rows: Iterable[Row]) -> None:
        """Writes rows as a row group."""
        given = list(rows)
        columns = {name: [row.get(name) for row in given] for name in self._names}
        try:
            if self._schema is None:
                self._schema = self._arrow.schema([(name, self._type(name, columns[name])) for name in self._names])
            arrays = [self._arrow.array(columns[name], self._schema.field(name).type) for name in self._names]
        except (self._arrow.ArrowInvalid, self._arrow.ArrowTypeError, OverflowError) as error:
            raise InputError(
                f"output={self._shown}: a column of the input has values of different types ({reason(error)}); "
                "write .jsonl instead"
            ) from error
        if self._writer is None:
            self._writer = self._parquet.ParquetWriter(self._file, self._schema)
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))

    def _type(self, name: str, values: Sequence[object]) -> Any:
        if name in self._types:
            return self._types[name]
        found = self._arrow.array(values).type
        return self._arrow.string() if self._arrow.types.is_null(found) else found

    def close(self) -> None:
        """Writes the end of the file."""
        if self._writer is None:
            self.write([])
        self._writer.close()


def kept_names(columns: Mapping[str, type], others: Sequence[str]) -> dict[str, str]:
    """Returns the name in the output of each other column of the input.

    Args:
        columns: The output's own columns.
        others: The other columns of the input.
    """
    taken = {*columns, *others}
    kept = {}
    for name in others:
        kept[name] = name
        if name in columns:
            while kept[name] in taken:
                kept[name] = f"{PREFIX}{kept[name]}"
            taken.add(kept[name])
            log.info(
                "column %r of the input is %r in the output, where %r is a column of its own", name, kept[name], name
            )
    return kept


@contextmanager
def open_writer(
    output: str | None,
    names: Sequence[str],
    types: Mapping[str, type],
    *,
    tool: str,
    print_text: Callable[[str], object],
    terminal: Writer | None,
) -> Iterator[Writer]:
    """Yields a writer of a file, or of standard output.

    Args:
        output: The file; None for standard output, and `-` for rows there even if it is a terminal.
        names: The columns in order.
        types: The types of some of them.
        tool: As for `open_output`.
        print_text: Prints lines on standard output.
        terminal: Draws the rows where standard output is a terminal; None elsewhere.

    Raises:
        InputError: The file cannot be written.
    """
    if output not in (None, "-"):
        with open_output(str(output), names, types, tool=tool) as writer:
            yield writer
    elif terminal is not None and output is None:
        yield terminal
    else:
        yield text_writer(names, print_text, tool=tool, ending="")


@contextmanager
def open_output(output: str, names: Sequence[str], types: Mapping[str, type], *, tool: str) -> Iterator[Writer]:
    """Yields a writer of a file, which appears under its name when it is complete.

    Args:
        output: The file.
        names: The columns in order.
        types: The types of some of them.
        tool: The tool whose format it has, `halo` for the format that the ending says.

    Raises:
        InputError: The file cannot be written.
    """
    ending = Path(output).suffix.lower()
    with new_file(output, example="scores.csv") as file:
        if tool == "halo" and ending == ".parquet":
            parquet = ParquetWriter(names, types, file, shown=output)
            yield parquet
            parquet.close()
        else:
            with file.open("w", encoding="utf-8", newline="") as target:
                yield text_writer(names, target.write, tool=tool, ending=ending)


@contextmanager
def new_file(output: str, *, example: str) -> Iterator[Path]:
    """Yields a path to write to; the file gets its name when it is complete, and an existing one stays until then.

    Args:
        output: The file, as the setting `output` names it.
        example: A name for a file in a folder, if `output` is a folder.

    Raises:
        InputError: The file cannot be written.
    """
    file = Path(output).expanduser()
    unfinished = file.with_name(f".{file.name[-100:]}.{os.getpid()}{UNFINISHED}")
    try:
        if file.is_dir():
            raise InputError(f"output={output}: is a folder; give a file in it, such as {output.rstrip('/')}/{example}")
        file.parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        unfinished.replace(file)
    except OSError as error:
        raise InputError(f"output={output}: cannot be written ({reason(error)}); name another file") from error
    finally:
        with suppress(OSError):  # also where there is no such folder
            unfinished.unlink()


def text_writer(names: Sequence[str], write: Callable[[str], object], *, tool: str, ending: str) -> Writer:
    """Returns a writer of lines of text.

    Args:
        names: The columns in order.
        write: Receives the lines.
        tool: The tool whose format they have, `halo` for the format that the ending says.
        ending: Of the file; empty for standard output.
    """
    if tool == "neural-complexity":
        return DelimitedWriter(names, write, delimiter=" ", missing="NA", quoted=False)
    if tool == "halo" and ending == ".jsonl":
        return JsonLinesWriter(names, write)
    return DelimitedWriter(names, write, delimiter="," if tool == "halo" and ending == ".csv" else "\t")


def _cell(value: object, missing: str) -> str:
    """Returns a value as the field of a line.

    >>> _cell(2 / 3, ""), _cell(True, ""), _cell(None, "NA"), _cell(12, ""), _cell([1], ""), _cell("a", "")
    ('0.6666667', 'true', 'NA', '12', '[1]', 'a')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return missing
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.{DIGITS}g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _json_value(value: object) -> object:
    if not isinstance(value, float):
        return value
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
