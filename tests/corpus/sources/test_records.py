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
