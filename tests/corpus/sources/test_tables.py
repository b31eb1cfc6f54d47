"""Tables -> documents: delimiters, quotation marks, headers; no row is ever joined with another one in silence."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from halo.config import DataConfig
from halo.config.domains.files import TableConfig
from halo.runtime.errors import InputError
from tests.conftest import data_config
from tests.corpus.sources.test_formats import read


def table_config(*, text_field: str = "text", **settings: Any) -> DataConfig:
    table = TableConfig(**{"delimiter": "auto", "quoting": "auto", "header": True, **settings})
    return replace(data_config(), text_field=text_field, table=table)


def texts(folder: Path, name: str, content: str, config: DataConfig | None = None) -> list[str]:
    (folder / name).write_bytes(content.encode())
    return [document.text for document in read(folder / name, config or table_config())]


READ = [
    # Quotation marks
    ("a.tsv", '0\tone\n1\t"Stop, he said\n2\ttwo\n3\tand left"\n', ["one", '"Stop, he said', "two", 'and left"']),
    ("a.tsv", '0\t"Go away."\n', ['"Go away."']),
    ("a.tsv", '0\t"He said ""hi"""\n', ['He said "hi"']),
    ("a.tsv", '0\t5" disks and 3" ones\n', ['5" disks and 3" ones']),
    ("a.tsv", '0\t"a tab\tinside"\n', ["a tab\tinside"]),
    ("a.tsv", '"a tab\tinside"\tone\n', ["one"]),
    ("a.csv", '0,"Stop, he said"\n1,two\n', ["Stop, he said", "two"]),
    ("a.csv", '0,"two\r\nlines"\r\n1,three\r\n', ["two\nlines", "three"]),
    ("a.csv", '0,"He said ""hi"""\n', ['He said "hi"']),
    ("a.csv", '0,5" disks\n', ['5" disks']),
    ("a.csv", f"0,{'x' * 200_000}\n", ["x" * 200_000]),
    ("a.csv", "0,one\n\n\n1,two\n,\n", ["one", "two"]),
]


@pytest.mark.parametrize(("name", "rows", "expected"), READ)
def test_rows_are_what_they_say(tmp_path: Path, name: str, rows: str, expected: list[str]) -> None:
    header = "id\ttext\n" if name == "a.tsv" else "id,text\n"
    assert texts(tmp_path, name, header + rows) == expected


HEADERS = [
    ("a.csv", "id;text\n0;one, two\n", ["one, two"]),
    ("a.csv", "\ufeffid;text\r\n0;one\r\n", ["one"]),
    ("a.csv", "sep=;\nid;text\n0;one, two\n", ["one, two"]),
    ("a.csv", '\ufeff"sep=|"\r\nid|text\r\n0|one\r\n', ["one"]),
    ("a.csv", "id\ttext\n0\tone, two\n", ["one, two"]),
    ("a.csv", "id|text\n0|one\n", ["one"]),
    ("a.tsv", "id,text\n0,one\n", ["one"]),
    ("a.csv", '"id";"text"\n"0";"one; ""two"""\n', ['one; "two"']),
    ("a.tsv", '"id"\t"text"\n"0"\t"of two\nlines"\n', ["of two\nlines"]),
    ("a.csv", "text\none\ntwo\n", ["one", "two"]),
    ("a.csv", "id,id,text\n0,0,one\n", ["one"]),
    ("A.CSV", "id,text\n0,one\n", ["one"]),
]


@pytest.mark.parametrize(("name", "content", "expected"), HEADERS)
def test_the_first_line_tells_the_delimiter(tmp_path: Path, name: str, content: str, expected: list[str]) -> None:
    assert texts(tmp_path, name, content) == expected


SETTINGS = [
    ({"quoting": "none"}, 'id,text\n0,"one\n1,two"\n', ['"one', 'two"']),
    ({"quoting": "minimal"}, 'id\ttext\n0\t"one\ntwo"\n', ["one\ntwo"]),
    ({"delimiter": "semicolon"}, "id;text\n0;one\n", ["one"]),
    ({"delimiter": "^"}, "id^text\n0^one, two\n", ["one, two"]),
    ({"delimiter": "pipe"}, "text\none, two\n", ["one, two"]),
    ({"header": False, "text_field": "2"}, "0,one\n1,two\n", ["one", "two"]),
    ({"header": False, "text_field": "2"}, "0;one\n1;two\n", ["one", "two"]),
    ({"header": False, "text_field": "1", "delimiter": "tab"}, "one, two\nthree\n", ["one, two", "three"]),
]


@pytest.mark.parametrize(("settings", "content", "expected"), SETTINGS)
def test_settings_say_how_a_table_is_read(
    tmp_path: Path, settings: dict[str, Any], content: str, expected: list[str]
) -> None:
    name = "a.tsv" if settings.get("quoting") == "minimal" else "a.csv"
    assert texts(tmp_path, name, content, table_config(**settings)) == expected


REFUSED = [
    ("a.csv", "id,body\n1,a\n", r"line 1: no field 'text' \(fields: 'id', 'body'\); name the field with data\.text_f"),
    ("a.csv", "body\na\n", r"=1 \(or another number\) if the first row is no header, data\.table\.delimiter if"),
    ("a.csv", "0,a b\n1,c d\n", r"\(fields: '0', 'a b'\).*data\.table\.header=false .*no header$"),
    ("a.csv", "id,text,text\n0,a,b\n", r"line 1: field 'text' occurs twice"),
    ("a.csv", "id,text\n0,a\n1\n", r"line 3: 1 field, but the first line has 2"),
    ("a.csv", "id,text\n0,a,b\n", r"line 2: 3 fields, but the first line has 2"),
    ("a.tsv", 'id\ttext\n0\t"one\nof two"\n', r"line 3: 1 field, .*data\.table\.quoting=minimal"),
    ("a.tsv", 'id\ttext\tlabel\n0\t"one\n1\ttwo\ta\n', r"line 2: 2 fields, but the first line has 3"),
    ("a.csv", 'id,text\n0,a\n1,"open\n2,b\n', r"line 3: not CSV \(a quotation mark .* is never closed\); .*=none if"),
    ("a.csv", 'id,text\n0,"a" b\n', r"line 2: not CSV \('?,'? expected after"),
    ("a.csv", "id,text\n0,a\x00b\n", r"a\.csv: a NUL byte at byte 11, line 2"),
]


@pytest.mark.parametrize(("name", "content", "message"), REFUSED)
def test_a_table_that_does_not_fit_is_refused_with_its_row(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        texts(tmp_path, name, content)
    assert "\n" not in str(caught.value)


NOTED = [
    ("a.csv", 'id,text\n0,"Stop, he said\n1,two\n2,and left"\n', "1 field in quotation marks contains lines that look"),
    ("a.tsv", 'id\ttext\n0\t"Stop, he said\n', "1 field begins with a quotation mark that was taken as part"),
    ("a.csv", "id;text\n0;one\n", "1 table has another delimiter than its suffix says"),
    ("a.csv", "id,text\n0,one\n1,\n2, \n", "2 records without text were skipped"),
]


@pytest.mark.parametrize(("name", "content", "message"), NOTED)
def test_what_is_ambiguous_is_said(
    tmp_path: Path, name: str, content: str, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    texts(tmp_path, name, content)
    assert [each for each in caplog.messages if each.startswith(message)]


def test_prose_of_several_lines_is_read_without_a_word(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = "In the morning,\nwhen it rained, we stayed.\nLater, we left."
    assert texts(tmp_path, "a.csv", f'id,text\n0,"{text}"\n') == [text]
    assert caplog.messages == []
