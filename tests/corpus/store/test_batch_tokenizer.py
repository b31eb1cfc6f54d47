"""What the workers make of texts: the draft gives back the cleaned text, whatever it is, and memory has a bound."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.corpus.cleaning.pipeline import clean
from halo.corpus.store import word_table
from halo.corpus.store.batch_tokenizer import BatchTokenizer
from halo.corpus.store.document_table import DocumentMetadata
from halo.corpus.store.token_store import TokenStore
from halo.corpus.store.word_table import GLUED, PARAGRAPH_END, WordTable
from halo.tokenization.token_rules import word_splitter
from tests.conftest import data_config

TEXTS = st.lists(st.text() | st.text(st.sampled_from("aB9.,-'\"%£(\n é<>&@")), min_size=1, max_size=4)


def store_of(texts: list[str], folder: Path, *, kind: Any = "word") -> TokenStore:
    config = data_config()
    config = replace(config, tokenizer=replace(config.tokenizer, kind=kind))
    store = TokenStore(folder, config)
    processor = BatchTokenizer(config, lines_are_paragraphs=False)
    for number, text in enumerate(texts):
        store.add([DocumentMetadata(f"file {number}", "news", "", continues=False)], processor([text]))
    store.make_readable()
    return store


@pytest.mark.parametrize("kind", ["word", "whitespace"])
@given(texts=TEXTS)
def test_a_store_gives_back_the_cleaned_text(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], kind: str
) -> None:
    with store_of(texts, tmp_path_factory.mktemp("store"), kind=kind) as store:
        for number, text in enumerate(texts):
            assert store.text(number) == clean(text, data_config().cleaning)
            assert store.documents.source(number) == f"file {number}"


def test_a_store_is_gone_when_it_is_closed(tmp_path: Path) -> None:
    with store_of(["some text"], tmp_path):
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())


@given(st.lists(st.sampled_from(["one", "two-", "(three),", "U.S.", "£4m", "é", PARAGRAPH_END]), max_size=30))
def test_a_word_is_cut_and_hashed_once(words: list[str]) -> None:
    asked: list[str] = []

    def cut(word: str) -> list[str]:
        asked.append(word)
        return word_splitter("word")(word)

    table = WordTable(cut)
    numbers = table.numbers(words)
    tokens, counts = table.tokens(numbers)
    strings = table.token_strings()
    assert sorted(asked) == sorted({*words} - {PARAGRAPH_END})
    told = [("" if token >= GLUED else " ") + strings[int(token) & ~GLUED] for token in tokens]
    assert "".join(told) == "".join(f" {word}" for word in words)
    assert counts.sum() == len(tokens)
    assert (table.hashes(numbers) == 0).tolist() == [word == PARAGRAPH_END for word in words]


def test_a_full_table_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_table, "MAX_WORDS", 10)
    table = WordTable(word_splitter("word"))
    for batch in range(5):
        table.make_room()
        words = [f"w{batch}x{i}" for i in range(8)]
        tokens, _ = table.tokens(table.numbers(words))
        strings = table.token_strings()
        assert [strings[token] for token in tokens] == words
        assert len(strings) <= 20


def test_examples_are_lines_that_cleaning_changed_and_say_by_which_step() -> None:
    text = "plain line.\nMail me@example.org!\nA <b>bold</b> word.\nnothing  here\nCafe\u0301 here"
    processed = BatchTokenizer(data_config(), lines_are_paragraphs=False)([text, "Only Case."])
    assert [(example.before, example.after) for example in processed.cleaning_examples] == [
        ("Mail me@example.org!", "mail <email>!"),
        ("A <b>bold</b> word.", "a bold word."),
        ("Cafe\u0301 here", "café here"),
        ("Only Case.", "only case."),
    ]
    assert processed.cleaning_examples[1].steps[0] == "html"
    assert processed.cleaning_counts["emails"] == 1
    assert processed.cleaning_counts["html"] == 2


def test_each_line_is_a_paragraph_where_there_are_too_few() -> None:
    few, enough = "a b\nc d\ne f", "a b\nc d\n\ne\n\nf"
    for lines_are_paragraphs, expected in ((False, [1, 3]), (True, [3, 3])):
        processed = BatchTokenizer(data_config(), lines_are_paragraphs=lines_are_paragraphs)([few, enough])
        assert processed.signatures.num_paragraphs.tolist() == expected
        assert processed.num_raw_paragraphs == [1, 3]
        assert int((processed.token_numbers == 0).sum()) == sum(expected)
        assert processed.lengths.sum() == len(processed.token_numbers)


def test_signatures_are_made_of_words_not_of_paragraph_ends() -> None:
    processed = BatchTokenizer(data_config(), lines_are_paragraphs=False)(["one two\n\nthree", "", "four"])
    assert processed.signatures.document_words.tolist() == [3, 0, 1]
    assert processed.signatures.num_paragraphs.tolist() == [2, 0, 1]
    assert np.array_equal(processed.lengths, [5, 0, 2])
