"""A tokenized text with document boundaries and labels, as evaluation reads it.

Shape letters: N tokens of the text, D documents.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.corpus.corpus import Corpus
from halo.corpus.text_counts import TextCounts
from halo.tokenization.tokenizer import TextTokenizer


class TokenizedText(NamedTuple):
    """A text as token ids, divided into labelled documents.

    Attributes:
        ids: Token ids, shape (N,).
        offsets: The index in `ids` at which each document begins, and the end of the last one, shape (D + 1,).
        labels: The label of each document, as an index of `label_names`, shape (D,).
        label_names: The labels; the single label "" where documents have none.
        counts: Number of documents, words, characters and tokens.
    """

    ids: npt.NDArray[Any]
    offsets: npt.NDArray[Any]
    labels: npt.NDArray[Any]
    label_names: Sequence[str]
    counts: TextCounts

    @classmethod
    def from_split(cls, corpus: Corpus, split: str) -> "TokenizedText":
        """Returns one split of a corpus."""
        return cls(
            corpus.ids[split], corpus.offsets[split], corpus.labels[split], corpus.label_names, corpus.counts[split]
        )

    def subsample(self, max_tokens: int, *, num_excerpts: int, tokenizer: TextTokenizer) -> "TokenizedText":
        """Returns excerpts of equal length from evenly spaced places in the text, joined in order.

        An excerpt begins at the start of a document, or within one that is too long for that. The numbers of words and
        characters of the excerpts are unknown and reported as 0.

        Args:
            max_tokens: Approximate number of tokens to return; a shorter text is returned unchanged.
            num_excerpts: Number of excerpts; with one for each stream, every stream reads a contiguous piece of text.
            tokenizer: The vocabulary, to count `<unk>` and `<eos>`.
        """
        total, length = len(self.ids), max(1, max_tokens // num_excerpts)
        if total <= max_tokens:
            return self
        starts = self._excerpt_starts(length, num_excerpts)
        ids = np.concatenate([self.ids[start : start + length] for start in starts])
        sizes, labels = [], []
        for start in starts:
            first, last = np.searchsorted(self.offsets, (start, start + length), side="right")
            bounds = np.concatenate(([start], self.offsets[first:last], [start + length]))
            sizes.append(np.diff(bounds))
            labels.append(self.labels[first - 1 : last])
        offsets = np.concatenate(([0], np.cumsum(np.concatenate(sizes))))
        counts = TextCounts(
            documents=int((np.diff(offsets) > 0).sum()),
            words=0,
            characters=0,
            tokens=len(ids),
            unknown_tokens=int((ids == tokenizer.unk_id).sum()),
            eos_tokens=int((ids == tokenizer.eos_id).sum()),
            oov_cost=0.0,
        )
        return TokenizedText(ids, offsets, np.concatenate(labels), self.label_names, counts)

    def _excerpt_starts(self, length: int, num_excerpts: int) -> npt.NDArray[Any]:
        """Returns where each excerpt begins: at the next document, if the excerpt then still ends in its own part."""
        parts = np.arange(num_excerpts + 1) * len(self.ids) // num_excerpts
        next_documents = self.offsets[np.searchsorted(self.offsets, parts[:-1])]
        starts: npt.NDArray[Any] = np.where(next_documents + length <= parts[1:], next_documents, parts[:-1])
        return starts
