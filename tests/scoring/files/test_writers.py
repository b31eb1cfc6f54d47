"""Rows survive every format, and a file appears only when it is complete."""

import contextlib
import csv
import json
from pathlib import Path

import pytest

from halo.runtime.errors import InputError
from halo.scoring.files.writers import DelimitedWriter, open_output

NAMES = ["word", "bits", "known", "other"]
TYPES = {"word": str, "bits": float, "known": bool}
ROWS: list[dict[str, object]] = [
    {"word": '"The', "bits": 1 / 3, "known": True, "other": "a,\tb\nc"},
    {"word": "d", "bits": None, "known": None, "other": None},
    {"word": "😀", "other": "x"},
]


def write(file: Path, tool: str = "halo") -> Path:
    with open_output(str(file), NAMES, TYPES, tool=tool) as writer:
        writer.write(ROWS[:2])
        writer.write(ROWS[2:])
    return file


@pytest.mark.parametrize(("ending", "delimiter"), [(".csv", ","), (".TSV", "\t")])
def test_tables_are_read_as_they_were_written(ending: str, delimiter: str, tmp_path: Path) -> None:
    with write(tmp_path / f"new/a{ending}").open(encoding="utf-8", newline="") as lines:
        rows = [*csv.reader(lines, delimiter=delimiter)]
    assert rows == [NAMES, ['"The', "0.3333333", "true", "a,\tb\nc"], ["d", "", "", ""], ["😀", "", "", "x"]]


def test_json_lines_have_null_for_no_value(tmp_path: Path) -> None:
    lines = write(tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0]) == {**ROWS[0], "bits": 0.3333333}
    assert json.loads(lines[2]) == {"word": "😀", "bits": None, "known": None, "other": "x"}


def test_parquet_has_the_types_of_the_columns(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(write(tmp_path / "a.parquet"))
    assert table.to_pylist() == [{name: row.get(name) for name in NAMES} for row in ROWS]
    with open_output(str(tmp_path / "b.parquet"), NAMES, TYPES, tool="halo"):
        pass
    assert parquet.read_table(tmp_path / "b.parquet").num_rows == 0
    with (
        pytest.raises(InputError, match=r"values of different types.*write .jsonl"),
        open_output(str(tmp_path / "c.parquet"), NAMES, TYPES, tool="halo") as writer,
    ):
        writer.write([{"other": 1}, {"other": "a"}])
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.parquet", "b.parquet"]


def test_other_tools_have_their_own_delimiters(tmp_path: Path) -> None:
    lines = write(tmp_path / "a.txt", "neural-complexity").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "word bits known other"
    assert lines[-1] == "😀 NA NA x"
    assert write(tmp_path / "b.txt", "lm-zoo").read_text(encoding="utf-8").startswith("word\tbits\tknown\tother\n")


def test_a_file_is_replaced_only_when_the_new_one_is_complete(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("old")
    with contextlib.suppress(KeyError), open_output(str(file), NAMES, TYPES, tool="halo") as writer:
        writer.write(ROWS)
        raise KeyError
    assert file.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]
    write(file)
    assert file.read_text().startswith("word,bits")


def test_folders_and_unwritable_places_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    with (
        pytest.raises(InputError, match="is a folder; give a file in it"),
        open_output(str(tmp_path / "a.csv"), NAMES, TYPES, tool="halo"),
    ):
        pass
    (tmp_path / "file").touch()
    with (
        pytest.raises(InputError, match="cannot be written"),
        open_output(str(tmp_path / "file/a.csv"), NAMES, TYPES, tool="halo"),
    ):
        pass


def test_lines_go_where_they_are_written() -> None:
    lines: list[str] = []
    DelimitedWriter(["a"], lines.append, delimiter="\t").write([{"a": 1}])
    assert lines == ["a\n1\n"]
