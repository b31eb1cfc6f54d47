"""The most and the least surprising passages of validation, word by word, and excerpts of it.

Shape letter: N tokens of the text.
"""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from halo.reports.run_page.analysis.token_scores import TokenScores
from halo.tokenization.text_stream import text_pieces
from halo.tokenization.tokenizer import TextTokenizer

SHOWN = 4
"""Passages of each kind."""
MAX_UNKNOWN = 0.2
"""Largest share of unknown tokens: `<unk>` is easy to predict, whatever word it stands for."""
LENGTHS = {"word": (10, 50), "whitespace": (10, 50), "bpe": (15, 80), "char": (60, 300), "kmer": (60, 300)}
"""The least and the most tokens of a passage, by kind of tokenizer."""
SENTENCE_ENDS = frozenset(".?!。？！।؟…")
LEVELS = (2.0, 4.0, 7.0, 10.0)
"""Surprisal in bits at which the colour of a word changes."""


class PassageWord(NamedTuple):
    """A word of a passage, or a token of one.

    Attributes:
        text: What it appends to the passage, with the space before it.
        bits: Its surprisal.
        level: The number of `LEVELS` that it reaches.
    """

    text: str
    bits: float
    level: int


class Passage(NamedTuple):
    """A passage of validation text.

    Attributes:
        words: Its words.
        bits: Mean surprisal per token, in bits.
    """

    words: list[PassageWord]
    bits: float

    @property
    def hardest(self) -> list[PassageWord]:
        """The three most surprising words, in the order of the text."""
        limit = sorted((word.bits for word in self.words), reverse=True)[:3][-1]
        return [word for word in self.words if word.bits >= limit][:3]


class Extremes(NamedTuple):
    """The passages at both ends.

    Attributes:
        most: The most surprising ones, the most surprising first.
        least: The least surprising ones, the least surprising first.
        number: Number of passages that were compared.
    """

    most: list[Passage]
    least: list[Passage]
    number: int


def find_extremes(scores: TokenScores, tokenizer: TextTokenizer) -> Extremes:
    """Returns the passages with the highest and with the lowest mean surprisal.

    A passage ends with its paragraph, or within a longer one at the end of a sentence or after 50 words. One with more
    than a fifth of unknown words is left out.

    Args:
        scores: The scores of validation.
        tokenizer: The vocabulary.
    """
    least_tokens, _ = LENGTHS[tokenizer.kind]
    found = []
    for first, last in _spans(scores, tokenizer):
        ids, bits = scores.ids_N[first:last], scores.bits_N[first:last]
        if last - first >= least_tokens and (ids == tokenizer.unk_id).mean() <= MAX_UNKNOWN:
            found.append((float(bits.mean()), first, last))
    found.sort()
    number = min(SHOWN, len(found) // 2)
    chosen = [found[len(found) - 1 - place] for place in range(number)], found[:number]
    most, least = ([_passage(scores, tokenizer, *span) for span in spans] for spans in chosen)
    return Extremes(most, least, len(found))


def excerpts(scores: TokenScores, tokenizer: TextTokenizer, *, number: int, max_tokens: int) -> list[str]:
    """Returns beginnings of paragraphs of validation, from evenly spaced places, as the model reads them.

    Args:
        scores: The scores of validation.
        tokenizer: The vocabulary.
        number: The largest number of excerpts.
        max_tokens: The largest number of tokens of each.
    """
    least_tokens, _ = LENGTHS[tokenizer.kind]
    paragraphs = [each for each in _paragraphs(scores, tokenizer) if each[1] - each[0] >= least_tokens]
    places = [len(paragraphs) * index // number for index in range(number)]
    chosen = [paragraphs[place] for place in dict.fromkeys(places)] if paragraphs else []
    return [tokenizer.decode(scores.ids_N[first : min(last, first + max_tokens)].tolist()) for first, last in chosen]


def _paragraphs(scores: TokenScores, tokenizer: TextTokenizer) -> Iterator[tuple[int, int]]:
    """Yields where each paragraph begins and ends, without its `<eos>`."""
    is_start = np.concatenate(([True], np.diff(scores.document_N) != 0))
    is_start[1:] |= scores.ids_N[:-1] == tokenizer.eos_id
    bounds = [*np.flatnonzero(is_start).tolist(), len(scores.ids_N)]
    for first, end in itertools.pairwise(bounds):
        last = end - int(scores.ids_N[end - 1] == tokenizer.eos_id)
        if last > first:
            yield first, last


def _spans(scores: TokenScores, tokenizer: TextTokenizer) -> Iterator[tuple[int, int]]:
    """Yields where each passage begins and ends."""
    least_tokens, most_tokens = LENGTHS[tokenizer.kind]
    ends = np.array(
        [token_id for word, token_id in tokenizer.vocabulary().items() if word in SENTENCE_ENDS], dtype=np.int64
    )
    for first, end in _paragraphs(scores, tokenizer):
        while end - first > most_tokens:
            window = scores.ids_N[first + least_tokens : first + most_tokens]
            stops = np.flatnonzero(np.isin(window, ends))
            last = first + least_tokens + int(stops[-1]) + 1 if len(stops) else first + most_tokens
            yield first, last
            first = last  # noqa: PLW2901
        yield first, end


def _passage(scores: TokenScores, tokenizer: TextTokenizer, bits: float, first: int, last: int) -> Passage:
    each_bits = scores.bits_N[first:last]
    pieces = text_pieces(tokenizer, scores.ids_N[first:last].tolist())
    levels = np.searchsorted(LEVELS, each_bits, side="right").tolist()
    words = map(PassageWord, pieces, each_bits.tolist(), levels)
    return Passage(list(words), bits)
