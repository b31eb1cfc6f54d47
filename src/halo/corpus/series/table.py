"""Tables with a column of dates and columns of values -> series; whatever is odd in them is an error or a note."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from halo.config import DataConfig, SeriesConfig
from halo.corpus.series.dates import find_date_column, is_date, parse_date, shown_date
from halo.corpus.sources.files import SourceFile
from halo.corpus.sources.formats import read_rows
from halo.corpus.sources.lines import ReadLog
from halo.runtime.errors import InputError, counted, printable
from halo.tokenization.value_bins import Floats

Dates = npt.NDArray[np.datetime64]

MISSING = {"", "na", "n/a", "nan", "null", "none", "-", ".", "#n/a", "nat"}
"""What stands for a missing value, in small letters; `.` in the files of the Federal Reserve."""
_LIKE_NUMBER = re.compile(r"[-+]?[$€£]?[\d.,' ]*\d[\d.,' ]*([eE][-+]?\d+)?\s?%?")
_MIN_NUMERIC = 0.5
"""Share of the cells of a column that look like numbers, above which the column is taken for one of values."""
_MAX_SHOWN = 24


@dataclass(frozen=True)
class DatedValues:
    """The values of one column, in the order of their dates.

    Attributes:
        name: Name of the series.
        dates: When each value was observed, strictly increasing, shape (N,).
        values: The values, finite, shape (N,).
    """

    name: str
    dates: Dates
    values: Floats


class SeriesTable(NamedTuple):
    """What files hold.

    Attributes:
        series: The series, in the order of their columns.
        notes: What a reader should know: columns and rows that were left out, and gaps; a sentence each.
    """

    series: list[DatedValues]
    notes: list[str]


class _Cell(NamedTuple):
    place: str
    text: str


def read_series(files: Sequence[SourceFile], data: DataConfig) -> SeriesTable:
    """Returns the series in the columns of tables.

    With several files, series are called FILE.COLUMN.

    Raises:
        InputError: A file cannot be read, has no dates or no values, or a cell is neither a number nor missing.
    """
    assert data.series is not None
    series: list[DatedValues] = []
    notes: list[str] = []
    for file in files:
        columns = _read_columns(file, data)
        found = _file_series(columns, data.series, notes, place=file.name)
        stem = PurePath(file.name).name.partition(".")[0]
        if len(files) > 1:
            found = [DatedValues(f"{stem}.{each.name}", each.dates, each.values) for each in found]
        series += found
    repeated = [name for name, number in Counter(each.name for each in series).items() if number > 1]
    if repeated:
        raise InputError(f"{data.source}: two series are called {repeated[0]}; rename one of the files")
    return SeriesTable(series, notes)


def _read_columns(file: SourceFile, data: DataConfig) -> dict[str, list[_Cell]]:
    """Returns the cells of each column of a file.

    Raises:
        InputError: It cannot be read, has two columns of one name, or no rows.
    """

    def check_header(header: list[str], location: str) -> list[str]:
        names = [name.strip() or f"column {number}" for number, name in enumerate(header, start=1)]
        repeated = [name for name, number in Counter(names).items() if number > 1]
        if repeated:
            raise InputError(f"{location}: two columns are called {printable(repeated[0])}; rename one of them")
        looks_like_row = is_date(names[0], data.series.date_format if data.series else None)
        if data.table.header and looks_like_row and all(map(_LIKE_NUMBER.fullmatch, names[1:])):
            raise InputError(
                f"{location}: the first line is no header ({printable(', '.join(names))[:60]}); set "
                "data.table.header=false, and columns are called 1, 2, ..."
            )
        return names

    columns: dict[str, list[_Cell]] = {}
    read_log, number = ReadLog(), 0
    for place, fields in read_rows(file, data, read_log, check_header=check_header):
        for name, value in fields.items():
            cells = columns.setdefault(name, [])
            cells.extend(_Cell(place, "") for _ in range(number - len(cells)))  # of records that lack the field
            cells.append(_Cell(place, "" if value is None else str(value).strip()))
        number += 1
        for cells in columns.values():
            if len(cells) < number:
                cells.append(_Cell(place, ""))
    read_log.report()
    if not number:
        raise InputError(f"{file.name}: has no rows; give a table with a column of dates and columns of values")
    return columns


def _file_series(
    columns: Mapping[str, list[_Cell]], config: SeriesConfig, notes: list[str], *, place: str
) -> list[DatedValues]:
    texts = {name: [cell.text for cell in cells] for name, cells in columns.items()}
    date_column = find_date_column(texts, config.date_field, date_format=config.date_format, place=place)
    dates = _dates(columns[date_column], date_column, config, place)
    order = np.argsort(dates, kind="stable")
    if (np.diff(order) < 0).any():
        notes.append(f"{place}: the rows were not in the order of their dates; they are read in that order.")
    series = []
    for name in _value_columns(texts, date_column, config, notes, place=place):
        values = np.array([_number(cell, name, config) for cell in columns[name]])[order]
        is_there = ~np.isnan(values)
        if missing := int((~is_there).sum()):
            notes.append(f"{name}: {counted(missing, 'missing value')} left out; the change after a gap spans it.")
        if not is_there.any():
            raise InputError(f"{place}, column {name}: no values; leave it out with data.series.value_fields")
        series.append(DatedValues(name, dates[order][is_there], values[is_there]))
    notes += _gap_note(dates[order], place)
    return series


def _dates(cells: Sequence[_Cell], name: str, config: SeriesConfig, place: str) -> Dates:
    dates: list[np.datetime64] = []
    first_places: dict[np.datetime64, str] = {}
    for cell in cells:
        try:
            date = parse_date(cell.text, config.date_format)
        except ValueError as error:
            expected = f"as {config.date_format}" if config.date_format else "of ISO 8601, such as 2024-12-31"
            raise InputError(
                f"{cell.place}, column {name}: {_quoted(cell.text)} is no date {expected}; set data.series.date_format,"
                " such as '%d.%m.%Y', or data.series.date_field"
            ) from error
        if date in first_places:
            raise InputError(
                f"{cell.place}: the date {shown_date(date)} was in {first_places[date]} already; give each date one "
                "row, and each series a column or file of its own"
            )
        first_places[date] = cell.place.removeprefix(f"{place}, ")
        dates.append(date)
    return np.array(dates, dtype="datetime64[s]")


def _value_columns(
    texts: Mapping[str, Sequence[str]], date_column: str, config: SeriesConfig, notes: list[str], *, place: str
) -> list[str]:
    wanted = config.value_names()
    if wanted is not None:
        for name in wanted:
            if name not in texts or name == date_column:
                names = ", ".join(printable(each) for each in texts if each != date_column)
                raise InputError(f"data.series.value_fields={name}: no such column in {place}; it has {names}")
        return wanted
    others = [name for name in texts if name != date_column]
    numeric = [name for name in others if _is_numeric(texts[name])]
    if not numeric:
        raise InputError(f"{place}: no column holds numbers besides the dates; name one with data.series.value_fields")
    left_out = [name for name in others if name not in numeric]
    if left_out:
        notes.append(f"{place}: left out as no numbers: {printable(', '.join(left_out))}.")
    return numeric


def _is_numeric(cells: Sequence[str]) -> bool:
    present = [cell for cell in cells if cell.lower() not in MISSING]
    alike = sum(_LIKE_NUMBER.fullmatch(cell) is not None for cell in present)
    return alike > _MIN_NUMERIC * len(present)


def _number(cell: _Cell, name: str, config: SeriesConfig) -> float:
    """Returns the number in a cell; NaN for a missing value.

    Raises:
        InputError: It is neither.
    """
    if cell.text.lower() in MISSING:
        return math.nan
    uses_comma = config.decimal == "comma"
    text = cell.text.replace(",", ".") if uses_comma and "." not in cell.text else cell.text
    try:
        number = float(text) if "_" not in text else math.nan
        if not math.isfinite(number):
            raise ValueError("not finite")
    except ValueError as error:
        other = "point" if uses_comma else "comma"
        mark = "." if uses_comma else ","
        hint = "numbers have no currency signs and no separators of thousands"
        if cell.text.count(mark) == 1 and _LIKE_NUMBER.fullmatch(cell.text):
            hint = f"set data.series.decimal={other} if it has a decimal {other}, else remove separators of thousands"
        raise InputError(f"{cell.place}, column {name}: {_quoted(cell.text)} is no number; {hint}") from error
    return number


def _quoted(text: str) -> str:
    shown = printable(text)
    return repr(shown if len(shown) <= _MAX_SHOWN else f"{shown[:_MAX_SHOWN]}…")


def _gap_note(dates: Dates, place: str) -> list[str]:
    """Returns a note about steps between dates that are far longer than usual ones."""
    steps = np.diff(dates).astype(np.int64)
    if len(steps) < 3:
        return []
    usual = np.median(steps)
    long = np.flatnonzero(steps > 5 * usual)
    if not len(long):
        return []
    widest = int(steps.argmax())
    begin, end = shown_date(dates[widest]), shown_date(dates[widest + 1])
    steps_text = counted(len(long), "gap")
    return [f"{place}: {steps_text} of more than five usual steps between dates, the longest from {begin} to {end}."]
