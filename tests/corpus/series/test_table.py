"""Tables -> series: untidy ones are read as they are meant, or refused in one line."""

from pathlib import Path
from typing import Any

import pytest

from halo.corpus.series.table import SeriesTable, read_series
from halo.corpus.sources.documents import find_sources
from halo.runtime.errors import InputError
from tests.support.series import series_data


def read(folder: Path, text: str, *, name: str = "a.csv", **settings: Any) -> SeriesTable:
    (folder / name).write_text(text, encoding="utf-8")
    data = series_data(folder / name, **settings)
    return read_series(find_sources(data), data)


def test_each_column_of_numbers_is_a_series(tmp_path: Path) -> None:
    table = read(tmp_path, "date,a,who,b\n2024-01-02,1,x,10\n2024-01-03,2,y,\n2024-01-04,3,z,30\n")
    assert [(each.name, each.values.tolist()) for each in table.series] == [("a", [1, 2, 3]), ("b", [10, 30])]
    assert [str(date)[:10] for date in table.series[1].dates] == ["2024-01-02", "2024-01-04"]
    assert table.notes[0].endswith("left out as no numbers: who.")
    assert table.notes[1] == "b: 1 missing value left out; the change after a gap spans it."


def test_rows_are_put_in_the_order_of_their_dates_and_that_is_said(tmp_path: Path) -> None:
    table = read(tmp_path, "date,a\n2024-01-03,3\n2024-01-02,2\n2024-01-04,4\n")
    assert table.series[0].values.tolist() == [2, 3, 4]
    assert "not in the order of their dates" in table.notes[0]


def test_the_first_column_needs_no_name(tmp_path: Path) -> None:
    assert read(tmp_path, ",a\n2024-01-03,3\n2024-01-04,4\n").series[0].name == "a"


def test_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    text = "Datum;Kurs\n31.12.2023;1,5\n01.01.2024;2,25\n"
    table = read(tmp_path, text, decimal="comma", date_format="%d.%m.%Y")
    assert table.series[0].values.tolist() == [1.5, 2.25]


def test_records_are_tables_too(tmp_path: Path) -> None:
    text = '{"date": "2024-01-02", "a": 1.5}\n{"date": "2024-01-03", "a": null}\n{"date": "2024-01-04", "b": 2}\n'
    table = read(tmp_path, text, name="a.jsonl")
    assert [(each.name, each.values.tolist()) for each in table.series] == [("a", [1.5]), ("b", [2.0])]


def test_a_long_gap_is_said(tmp_path: Path) -> None:
    text = "date,a\n" + "".join(f"2024-01-0{day},{day}\n" for day in range(1, 8)) + "2024-02-20,9\n"
    assert read(tmp_path, text).notes == [
        f"{tmp_path / 'a.csv'}: 1 gap of more than five usual steps between dates, the longest from 2024-01-07 to "
        "2024-02-20."
    ]


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        ("date;a\n2024-01-02;1,5\n", {}, r"line 2, column a: '1,5' is no number; set data\.series\.decimal=comma"),
        ("date,a\n2024-01-02,1\n2024-01-03,$5\n", {}, r"line 3, column a: '\$5' is no number; .* no currency signs"),
        ("date,a\n2024-01-02,1\n2024-01-03,inf\n", {"value_fields": "a"}, r"line 3, column a: 'inf' is no number"),
        ("date,a\n2024-01-02,1\n2024-01-02,2\n", {}, r"line 3: the date 2024-01-02 was in line 2 already"),
        ("date,a\n02.01.2024,1\n", {}, r"'02\.01\.2024' is no date of ISO 8601.*date_format"),
        ("date,a\n2024-01-02,1\n,2\n", {}, r"line 3, column date: '' is no date"),
        ("date,a\n2024-01-02,x\n", {}, "no column holds numbers besides the dates"),
        ("date,a\n2024-01-02,1\n", {"value_fields": "b"}, r"value_fields=b: no such column in .*; it has a"),
        ("date,a,a\n2024-01-02,1,2\n", {}, "two columns are called a"),
        ("2024-01-01,1\n2024-01-02,2\n", {}, r"no header .*data\.table\.header=false"),
        ("date,a\n", {}, "has no rows"),
        ("date,a,b\n2024-01-02,1,\n", {"value_fields": ["a", "b"]}, "column b: no values"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, text: str, settings: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        read(tmp_path, text, **settings)
    assert "\n" not in str(error.value)


def test_several_files_name_their_series(tmp_path: Path) -> None:
    for name in ("oil", "gold"):
        (tmp_path / f"{name}.csv").write_text("date,close\n2024-01-02,1\n2024-01-03,2\n")
    data = series_data(tmp_path)
    assert [each.name for each in read_series(find_sources(data), data).series] == ["gold.close", "oil.close"]
