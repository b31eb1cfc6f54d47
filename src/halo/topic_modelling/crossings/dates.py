"""The dates of texts: what may be written in a column of dates, and the periods that they fall into."""

import datetime
import math
import re
from collections.abc import Sequence
from typing import Literal

from halo.runtime.errors import InputError, printable

Period = Literal["month", "quarter", "year"]

MAX_MONTHS, MAX_QUARTERS = 24, 24
"""With `period=auto`, a collection over more months is divided into quarters, and one over more quarters into years."""

_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ]\d{2}:\d{2}.*)?)?)?")


def parse_date(value: object, *, field: str, location: str) -> str | None:
    """Returns a date as year, year and month, or year, month and day; None for an empty value.

    Dates are ISO 8601, the only notation in which day and month cannot be mixed up. A time of day is left out.

    Args:
        value: What stands in the column.
        field: The name of the column, for messages.
        location: The file and the row, for messages.

    Raises:
        InputError: It is something else.

    >>> [parse_date(value, field="date", location="") for value in ("2020-03-15T08:30Z", "2020-03", 2020, " ", None)]
    ['2020-03-15', '2020-03', '2020', None, None]
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():  # as a column of numbers with gaps has
        value = int(value)
    text = str(value).strip()
    if not text:
        return None
    found = _ISO.fullmatch(text)
    try:
        if found is None or isinstance(value, bool):
            raise ValueError
        year, month, day = found.groups()
        datetime.date(int(year), int(month or 1), int(day or 1))
    except ValueError as error:
        raise InputError(
            f"date_field={field}: {location}: {printable(text[:40])!r} is no date; write 2020-03-15, 2020-03 or 2020, "
            "and leave unknown dates empty"
        ) from error
    return "-".join(part for part in (year, month, day) if part)


def choose_period(dates: Sequence[str], *, asked: Literal["auto"] | Period) -> Period:
    """Returns the period that a collection is divided into: the asked one, or one that gives a readable number of them.

    Args:
        dates: The dates, as `parse_date` returns them; at least one.
        asked: What the user has asked for.

    Raises:
        InputError: A date is too coarse for the asked period.

    >>> choose_period(["2020-01-31", "2021-03"], asked="auto"), choose_period(["1999", "2021-03"], asked="auto")
    ('month', 'year')
    """
    coarse = next((date for date in dates if len(date) == len("2020")), None)
    if asked in ("month", "quarter") and coarse is not None:
        raise InputError(f"period={asked}: the date {coarse} has no month; use period=year")
    if asked != "auto":
        return asked
    if coarse is not None:
        return "year"
    numbers = [period_number(date, "month") for date in dates]
    num_months = max(numbers) - min(numbers) + 1
    return "month" if num_months <= MAX_MONTHS else "quarter" if num_months <= 3 * MAX_QUARTERS else "year"


def period_of(date: str, period: Period) -> str:
    """Returns the name of the period that a date falls into.

    >>> period_of("2020-03-15", "month"), period_of("2020-03", "quarter"), period_of("2020", "year")
    ('2020-03', '2020-Q1', '2020')
    """
    if period == "year":
        return date[:4]
    return date[:7] if period == "month" else f"{date[:4]}-Q{(int(date[5:7]) + 2) // 3}"


def period_number(date: str, period: Period) -> int:
    """Returns the number of periods from the year 0 to a date, so that periods without texts count in a trend.

    >>> period_number("2020-03", "quarter") - period_number("2019-12", "quarter")
    1
    """
    year = int(date[:4])
    if period == "year":
        return year
    month = 12 * year + int(date[5:7]) - 1
    return month if period == "month" else month // 3
