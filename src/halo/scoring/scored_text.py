"""The scores of a text: of each of its words as they stand in the input, and of each token."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from halo.generation.stream import Alternative

REMOVED = "removed"
MERGED = "merged"
"""Why a word has no scores: cleaning removed it, or made one of it and the word before it."""


class ScoredToken(NamedTuple):
    """A token of a text, and how unexpected it was.

    Attributes:
        text: The token as it stands in the cleaned text.
        bits: Its surprisal, -log2 of its probability given the tokens before it.
        is_known: Whether it is in the vocabulary; otherwise the surprisal is that of `<unk>`, with the cost of its
            spelling where that is asked for.
    """

    text: str
    bits: float
    is_known: bool


class ScoredWord(NamedTuple):
    """A word of a text as it stands in the input, and how unexpected it was.

    A word of several tokens (`don't`, `(80%)`, `dog,`) has the sum of their surprisals; entropy, rank and alternatives
    are those before its first token. Where a score cannot be computed it is None: all scores of a word without tokens,
    whose `note` says why, and those that were not asked for.

    Attributes:
        text: The word: `input[start:end]`.
        start: Index of its first character in the input.
        end: Index behind its last character.
        bits: Its surprisal, -log2 of its probability given the words before it.
        entropy_bits: Entropy of the model's prediction before the word, in bits per token.
        entropy_reduction_bits: By how much that entropy is lower after the word, at least 0 (Hale 2006).
        rank: Place of its first token among the vocabulary by probability; 1 is the likeliest.
        probability: 2^-bits.
        log_frequency: log10 of its occurrences per million tokens of the training text, one added to each count; of the
            rarest of its tokens that have a letter or digit. Of an unknown word: as if it did not occur.
        kneser_ney_bits: Its surprisal under a Kneser-Ney 5-gram model of the training text.
        unigram_bits: Its surprisal under a unigram model of the training text.
        is_known: Whether all of its tokens are in the vocabulary.
        first_token: Index of its first token in `ScoredText.tokens`.
        num_tokens: Number of its tokens.
        note: Empty, or why the word has no scores: `removed` or `merged`.
        alternatives: The likeliest tokens before the word without `<unk>`, as many as were asked for.
    """

    text: str
    start: int
    end: int
    bits: float | None
    entropy_bits: float | None = None
    entropy_reduction_bits: float | None = None
    rank: int | None = None
    probability: float | None = None
    log_frequency: float | None = None
    kneser_ney_bits: float | None = None
    unigram_bits: float | None = None
    is_known: bool = True
    first_token: int = 0
    num_tokens: int = 0
    note: str = ""
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True)
class ScoredText:
    """The surprisal of each word and of each token of a text.

    Attributes:
        tokens: The tokens of the cleaned text in order, without `<eos>`.
        words: The words of the input in order.

    >>> scored = ScoredText((ScoredToken("the", 2.5, True), ScoredToken("virus", 5.5, True)))
    >>> scored.total_bits, scored.bits_per_token
    (8.0, 4.0)
    """

    tokens: tuple[ScoredToken, ...]
    words: tuple[ScoredWord, ...] = ()

    @property
    def total_bits(self) -> float:
        """Surprisal of the whole text in bits."""
        return math.fsum(token.bits for token in self.tokens)

    @property
    def bits_per_token(self) -> float:
        """Mean surprisal in bits; NaN for a text without tokens."""
        return self.total_bits / len(self.tokens) if self.tokens else math.nan

    def __str__(self) -> str:
        return "  ".join(f"{token.text} {token.bits:.1f}" for token in self.tokens)
