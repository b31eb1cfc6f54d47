"""Spans of paragraphs: adjacent ones are joined, and words are counted."""

from pathlib import Path

import pytest

from halo.corpus.splits.paragraph_spans import ParagraphSpans
from halo.corpus.store import token_store
from tests.corpus.store.test_token_store import store_of


def test_spans_read_back_the_chosen_paragraphs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_store, "BLOCK_TOKENS", 3)
    lines = ["one", "two, two", "three three (three)", "four"]
    with store_of(["before", "\n\n".join(lines)], tmp_path) as store:
        spans = ParagraphSpans(store, 1)
        assert spans.words.tolist() == [1, 2, 3, 1]
        assert len(spans) == 4
        chosen = spans.spans_of([0, 1, 3])
        assert len(chosen) == 2
        assert [line for span in chosen for line in store.paragraphs(store.read(span))] == [*lines[:2], lines[3]]
        assert spans.spans_without(frozenset({2})) == chosen
        assert spans.spans_without(frozenset()) == [store.span(1)]
