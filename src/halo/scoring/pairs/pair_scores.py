"""Minimal pairs -> the surprisal of both sentences, and which of them the model prefers."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from halo.bundle.loading import Bundle
from halo.scoring.ngram_scores import NgramScores
from halo.scoring.scored_text import ScoredText
from halo.scoring.scorer import OOV, Scorer

PAIRS_PER_CHUNK = 2000
TIE_BITS = 1e-4
"""Two sentences whose surprisals differ by less are a tie: the batch that a sentence is in may change it by 1e-5."""


class Pair(NamedTuple):
    """A minimal pair.

    Attributes:
        location: The file, and the line or row.
        paradigm: What the pair tests.
        good: The acceptable sentence.
        bad: The unacceptable sentence.
    """

    location: str
    paradigm: str
    good: str
    bad: str


class SentenceScore(NamedTuple):
    """The surprisal of a sentence, from its first token to its last; `<eos>` is not scored.

    Attributes:
        bits: In bits; NaN if it cannot be computed, of a sentence without words or, with `oov=na`, an unknown one.
        kneser_ney_bits: Under a Kneser-Ney 5-gram model of the training text; NaN without one.
        unigram_bits: Under a unigram model of the training text; NaN without one.
        num_tokens: Number of tokens.
        is_known: Whether all of its tokens are in the vocabulary.
        known_tokens: The tokens; an unknown one is None.
    """

    bits: float
    kneser_ney_bits: float
    unigram_bits: float
    num_tokens: int
    is_known: bool
    known_tokens: tuple[str | None, ...]

    @classmethod
    def of(cls, text: ScoredText) -> "SentenceScore":
        """Returns the score of a text."""
        words = [word for word in text.words if word.num_tokens]
        is_scored = bool(words) and all(word.bits is not None for word in words)
        return cls(
            text.total_bits if is_scored else math.nan,
            math.fsum(math.nan if word.kneser_ney_bits is None else word.kneser_ney_bits for word in words),
            math.fsum(math.nan if word.unigram_bits is None else word.unigram_bits for word in words),
            len(text.tokens),
            all(token.is_known for token in text.tokens),
            tuple(token.text if token.is_known else None for token in text.tokens),
        )


class ScoredPair(NamedTuple):
    """A minimal pair with the scores of both sentences."""

    pair: Pair
    good: SentenceScore
    bad: SentenceScore

    @property
    def is_scored(self) -> bool:
        """Whether both sentences have a surprisal."""
        return not math.isnan(self.good.bits + self.bad.bits)

    @property
    def is_known(self) -> bool:
        """Whether the vocabulary has all tokens of both sentences."""
        return self.good.is_known and self.bad.is_known

    @property
    def is_same(self) -> bool:
        """Whether both sentences are the same to the model: their tokens have the same ids."""
        return self.good.known_tokens == self.bad.known_tokens

    @property
    def outcome(self) -> float:
        """1 if the acceptable sentence is the more probable one, 0 if it is not, and 0.5 for a tie."""
        return outcome(self.good.bits, self.bad.bits)

    @property
    def outcome_per_token(self) -> float:
        """The same by the mean surprisal of a token, for pairs of different lengths."""
        return outcome(self.good.bits / self.good.num_tokens, self.bad.bits / self.bad.num_tokens)


def outcome(good_bits: float, bad_bits: float) -> float:
    """Returns 1 if the first surprisal is lower, 0 if the second one is, 0.5 if they are equal, NaN if one is NaN.

    >>> outcome(30.5, 33.0), outcome(33.0, 30.5), outcome(33.0, 33.00001), outcome(math.nan, 1.0)
    (1.0, 0.0, 0.5, nan)
    """
    difference = bad_bits - good_bits
    if math.isnan(difference) or abs(difference) < TIE_BITS:
        return difference if math.isnan(difference) else 0.5
    return float(difference > 0)


def score_pairs(
    bundle: Bundle, pairs: Sequence[Pair], *, oov: OOV = "unk", ngrams: NgramScores | None = None
) -> Iterator[ScoredPair]:
    """Yields the scores of each pair; every sentence is read by itself, after an `<eos>`.

    Args:
        bundle: The model.
        pairs: The pairs.
        oov: The surprisal of a word outside the vocabulary, see `halo.scoring.scorer.Scorer`.
        ngrams: The unigram and Kneser-Ney models; None for none.

    Raises:
        InputError: The model's predictions are not finite.
    """
    scorer = Scorer(bundle, oov=oov, with_distributions=False, ngrams=ngrams)
    for first in range(0, len(pairs), PAIRS_PER_CHUNK):
        chunk = pairs[first : first + PAIRS_PER_CHUNK]
        scored = scorer.score([sentence for pair in chunk for sentence in (pair.good, pair.bad)])
        scores = [SentenceScore.of(text) for text in scored]
        yield from map(ScoredPair, chunk, scores[::2], scores[1::2])
