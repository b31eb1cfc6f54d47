"""Stops: words are whole words, strings are found across the borders of tokens."""

import pytest

from halo.generation.stopping import Stops
from halo.tokenization.tokenizer import TextTokenizer

TEXT = "the other day there was rain. it ended"


def trained(kind: str) -> TextTokenizer:
    return TextTokenizer.train([TEXT], kind=kind, min_count=1, max_size=270 if kind == "bpe" else None)


@pytest.mark.parametrize("kind", ["word", "whitespace", "char", "bpe"])
def test_a_text_ends_with_the_string(kind: str) -> None:
    tokenizer = trained(kind)
    stops = Stops(tokenizer, ["day there"])
    ids = tokenizer.encode(TEXT)
    ends = [length for length in range(len(ids) + 1) if stops.end(ids[:length])]
    assert tokenizer.decode(ids[: ends[0]]).startswith("the other day there")
    assert len(tokenizer.decode(ids[: ends[0]])) < len("the other day there was")


def test_a_word_is_not_found_in_another() -> None:
    tokenizer = trained("word")
    assert [Stops(tokenizer, ["the"]).end(tokenizer.encode(text)) for text in ("the", "other", "there")] == [
        *(True, False, False)
    ]


@pytest.mark.parametrize("kind", ["word", "bpe"])
def test_the_end_of_a_paragraph_stops(kind: str) -> None:
    tokenizer = trained(kind)
    stops = Stops(tokenizer, ["<eos>", "rain"])
    assert stops.end([*tokenizer.encode("it"), tokenizer.eos_id])
    assert not stops.end(tokenizer.encode("it"))
    assert stops.never == []


def test_a_string_with_unknown_words_is_never_written() -> None:
    assert Stops(trained("word"), ["zebra", "it"]).never == ["zebra"]
    assert not Stops(trained("word"), ["zebra"]).end([])
