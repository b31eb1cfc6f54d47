"""Records: which fields are text, title and label, and what is refused."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from halo.corpus.sources.lines import ReadLog
from halo.corpus.sources.records import WITHOUT_TEXT, make_record, require_fields
from halo.runtime.errors import InputError
from tests.conftest import data_config
from tests.corpus.sources.test_formats import read


def test_a_record_without_text_is_skipped_and_counted() -> None:
    read_log = ReadLog()
    assert list(make_record("a.jsonl, line 1", {"text": " \n"}, data_config(), read_log)) == []
    assert read_log.counts == {WITHOUT_TEXT: 1}


def test_a_missing_field_is_named_with_those_that_exist() -> None:
    with pytest.raises(
        InputError, match=r"^a, line 1: no field 'text' \(fields: none\); name the field with data\.text"
    ):
        require_fields([], "a, line 1", data_config())


def test_fields_are_chosen_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"body": "one\\r\\ntwo", "head": "Title", "kind": 3, "text": 5}\n{"body": "three", "head": null, "kind": null}'
    )
    config = replace(data_config(), text_field="body", title_field="head", label_field="kind")
    found = [(document.text, document.label) for document in read(tmp_path / "a.jsonl", config)]
    assert found == [("Title\n\none\ntwo", "3"), ("three", "")]


def test_the_label_is_the_register_or_else_the_label(tmp_path: Path) -> None:
    records = [{"text": "a", "register": "news", "label": "x"}, {"text": "b", "label": 0}, {"text": "c"}]
    (tmp_path / "a.jsonl").write_text("\n\n".join(map(json.dumps, records)))
    assert [document.label for document in read(tmp_path / "a.jsonl")] == ["news", "0", ""]


def test_a_named_field_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\none\n")
    for key, config in {
        "title_field": replace(data_config(), title_field="topic"),
        "label_field": replace(data_config(), label_field="topic"),
    }.items():
        with pytest.raises(InputError, match=rf"line 1: no field 'topic' \(fields: 'text'\); name .* data\.{key}"):
            read(tmp_path / "a.csv", config)


@pytest.mark.parametrize("value", [[0, 1], {"a": 1}, []])
def test_a_label_that_cannot_be_used_is_ignored_unless_it_was_asked_for(
    tmp_path: Path, value: object, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(json.dumps({"text": text, "register": value, "label": "x"}) for text in "ab"))
    assert [document.label for document in read(file)] == ["x", "x"]
    assert caplog.messages[0].startswith("2 values of 'register' are no text and were ignored (data.label_")
    assert [document.label for document in read(file, replace(data_config(), label_field=None))] == ["", ""]
    with pytest.raises(
        InputError, match=r"line 1: 'register' is an? \w+; a label must be .*data\.label_field=null for"
    ):
        read(file, replace(data_config(), label_field="register"))


def test_separators_divide_the_text_of_a_record(tmp_path: Path) -> None:
    record = {"text": "one<|endoftext|>two<|endoftext|>", "label": "x", "title": "T"}
    (tmp_path / "a.jsonl").write_text(json.dumps(record))
    found = read(tmp_path / "a.jsonl", replace(data_config(), title_field="title"))
    assert [(document.text, document.label) for document in found] == [("T\n\none", "x"), ("two", "x")]


def test_characters_in_escapes_are_repaired_too(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "It\\u0092s"}')
    assert [document.text for document in read(tmp_path / "a.jsonl")] == ["It’s"]
