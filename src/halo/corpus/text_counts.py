"""Counts of documents, words, characters and tokens of a text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from halo.corpus.cleaning.white_space import paragraphs
from halo.tokenization.oov_cost import OOVCost
from halo.tokenization.tokenizer import TextTokenizer, TokenIds


@dataclass(frozen=True)
class TextCounts:
    """Counts of a cleaned text.

    Attributes:
        documents: Number of documents.
        words: Number of whitespace-separated words.
        characters: Number of characters, including white space.
        tokens: Number of tokens, including `<eos>`.
        unknown_tokens: Number of tokens whose word is not in the vocabulary.
        eos_tokens: Number of tokens that are `<eos>`.
        oov_cost: Cost of spelling the words behind the unknown tokens, see `OOVCost`, in nats.
    """

    documents: int
    words: int
    characters: int
    tokens: int
    unknown_tokens: int
    eos_tokens: int
    oov_cost: float

    @property
    def out_of_vocabulary_rate(self) -> float:
        """Fraction of the tokens other than `<eos>` whose word is not in the vocabulary."""
        return self.unknown_tokens / max(self.tokens - self.eos_tokens, 1)


def count_text(texts: Sequence[str], ids: TokenIds, tokenizer: TextTokenizer) -> TextCounts:
    """Returns the counts of cleaned documents, given their token ids."""
    unknown_tokens = int((ids == tokenizer.unk_id).sum())
    return TextCounts(
        documents=len(texts),
        words=sum(len(text.split()) for text in texts),
        characters=sum(map(len, texts)),
        tokens=len(ids),
        unknown_tokens=unknown_tokens,
        eos_tokens=int((ids == tokenizer.eos_id).sum()),
        oov_cost=_oov_cost_of_texts(texts, tokenizer) if unknown_tokens else 0.0,
    )


def _oov_cost_of_texts(texts: Sequence[str], tokenizer: TextTokenizer) -> float:
    oov_cost = OOVCost(tokenizer)
    return math.fsum(
        oov_cost.of_token(token) for text in texts for line in paragraphs(text) for token in tokenizer.tokens(line)
    )
