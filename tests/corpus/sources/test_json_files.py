"""JSON files -> documents: lines, arrays, columns, and files with the wrong suffix."""

import json
from pathlib import Path

import pytest

import halo.corpus.sources.json_files as json_files_module
from halo.runtime.errors import InputError
from tests.corpus.sources.test_formats import read

RECORDS = [{"text": "one", "label": "a"}, {"text": "two", "label": "b"}]
LINES = "\n".join(map(json.dumps, RECORDS))

FORMS = [
    ("a.json", json.dumps(RECORDS)),
    ("a.json", json.dumps(RECORDS, indent=2)),
    ("a.json", json.dumps({"text": ["one", "two"], "label": ["a", "b"]})),
    ("a.json", json.dumps({"text": {"0": "one", "1": "two"}, "label": {"0": "a", "1": "b"}})),
    ("a.json", LINES),
    ("a.json", LINES + "\n"),
    ("a.jsonl", LINES),
    ("a.ndjson", LINES),
    ("A.JSONL", LINES),
]


@pytest.mark.parametrize(("name", "content"), FORMS)
def test_every_form_gives_the_same_documents(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    found = read(tmp_path / name)
    assert [(document.text, document.label) for document in found] == [("one", "a"), ("two", "b")]
    assert len({document.source for document in found}) == 2


def test_texts_alone_and_a_single_object_are_documents(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('["one", "two"]')
    assert [document.text for document in read(tmp_path / "a.json")] == ["one", "two"]
    (tmp_path / "a.json").write_text('{\n "text": "one"\n}')
    assert [document.text for document in read(tmp_path / "a.json")] == ["one"]


REFUSED = [
    ("a.json", "[1]", r"a\.json, item 1: not a JSON object \(a int\)"),
    ("a.json", '[{"text": "a"}, {"body": "b"}]', r"a\.json, item 2: no field 'text' \(fields: 'body'\)"),
    ("a.json", '{"data": [{"text": "a"}]}', r"a\.json, item 1: no field 'text' \(fields: 'data'\)"),
    ("a.json", '{"text": ["a"], "label": []}', r"columns of different lengths \('text': 1, 'label': 0\)"),
    ("a.json", '[{"text": "a"},', r"a\.json: not JSON \(Expecting value.*\); give an array of objects"),
    ("a.json", "5", r"a\.json: a int; give an array of objects such as"),
    ("a.json", "[" * 100_000, r"a\.json: not JSON"),
    ("a.jsonl", '[{"text": "a"}]', r"line 1: not a JSON object \(a list\); .*; name a file with an array \.json$"),
    ("a.jsonl", '[\n{"text": "a"}]', r"line 1: not a JSON object \(Expecting value.*name a file with an array \.json$"),
]


@pytest.mark.parametrize(("name", "content", "message"), REFUSED)
def test_other_json_is_refused_in_one_line(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_file_that_would_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_files_module, "MAX_JSON_CHARACTERS", 20)
    (tmp_path / "a.json").write_text(json.dumps(RECORDS))
    with pytest.raises(InputError, match=r"more than 20 characters of JSON; convert it to JSON Lines.*`jq -c"):
        read(tmp_path / "a.json")
