"""The location and length of the paragraphs of a document in the token store."""

from collections.abc import Sequence

import numpy as np

from halo.config import SPLITS, SplitConfig
from halo.corpus.splits.assignment import cut_points
from halo.corpus.store.token_store import TokenSpan, TokenStore
from halo.corpus.store.word_table import GLUED
from halo.runtime.array_types import IntArray


class ParagraphSpans:
    """The spans of the paragraphs of one document.

    Attributes:
        ends: For each paragraph the index after its last token in the store.
        words: For each paragraph its number of words.
    """

    def __init__(self, store: TokenStore, document: int) -> None:
        span = store.span(document)
        ends, words, position = [], [], span.begin
        for tokens in store.blocks(span):
            ends_in_block = np.flatnonzero(tokens == 0) + 1
            num_words = np.cumsum((tokens < GLUED) & (tokens != 0))
            words.append(np.diff(num_words[ends_in_block - 1], prepend=0))
            ends.append(ends_in_block + position)
            position += len(tokens)
        self._begin = span.begin
        self.ends: IntArray = np.concatenate(ends) if ends else np.zeros(0, dtype=np.int64)
        self.words: IntArray = np.concatenate(words) if words else np.zeros(0, dtype=np.int64)

    def cuts(self, config: SplitConfig) -> tuple[int, int]:
        """Returns the positions of the first paragraphs of validation and test if the document is cut into parts.

        A document of fewer than three paragraphs is not cut: all of it is training text.
        """
        number = len(self)
        return cut_points(self.words.tolist(), config) if number >= len(SPLITS) else (number, number)

    def __len__(self) -> int:
        return len(self.ends)

    def spans_of(self, positions: Sequence[int]) -> list[TokenSpan]:
        """Returns the spans of the paragraphs at `positions`, ascending; adjacent ones are joined into one span."""
        spans: list[TokenSpan] = []
        for position in positions:
            begin = int(self.ends[position - 1]) if position else self._begin
            if spans and spans[-1].end == begin:
                begin = spans.pop().begin
            spans.append(TokenSpan(begin, int(self.ends[position])))
        return spans

    def spans_without(self, positions: frozenset[int]) -> list[TokenSpan]:
        """Returns the spans of all paragraphs except those at `positions`."""
        return self.spans_of([position for position in range(len(self)) if position not in positions])
