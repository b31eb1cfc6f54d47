"""Training of the tokenizer: its vocabulary comes from the training split, and from nothing else."""

from collections import Counter

import numpy as np

from halo.config import TokenizerConfig
from halo.corpus.splits.split_plan import SplitPlan
from halo.corpus.store.token_store import TokenStore
from halo.corpus.store.word_table import GLUED, TokenNumbers, without_glue
from halo.runtime.array_types import IntArray
from halo.tokenization.tokenizer import TextTokenizer


def train_tokenizer(
    store: TokenStore, plan: SplitPlan, config: TokenizerConfig, *, any_placeholder: bool = False
) -> TextTokenizer:
    """Returns a tokenizer whose vocabulary comes from the training split.

    Args:
        store: The tokenized documents.
        plan: Which of them are in the training split.
        config: The settings of the tokenizer.
        any_placeholder: Whether cleaning puts in placeholders of any name.
    """
    if config.kind == "bpe":
        lines = (line for block in plan.blocks("train", store) for line in store.paragraphs(block.tokens))
        return TextTokenizer.train(lines, kind="bpe", min_count=config.min_count, max_size=config.max_size)
    totals = np.zeros(store.num_types, dtype=np.int64)
    for block in plan.blocks("train", store):
        totals += np.bincount(without_glue(block.tokens), minlength=store.num_types)
    counts = Counter({store.token_strings[number]: int(totals[number]) for number in np.flatnonzero(totals) if number})
    if config.kind == "char":
        blocks = plan.blocks("train", store)
        counts = _count_characters(counts, sum(num_spaces(words_per_paragraph(block.tokens)) for block in blocks))
    return TextTokenizer.from_counts(
        counts,
        kind=config.kind,
        min_count=config.min_count,
        max_size=config.max_size,
        any_placeholder=any_placeholder,
    )


def _count_characters(tokens: Counter[str], spaces: int) -> Counter[str]:
    characters = Counter({" ": spaces} if spaces else {})
    for token, count in tokens.items():
        for character in token:
            characters[character] += count
    return characters


def words_per_paragraph(tokens: TokenNumbers) -> IntArray:
    """Returns the number of words of each paragraph of a block of whole paragraphs."""
    begins = np.concatenate(([0], np.flatnonzero(tokens == 0)[:-1] + 1))
    # The end of a paragraph is not glued either, and is no word.
    words: IntArray = np.add.reduceat(tokens < GLUED, begins, dtype=np.int64) - 1
    return words


def num_spaces(words: IntArray) -> int:
    """Returns the number of spaces within paragraphs, given the number of words of each."""
    return int(np.maximum(words - 1, 0).sum())
