"""Counts of a text."""

import numpy as np

from halo.corpus.text_counts import TextCounts, count_text
from halo.tokenization.oov_cost import OOVCost
from halo.tokenization.tokenizer import TextTokenizer


def test_words_characters_and_unknown_tokens_are_counted() -> None:
    tokenizer = TextTokenizer.train(["one two ."], kind="word", min_count=1, max_size=None)
    texts = ["one two.\n\ntwo", "three"]
    ids = [tokenizer.encode(text) for text in ("one two.", "two", "three")]
    flat = np.array([token for each in ids for token in [*each, tokenizer.eos_id]])
    counts = count_text(texts, flat.astype(np.uint16), tokenizer)
    cost = OOVCost(tokenizer).nll("three")
    assert counts == TextCounts(2, 4, 13 + 5, 8, 1, 3, cost)
    assert counts.out_of_vocabulary_rate == 1 / 5
