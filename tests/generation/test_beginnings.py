"""Prompts come from the text itself."""

import numpy as np
import pytest

from halo.generation.beginnings import frequent_beginnings
from halo.tokenization.tokenizer import TextTokenizer

PARAGRAPHS = [
    "The cat sleeps.",
    "a dog barks",
    "the cat eats",
    "12 , 13",
    "zyzzyva runs",
    "a zyzzyva",
    "a dog eats",
    "the cat",
    "x",
]


@pytest.mark.parametrize("kind", ["word", "whitespace", "char"])
def test_the_most_frequent_first_words_come_first(kind: str) -> None:
    known = [each.lower() for each in PARAGRAPHS if "zyzzyva" not in each]
    max_size = None
    tokenizer = TextTokenizer.train([*known, "the cat"], kind=kind, min_count=1, max_size=max_size)
    ids = [i for text in PARAGRAPHS for i in [*tokenizer.encode(text.lower()), tokenizer.eos_id]]
    assert frequent_beginnings(np.array(ids, dtype=np.uint16), tokenizer) == ["the cat", "a dog"]


@pytest.mark.parametrize("text", ["", "zyzzyva zyzzyva", ". . ."])
def test_a_text_without_usable_beginnings_has_none(text: str) -> None:
    tokenizer = TextTokenizer.train(["the cat . . ."], kind="word", min_count=1, max_size=None)
    assert frequent_beginnings(np.array(tokenizer.encode(text), dtype=np.uint16), tokenizer) == []
