"""Dates that name a day, and what only looks like one."""

import pytest

from halo.corpus.cleaning.personal.dates import find_dates


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in find_dates(text)]


@pytest.mark.parametrize(
    "date",
    [
        *("2020-03-15", "15/03/2020", "3/15/2020", "15.03.2020", "15.3.2020", "15. 3. 2020", "15.03.56", "03/15/56"),
        *("15 March 2020", "15th of March, 2020", "March 15, 2020", "Mar. 15th, 2020", "15-Mar-2020", "15. März 1956"),
        *("3. Okt. 1990", "le 14 juillet 1989".removeprefix("le "), "2 de mayo de 2001", "15 March", "Dec. 24th"),
    ],
)
def test_dates(date: str) -> None:
    assert found(f"seen on {date}, and again") == [date]


def test_announced_dates_of_birth_may_be_short() -> None:
    assert found("DOB: 3/4/56; geb. 1.2.1960, born 19560403") == ["3/4/56", "1.2.1960", "19560403"]


def test_a_time_belongs_to_its_date() -> None:
    assert found("2020-03-15T12:30:00Z ERROR") == ["2020-03-15T12:30:00Z"]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "in 2020, March 2020, the 1990s and 2019-20",
            "at 12:30:45 or 12.30",
            "1.5, 2.10, 3.14 and 1.12.2",
            "10-14 days",
        ),
        *(
            "version 1.12.03, § 12.03.2020, Section 3.4.2015",
            "192.168.1.20",
            "they may 10 times",
            "march 5 miles",
            "31/12",
        ),
        *("SSN 123-45-6789", "ISBN 978-3-16-148410-0", "call 020 7946 0958", "2,5-dimethyl", "12/24/48 h", "5/3/20"),
    ],
)
def test_no_dates(text: str) -> None:
    assert found(text) == []
