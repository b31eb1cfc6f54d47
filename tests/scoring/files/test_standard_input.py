"""Standard input is read as lines, a table or JSON Lines."""

import io
import os
import sys

import pytest

from halo.corpus.sources.lines import ReadLog
from halo.runtime.errors import InputError
from halo.scoring.files.items import Items, chunks, open_items
from tests.conftest import data_config


def read(text: str, monkeypatch: pytest.MonkeyPatch, text_field: str = "auto") -> Items:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(text.encode())), encoding="utf-8"))
    return open_items("-", text_field=text_field, config=data_config(), read_log=ReadLog())


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("The dog.\nA, cat\n", "auto", [("The dog.", {}), ("A, cat", {})]),
        ("\ufeff{braces}\n", "auto", [("{braces}", {})]),
        ("id,s\n1,a b\n", "s", [("a b", {"id": "1"})]),
        ("id\ts\n1\ta b\n", "s", [("a b", {"id": "1"})]),
        ('{"s": "a b", "id": 1}\n', "s", [("a b", {"id": 1})]),
        ('{"s": "a b", "id": 1}\n', "auto", [("a b", {"id": 1})]),
    ],
)
def test_the_kind_is_recognised(
    text: str, field: str, expected: list[tuple[str, dict[str, object]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [(item.text, item.columns) for item in read(text, monkeypatch, field).rows] == expected


def test_empty_and_closed_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="path=-: contains no text"):
        read("", monkeypatch)
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="standard input is closed"):
        open_items("-", text_field="auto", config=data_config(), read_log=ReadLog())


def test_lines_are_there_as_soon_as_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    monkeypatch.setattr(sys, "stdin", os.fdopen(reading, encoding="utf-8"))
    with os.fdopen(writing, "wb", buffering=0) as written:
        written.write(b"one\n")
        found = chunks(open_items("-", text_field="auto", config=data_config(), read_log=ReadLog()))
        assert [item.text for item in next(found)] == ["one"]
        written.write("two\nthré".encode()[:-1])  # in the middle of a character
        assert [item.text for item in next(found)] == ["two"]
        written.write("é\n".encode()[1:])
    assert [item.text for chunk in found for item in chunk] == ["thré"]
    sys.stdin.close()
