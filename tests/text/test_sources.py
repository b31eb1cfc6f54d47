"""Reading files: what is a document, and what is refused, with its place."""

import json
from pathlib import Path

import pytest

from halo.errors import InputError
from halo.text.sources import read_documents


def test_a_text_file_is_one_document(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfcaf\xc3\xa9\r\n")
    (document,) = read_documents(str(tmp_path / "a.txt"))
    assert document.text == "café\r\n"
    assert document.label == ""


def test_json_lines_are_one_document_each_with_their_register(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    records = [{"text": "one", "register": "news"}, {"text": "two", "label": "x"}, {"text": " "}, {"text": "three"}]
    file.write_text("\n\n".join(map(json.dumps, records)))
    assert [(d.text, d.label) for d in read_documents(str(file))] == [("one", "news"), ("two", "x"), ("three", "")]


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("last")
    (tmp_path / "b.jsonl").write_text('{"text": "first"}')
    (tmp_path / "ignored.pdf").write_bytes(b"\x00")
    assert [document.text for document in read_documents(str(tmp_path))] == ["first", "last"]


def test_the_bundled_corpus_is_what_its_card_says() -> None:
    documents = read_documents("bundled:covid_discussions.jsonl")
    assert len(documents) == 150
    assert sum(len(document.text.split()) for document in documents) == 228_765
    assert len({document.label for document in documents}) == 7


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("bad.txt", b"good \xff bad", r"bad\.txt: not UTF-8 at byte 5 \(0xff\)"),
        ("empty.txt", b" \n ", r"no text in it"),
        ("bad.jsonl", b'{"text": "fine"}\n{broken', r"bad\.jsonl, line 2: not JSON"),
        ("list.jsonl", b"[1]", r"list\.jsonl, line 1: no \"text\""),
        ("number.jsonl", b'{"text": 5}', r"number\.jsonl, line 1: no \"text\""),
        ("deep.jsonl", b"[" * 100_000, r"deep\.jsonl, line 1: not JSON"),
        ("picture.png", b"", r"files of kind '\.png' are not read"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_documents(str(tmp_path / name))


def test_a_missing_path_and_a_folder_without_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        read_documents(str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="a folder without"):
        read_documents(str(tmp_path))
