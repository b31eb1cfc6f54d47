"""Texts are read from files of many kinds, with all other columns and exactly as they stand there."""

import gzip
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from halo.corpus.sources.lines import ReadLog
from halo.runtime.errors import InputError
from halo.scoring.files.items import Items, open_items, text_items
from tests.conftest import data_config


def read(path: Path | str, text_field: str = "auto", *, header: bool = True) -> Items:
    config = replace(data_config(), table=replace(data_config().table, header=header))
    return open_items(str(path), text_field=text_field, config=config, read_log=ReadLog())


def write(file: Path, content: str | bytes) -> Path:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def test_each_line_of_a_text_file_is_a_text(tmp_path: Path) -> None:
    items = read(write(tmp_path / "a.txt", "The dog.\r\n\r\n\ta  cat \n"))
    assert items.names == []
    assert [(item.text, item.location.rpartition(" ")[2]) for item in items.rows] == [
        *(("The dog.", "1"), ("", "2"), ("\ta  cat ", "3")),
    ]


TABLE = 'id,sentence,rt\n1,"The dog, ""Rex"", barked.",3.5\n2,A cat sat.,\n3,,1\n'
ROWS = [
    ('The dog, "Rex", barked.', {"id": "1", "rt": "3.5"}),
    ("A cat sat.", {"id": "2", "rt": ""}),
    ("", {"id": "3", "rt": "1"}),
]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_the_column_of_the_text_is_found_and_the_others_kept(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    content = TABLE.encode("utf-8-sig")
    with caplog.at_level(logging.INFO):
        items = read(write(tmp_path / name, gzip.compress(content) if name.endswith(".gz") else content))
    assert (items.text_field, items.names) == ("sentence", ["id", "rt"])
    assert [(item.text, item.columns) for item in items.rows] == ROWS
    assert "text_field=sentence" in caplog.text
    assert "'id', 'sentence', 'rt'" in caplog.text


def test_other_tables_and_json_have_the_same_rows(tmp_path: Path) -> None:
    records = '{"id": 1, "sentence": "The dog.\\r\\nRex", "more": [1]}\n\n{"sentence": null, "id": 2, "more": null}\n'
    for name, content in (("a.jsonl", records), ("b.json", f"[{records.strip().replace(chr(10) * 2, ',')}]")):
        items = read(write(tmp_path / name, content))
        expected = [("The dog.\r\nRex", {"id": 1, "more": [1]}), ("", {"id": 2, "more": None})]
        assert [(item.text, item.columns) for item in items.rows] == expected
    columns = read(write(tmp_path / "c.json", '{"n": [1, 2], "sentence": ["a b", "c d"]}'))
    assert [(item.text, item.columns) for item in columns.rows] == [("a b", {"n": 1}), ("c d", {"n": 2})]
    items = read(write(tmp_path / "d.tsv", TABLE.replace(",", "\t")), "sentence")
    assert items.names == ["id", "rt"]
    semicolons = read(write(tmp_path / "e.csv", "id;sentence\n1;a b\n"))
    assert [(item.text, item.columns) for item in semicolons.rows] == [("a b", {"id": "1"})]


def test_parquet_keeps_its_columns(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table({"n": [1, 2], "text": ["a b", None], "x": [0.5, None]})
    parquet.write_table(table, tmp_path / "a.parquet")
    items = read(tmp_path / "a.parquet")
    assert [(item.text, item.columns) for item in items.rows] == [
        ("a b", {"n": 1, "x": 0.5}),
        ("", {"n": 2, "x": None}),
    ]


def test_columns_of_the_same_name_are_numbered(tmp_path: Path) -> None:
    items = read(write(tmp_path / "a.csv", "text,x,x,\na b,1,2,3\n"))
    assert [item.columns for item in items.rows] == [{"x": "1", "x_2": "2", "": "3"}]


def test_a_table_without_header_has_numbers(tmp_path: Path) -> None:
    items = read(write(tmp_path / "a.csv", "1,a b\n2,c d\n"), header=False)
    assert [(item.text, item.columns) for item in items.rows] == [("a b", {"1": "1"}), ("c d", {"1": "2"})]


@pytest.mark.parametrize(
    ("name", "content", "field", "message"),
    [
        ("a.txt", "", "auto", "contains no text"),
        ("a.csv", "id,text\n", "auto", "contains no text"),
        ("a.txt", "a b", "text", "text_field=text: .*has no columns"),
        ("a.csv", "a,b\nx y,x y\n", "auto", r"several columns may hold the texts \('a', 'b'\); name .* text_field"),
        ("a.csv", "text,sentence\nx y,x y\n", "auto", "several columns may hold the texts"),
        ("a.csv", "id,rt\n1,2\n", "auto", r"no column holds sentences; .*\(columns: 'id', 'rt'\)"),
        ("a.csv", "id,rt\n1,2\n", "text", r"no column 'text' \(columns: 'id', 'rt'\)"),
        ("a.jsonl", '{"text": 5}', "auto", "line 1: 'text' is of type int"),
        ("a.jsonl", '{"text": "a\\u0000b"}', "auto", "U\\+0000"),
        ("a.jsonl", "[1]", "auto", "not a JSON object"),
        ("a.txt", b"a\x00b\n", "auto", "a NUL byte"),
        ("a.txt", b"caf\xe9 noir\n", "auto", "not UTF-8"),
        ("a.csv", "id,text\n1,a,b\n", "auto", "3 fields, but the first line has 2"),
        ("a.xlsx", b"PK", "auto", "save as .csv"),
    ],
)
def test_unusable_files_are_refused_in_one_line(
    name: str, content: str | bytes, field: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        [*read(write(tmp_path / name, content), field).rows]
    assert "\n" not in str(caught.value)


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "none.csv")
    with pytest.raises(InputError, match="is a folder; give one file"):
        read(tmp_path)
    write(tmp_path / "a.txt", "a")
    write(tmp_path / "b.txt", "b")
    with pytest.raises(InputError, match="names 2 files"):
        read(f"{tmp_path}/*.txt")


def test_a_field_that_only_late_records_have_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halo.scoring.files.items.SAMPLE_ROWS", 1)
    file = write(tmp_path / "a.jsonl", '{"text": "a b"}\n{"text": "c", "new": 1}\n')
    with pytest.raises(InputError, match="line 2: has 'new', which none of the first 1 records has"):
        [*read(file).rows]


def test_a_single_text_is_an_item() -> None:
    assert [item.text for item in text_items("a\tb").rows] == ["a\tb"]
