"""Dates in tables: what is a date, and which column holds them."""

import pytest

from halo.corpus.series.dates import find_date_column, is_date, parse_date, shown_date
from halo.runtime.errors import InputError


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2024-03-01", "2024-03-01"),
        ("20240301", "2024-03-01"),
        ("2024-3", "2024-03-01"),
        ("1700.0", "1700-01-01"),
        ("2024-03-01 09:30", "2024-03-01T09:30:00"),
        ("2024-03-01T09:30:00+02:00", "2024-03-01T07:30:00"),
    ],
)
def test_dates_of_iso_8601(text: str, shown: str) -> None:
    assert shown_date(parse_date(text, None)) == shown


def test_other_dates_need_their_format() -> None:
    assert not is_date("01/03/2024", None)
    assert shown_date(parse_date("01/03/2024", "%d/%m/%Y")) == "2024-03-01"


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"price": ["1229"], "Date": ["x"]}, "Date"),
        ({"time": ["1"], "date": ["x"]}, "date"),
        ({"price": ["1229.5"], "when": ["2024-01-01"]}, "when"),
    ],
)
def test_the_column_of_dates_is_found_by_its_name_or_its_cells(columns: dict[str, list[str]], found: str) -> None:
    assert find_date_column(columns, "auto", date_format=None, place="a.csv") == found


def test_a_table_without_dates_is_refused() -> None:
    with pytest.raises(InputError, match=r"a\.csv: none of its columns holds dates \(a, b\); name it"):
        find_date_column({"a": ["1.5"], "b": ["x"]}, "auto", date_format=None, place="a.csv")
    with pytest.raises(InputError, match=r"date_field=when: no such column in a\.csv; it has a"):
        find_date_column({"a": ["1.5"]}, "when", date_format=None, place="a.csv")
