"""Minimal pairs are read from the forms in which they are published; what is malformed is refused in one line."""

import json
from pathlib import Path

import pytest

from halo.runtime.errors import InputError
from halo.scoring.pairs.pair_files import read_pairs
from tests.conftest import data_config

BLIMP = {"sentence_good": "The dogs bark.", "sentence_bad": "The dogs barks.", "field": "syntax", "UID": "agreement"}


def write(folder: Path, **contents: str) -> Path:
    for name, content in contents.items():
        (folder / name.replace("_", ".")).write_text(content, encoding="utf-8")
    return folder


def read(path: Path, **fields: str) -> list[tuple[str, str, str]]:
    return [(each.paradigm, each.good, each.bad) for each in read_pairs(str(path), data_config(), **fields)]


def test_a_folder_of_json_lines_has_a_paradigm_in_each_record(tmp_path: Path) -> None:
    second = BLIMP | {"UID": "binding", "sentence_good": "Good."}
    write(tmp_path, a_jsonl=json.dumps(BLIMP) + "\n\n", b_jsonl=json.dumps(second), README_md="# odd\nnumber\nof lines")
    expected = [("agreement", "The dogs bark.", "The dogs barks."), ("binding", "Good.", "The dogs barks.")]
    assert read(tmp_path) == expected
    assert [each[0] for each in read(tmp_path, paradigm_field="field")] == ["syntax", "syntax"]


def test_of_alternating_lines_the_second_is_the_acceptable_one(tmp_path: Path) -> None:
    file = write(tmp_path, **{"island_txt": "where is the ways ?\r\nwhere is the way ?\r\n\r\n"}) / "island.txt"
    assert read(file) == [("island", "where is the way ?", "where is the ways ?")]


@pytest.mark.parametrize(
    ("name", "content", "fields"),
    [
        ("a.csv", "good;bad;set\nx, y;z;1\n", {}),
        ("a.tsv", "good\tbad\tset\nx, y\tz\t1\n", {"paradigm_field": "set"}),
        ("a.csv", 'id,right,wrong\n1,"x, y",z\n', {"good_field": "right", "bad_field": "wrong"}),
    ],
)
def test_two_columns_of_a_table(name: str, content: str, fields: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    ((paradigm, good, bad),) = read(tmp_path / name, **fields)
    assert (good, bad, paradigm) == ("x, y", "z", "1" if fields.get("paradigm_field") else "a")


@pytest.mark.parametrize(
    ("name", "content", "fields", "message"),
    [
        ("a.jsonl", '{"good": "x", "worse": "y"}', {}, r"a.jsonl, line 1: no field 'sentence_bad' or 'bad' \(fields:"),
        ("a.jsonl", '{"good": "x", "bad": 3}', {}, "a.jsonl, line 1: 'bad' is '3', not text"),
        ("a.jsonl", '{"good": "x", "bad": "y"}', {"paradigm_field": "uid"}, "no field 'uid'.*paradigm_field"),
        ("a.csv", "good,text\nx,y\n", {}, "a.csv, line 1: no field 'sentence_bad' or 'bad'"),
        ("a.csv", "good,good,bad\nx,y,z\n", {}, "the field 'good' occurs twice"),
        ("a.csv", "good,bad\n", {}, "contains no pairs"),
        ("a.txt", "one\ntwo\nthree\n", {}, "a.txt: 3 lines, an odd number; lines alternate"),
        ("a.txt", "one\ntwo\n", {"good_field": "x"}, "has no fields"),
        ("a.txt", "", {}, "contains no pairs"),
        ("b.txt", "", {}, "pairs=.*a.txt: no such file"),
    ],
)
def test_what_is_malformed_is_refused_in_one_line(
    name: str, content: str, fields: dict[str, str], message: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=message) as error:
        read(tmp_path / name.replace("b", "a"), **fields)
    assert "\n" not in str(error.value)
