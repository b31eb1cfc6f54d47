"""Dates in tables: which column has them, and their text -> numpy dates."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from halo.runtime.errors import InputError, printable

DATE_NAMES = ("date", "datetime", "timestamp", "observation_date", "time", "day", "month", "year", "period", "datum")
"""What columns of dates are called, the likeliest first."""

_YEAR = re.compile(r"(\d{4})(\.0)?")  # a year that was once a number in a data frame has decimals
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")


def parse_date(text: str, date_format: str | None) -> np.datetime64:
    """Returns a date and time, in seconds; one with a time zone as UTC.

    Args:
        text: A date.
        date_format: Its format for `strptime`; None for ISO 8601, a year and month, or a year.

    Raises:
        ValueError: It is no such date.

    >>> str(parse_date("2024-03", None)), str(parse_date("31.12.2024", "%d.%m.%Y"))
    ('2024-03-01T00:00:00', '2024-12-31T00:00:00')
    """
    if date_format is not None:
        moment = datetime.strptime(text, date_format)
    elif found := _YEAR.fullmatch(text):
        moment = datetime(int(found[1]), 1, 1)
    elif found := _MONTH.fullmatch(text):
        moment = datetime(int(found[1]), int(found[2]), 1)
    else:
        moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return np.datetime64(moment, "s")


def shown_date(date: np.datetime64) -> str:
    """Returns a date as text, without the time if that is midnight.

    >>> shown_date(np.datetime64("2024-12-31T00:00:00")), shown_date(np.datetime64("2024-12-31T09:30:00"))
    ('2024-12-31', '2024-12-31T09:30:00')
    """
    return str(date.astype("datetime64[s]")).removesuffix("T00:00:00")


def find_date_column(columns: Mapping[str, Sequence[str]], wanted: str, *, date_format: str | None, place: str) -> str:
    """Returns the name of the column of dates.

    Args:
        columns: The cells of each column.
        wanted: Its name; `auto` to look for it.
        date_format: As in `parse_date`.
        place: The file, for messages.

    Raises:
        InputError: There is no such column.
    """
    names = ", ".join(printable(name) for name in columns)
    if wanted != "auto":
        if wanted not in columns:
            raise InputError(f"data.series.date_field={wanted}: no such column in {place}; it has {names}")
        return wanted
    by_name = {name.strip().lower(): name for name in reversed([*columns])}
    for name in DATE_NAMES:
        if name in by_name:
            return by_name[name]
    for name, cells in columns.items():
        if cells and all(is_date(cell, date_format) for cell in cells):
            return name
    raise InputError(
        f"{place}: none of its columns holds dates ({names}); name it with data.series.date_field, and its format with "
        "data.series.date_format, such as '%d.%m.%Y'"
    )


def is_date(text: str, date_format: str | None) -> bool:
    """Returns whether a text is a date, see `parse_date`."""
    try:
        parse_date(text, date_format)
    except ValueError:
        return False
    return True
