"""The token store: it reproduces the cleaned text, whole or in blocks, and removes its files."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.corpus.cleaning.pipeline import clean
from halo.corpus.store import token_store
from halo.corpus.store.batch_tokenizer import BatchTokenizer
from halo.corpus.store.document_table import DocumentMetadata
from halo.corpus.store.token_store import TokenStore
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


def test_blocks_are_whole_paragraphs_and_grow_where_one_is_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_store, "BLOCK_TOKENS", 4)
    texts = ["one\n\ntwo three\n\n" + "long " * 20 + "\n\nend", "other"]
    with store_of(texts, tmp_path) as store:
        blocks = list(store.blocks(store.span(0)))
        assert len(blocks) > 2
        assert all(block[-1] == 0 for block in blocks)
        assert [line for block in blocks for line in store.paragraphs(block)] == store.text(0).split("\n\n")


def test_a_document_in_pieces_is_one_document(tmp_path: Path) -> None:
    tokenize = BatchTokenizer(data_config(), lines_are_paragraphs=False)
    with TokenStore(tmp_path, data_config()) as store:
        for number, piece in enumerate(["one two", "three", "four"]):
            store.add([DocumentMetadata("book", "", "", continues=number > 0)], tokenize([piece]))
        store.make_readable()
        assert len(store) == 1
        assert store.text(0) == "one two\n\nthree\n\nfour"
        assert store.num_characters == len("one twothreefour")
