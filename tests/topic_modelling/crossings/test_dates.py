"""Dates are ISO, as coarse as they are written; anything else is refused by name."""

import pytest

from halo.runtime.errors import InputError
from halo.topic_modelling.crossings.dates import choose_period, parse_date, period_number, period_of


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2020-03-15", "2020-03-15"),
        (" 2020-03-15 ", "2020-03-15"),
        ("2020-03-15 23:59:59.5+02:00", "2020-03-15"),
        ("2020-03", "2020-03"),
        ("2020", "2020"),
        (1999, "1999"),
        (2020.0, "2020"),
        (float("nan"), None),
        ("", None),
    ],
)
def test_iso_dates_are_read(value: object, date: str | None) -> None:
    assert parse_date(value, field="date", location="a.csv, line 2") == date


@pytest.mark.parametrize(
    "value", ["15.3.2020", "03/15/2020", "2020-13", "2020-02-30", "NA", "March 2020", 43905, True, "20", "0000", [1]]
)
def test_other_dates_are_refused_with_how_to_write_them(value: object) -> None:
    with pytest.raises(InputError, match=r"^date_field=when: a\.csv, line 2: '.*' is no date; write 2020-03-15"):
        parse_date(value, field="when", location="a.csv, line 2")


def test_the_period_grows_with_the_span_of_time() -> None:
    assert choose_period(["2020-01", "2021-12"], asked="auto") == "month"
    assert choose_period(["2020-01", "2022-01"], asked="auto") == "quarter"
    assert choose_period(["2010-01", "2022-01"], asked="auto") == "year"
    assert choose_period(["2020-01", "2020"], asked="auto") == "year"
    assert choose_period(["2010-01", "2022-01"], asked="month") == "month"
    with pytest.raises(InputError, match=r"^period=month: the date 2019 has no month; use period=year$"):
        choose_period(["2020-01-01", "2019"], asked="month")


def test_periods_follow_each_other_across_years() -> None:
    assert [period_of(f"2020-{month:02}", "quarter")[-2:] for month in range(1, 13)] == [
        *["Q1"] * 3, *["Q2"] * 3, *["Q3"] * 3, *["Q4"] * 3
    ]  # fmt: skip
    for period, dates in {
        "month": ("2019-12-31", "2020-01-01"),
        "quarter": ("2019-10", "2020-03"),
        "year": ("2019", "2020-12"),
    }.items():
        first, second = (period_number(date, period) for date in dates)  # type: ignore[arg-type]
        assert second - first == 1
