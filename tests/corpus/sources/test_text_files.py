"""Text files -> documents: files, parts between separators, paragraphs, lines."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import halo.corpus.sources.text_files as text_files_module
from halo.runtime.errors import InputError
from tests.conftest import data_config
from tests.corpus.sources.test_formats import read

STORIES = "one\n\nmore of one\n<|endoftext|>\ntwo\n<|endoftext|>three<|endoftext|>\n\n<|endoftext|>\nfour"


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ("file", ["one\n\nmore of one", "two", "three", "four"]),
        ("paragraph", ["one", "more of one", "two", "three", "four"]),
        ("line", ["one", "more of one", "two", "three", "four"]),
        ("every_line", ["one", "", "more of one", "two", "three", "", "four"]),
    ],
)
def test_separators_divide_a_text_and_are_no_part_of_it(
    tmp_path: Path, documents: Any, expected: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "a.txt"
    file.write_text(STORIES)
    found = read(file, replace(data_config(), documents=documents))
    assert [document.text.strip() for document in found] == expected
    assert not any(document.continues for document in found)
    assert len({document.source for document in found}) == len(found)
    (message,) = caplog.messages
    assert message.startswith("4 document separators divide the text")
    assert message.endswith("a.txt, line 4")


def test_a_text_without_separators_keeps_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\n\ntwo")
    (document,) = read(tmp_path / "a.txt")
    assert document.source == str(tmp_path / "a.txt")


def test_rules_are_mentioned_where_they_may_separate_documents(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one\n%%%%\ntwo\n%%%%\nthree\n%%%%\nfour")
    assert len(read(file)) == 1
    (message,) = caplog.messages
    assert message.startswith("3 lines such as ===== are read as text")
    assert len(read(file, replace(data_config(), document_separator="%%%%"))) == 4


def test_a_paragraph_has_a_limit_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_files_module, "MAX_PARAGRAPH_CHARACTERS", 100)
    (tmp_path / "a.txt").write_text("\n" + "0123456789\n" * 10)
    with pytest.raises(InputError, match=r"a\.txt, line 2: a paragraph of more than 100 characters; set data\.doc"):
        read(tmp_path / "a.txt", replace(data_config(), documents="paragraph"))
    assert len(read(tmp_path / "a.txt", replace(data_config(), documents="line"))) == 10


def test_a_long_file_comes_in_pieces_that_end_with_paragraphs_and_not_in_markup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_files_module, "PIECE_CHARACTERS", 40)
    monkeypatch.setattr(text_files_module, "MAX_PIECE_CHARACTERS", 200)
    paragraph, comment, lines = "a paragraph of " + "x" * 30, "b <!-- hidden\n\nstill hidden --> c", "line\n" * 60
    file = tmp_path / "a.txt"
    file.write_text("\n\n".join([paragraph, paragraph, f"{'y' * 30} {comment}", lines]))
    found = read(file)
    assert [document.continues for document in found] == [False, *[True] * (len(found) - 1)]
    pieces = [document.text.strip("\n") for document in found]
    assert pieces[:3] == [paragraph, paragraph, f"{'y' * 30} {comment}"]
    assert all(len(piece) <= 205 for piece in pieces[3:])
    assert "\n".join(pieces[3:]) == lines.strip()


def test_a_separator_within_a_long_text_begins_another_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(text_files_module, "PIECE_CHARACTERS", 10)
    (tmp_path / "a.txt").write_text("a long one\n\nin pieces\n<|endoftext|>\nanother one\n\nin pieces\n")
    with caplog.at_level(logging.WARNING):
        found = read(tmp_path / "a.txt")
    assert [document.continues for document in found] == [False, True, False, True]
