"""Scores of words that come from the training text alone: frequency, unigram and Kneser-Ney surprisal.

Shape letters: V words of the vocabulary, N tokens.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from halo.corpus.corpus import Corpus
from halo.evaluation.baselines import MAX_COUNTED_TOKENS
from halo.models.ngram.kneser_ney import KneserNey
from halo.models.ngram.unigram import token_counts

PER_MILLION = 1_000_000


@dataclass(frozen=True)
class NgramScores:
    """Word frequencies of a training text, and an n-gram model of it.

    Attributes:
        unigram_bits_V: Surprisal of each word of the vocabulary by its frequency, one added to each count.
        log_frequencies_V: log10 of its occurrences per million tokens, one added to each count.
        log_frequency_of_none: The same of a word that does not occur.
        kneser_ney: The 5-gram model; None if there is none.
    """

    unigram_bits_V: npt.NDArray[np.float64]
    log_frequencies_V: npt.NDArray[np.float64]
    log_frequency_of_none: float
    kneser_ney: KneserNey | None = None

    @classmethod
    def from_counts(
        cls, counts_V: npt.NDArray[np.int64], *, unk_id: int, kneser_ney: KneserNey | None = None
    ) -> "NgramScores":
        """Returns the scores from the number of occurrences of each word in the training text.

        Args:
            counts_V: The counts.
            unk_id: The id of `<unk>`: an unknown word has its unigram surprisal, and the frequency of a word that does
                not occur, since the count is that of all unknown words together.
            kneser_ney: An n-gram model of the same text.
        """
        total = int(counts_V.sum()) + len(counts_V)
        log_frequencies_V = np.log10((counts_V + 1) / total * PER_MILLION)
        of_none = math.log10(PER_MILLION / total)
        log_frequencies_V[unk_id] = of_none
        return cls(-np.log2((counts_V + 1) / total), log_frequencies_V, of_none, kneser_ney)

    @classmethod
    def from_corpus(cls, corpus: Corpus) -> "NgramScores":
        """Returns the scores and a Kneser-Ney model of the training split of a corpus.

        A split of more than `MAX_COUNTED_TOKENS` tokens is only counted.
        """
        ids, tokenizer = corpus.ids["train"], corpus.tokenizer
        is_small = len(ids) <= MAX_COUNTED_TOKENS
        model = KneserNey(ids, tokenizer.vocab_size, eos_id=tokenizer.eos_id) if is_small else None
        return cls.from_counts(token_counts(ids, tokenizer.vocab_size), unk_id=tokenizer.unk_id, kneser_ney=model)

    def kneser_ney_bits(self, texts: Sequence[Sequence[int]], *, eos_id: int) -> list[npt.NDArray[np.float64] | None]:
        """Returns the surprisal of each token of each text under the n-gram model, in bits; without a model None.

        Args:
            texts: The token ids of each text, each read after an `<eos>`.
            eos_id: The id of `<eos>`, across which no n-gram reaches.
        """
        if self.kneser_ney is None:
            return [None] * len(texts)
        ends = np.cumsum([len(ids) + 1 for ids in texts])
        stream_N = np.full(int(ends[-1]) if len(ends) else 0, eos_id, dtype=np.int64)
        for ids, end in zip(texts, ends, strict=True):
            stream_N[end - 1 - len(ids) : end - 1] = ids
        bits_N = self.kneser_ney.nll(stream_N) / math.log(2)
        return [bits_N[end - 1 - len(ids) : end - 1] for ids, end in zip(texts, ends, strict=True)]
