"""The word table: words are split once, tokens are numbered, and memory is bounded."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.corpus.dedup.shingles import hashes_of_word
from halo.corpus.store import word_table
from halo.corpus.store.word_table import GLUED, PARAGRAPH_END, WordTable, without_glue
from halo.tokenization.token_rules import word_splitter


def test_the_bit_for_glued_tokens_is_removed() -> None:
    assert without_glue(np.array([0, 5, 5 | GLUED], dtype=np.uint32)).tolist() == [0, 5, 5]


@given(
    st.lists(
        st.sampled_from(["one", "two-", "(three),", "U.S.", "£4m", "é", "手机，", "acgt" * 20, PARAGRAPH_END]),
        max_size=30,
    )
)
def test_a_word_is_split_and_hashed_once(words: list[str]) -> None:
    asked: list[str] = []

    def split(word: str) -> list[str]:
        asked.append(word)
        return word_splitter("word")(word)

    table = WordTable(split)
    numbers = table.numbers(words)
    tokens, counts = table.tokens(numbers)
    strings = table.token_strings()
    assert sorted(asked) == sorted({*words} - {PARAGRAPH_END})
    parts = [("" if token >= GLUED else " ") + strings[int(token) & ~GLUED] for token in tokens]
    assert "".join(parts) == "".join(f" {word}" for word in words)
    assert counts.sum() == len(tokens)
    hashes, counts = table.unit_hashes(numbers)
    expected = [[] if word == PARAGRAPH_END else hashes_of_word(word) for word in words]
    assert hashes.tolist() == [each for of_word in expected for each in of_word]
    assert counts.tolist() == list(map(len, expected))


def test_a_full_table_is_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_table, "MAX_WORDS", 10)
    table = WordTable(word_splitter("word"))
    for batch in range(5):
        table.make_room()
        words = [f"w{batch}x{i}" for i in range(8)]
        tokens, _ = table.tokens(table.numbers(words))
        strings = table.token_strings()
        assert [strings[token] for token in tokens] == words
        assert len(strings) <= 20
