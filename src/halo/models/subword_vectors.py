"""Word vectors that include character n-grams.

Shape letters: V words of the vocabulary, N n-grams, P pairs of a word and one of its n-grams, D features.
"""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrize

from halo.tokenization.character_ngrams import Subwords

Parts = tuple[Tensor, Tensor]


class SubwordVectors(nn.Module):
    """Adds to the vector of each word the sum of its character n-grams' vectors, divided by the root of their number.

    Words with common n-grams share what is learned: `vaccinated`, which a small text may contain once, profits from
    `vaccinate` (Bojanowski et al. 2017; in a tied model, in the output as well). The n-gram vectors start at zero.

    Args:
        subwords: The n-grams of each word.
        features: Size of the vectors, D.
    """

    ngrams_P: Tensor
    word_starts_V: Tensor
    words_P: Tensor
    ngram_starts_N: Tensor
    scale_V1: Tensor

    def __init__(self, subwords: Subwords, features: int) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.zeros(subwords.num_ngrams, features))
        by_ngram = np.argsort(subwords.ngram_ids_P, kind="stable")
        number_V = np.bincount(subwords.word_ids_P, minlength=subwords.vocab_size)
        tables = {
            "ngrams_P": subwords.ngram_ids_P,
            "word_starts_V": np.searchsorted(subwords.word_ids_P, np.arange(subwords.vocab_size)),
            "words_P": subwords.word_ids_P[by_ngram],
            "ngram_starts_N": np.searchsorted(subwords.ngram_ids_P[by_ngram], np.arange(subwords.num_ngrams)),
        }
        for name, table in tables.items():  # computed from the vocabulary, so not saved
            self.register_buffer(name, torch.from_numpy(table.astype(np.int64)), persistent=False)
        scale_V1 = torch.from_numpy(number_V).clamp(min=1).float().rsqrt().unsqueeze(1)
        self.register_buffer("scale_V1", scale_V1, persistent=False)

    def forward(self, own_VD: Tensor) -> Tensor:
        """Returns the word vectors with their n-grams added, shape (V, D)."""
        of_words, of_ngrams = (self.ngrams_P, self.word_starts_V), (self.words_P, self.ngram_starts_N)
        summed_VD: Tensor = _ScaledSum.apply(self.vectors, self.scale_V1, of_words, of_ngrams)  # type: ignore[no-untyped-call]
        return summed_VD.add_(own_VD)


class _ScaledSum(torch.autograd.Function):
    """Computes the scaled sum of each word's n-gram vectors, with a fast gradient.

    It equals `F.embedding_bag`, whose own backward pass takes 100 times as long on a CPU; here the gradient is another
    `embedding_bag`, over the words of each n-gram. `of_words` and `of_ngrams` hold the ids of all sums, one after the
    other, and the start of each sum.
    """

    @staticmethod
    def forward(ctx: Any, vectors_ND: Tensor, scale_V1: Tensor, of_words: Parts, of_ngrams: Parts) -> Tensor:
        ctx.save_for_backward(scale_V1, *of_ngrams)
        return F.embedding_bag(of_words[0], vectors_ND, of_words[1], mode="sum").mul_(scale_V1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        scale_V1, words_P, starts_N = ctx.saved_tensors
        return F.embedding_bag(words_P, gradients[0] * scale_V1, starts_N, mode="sum"), None, None, None


def add_subwords(embedding: nn.Embedding, subwords: Subwords | None) -> None:
    """Parametrizes the weight of an embedding as its own vectors plus those of the words' n-grams.

    Each access to the weight computes the sum; within `torch.nn.utils.parametrize.cached()` only the first one does.

    Args:
        embedding: The embedding, changed in place.
        subwords: The n-grams of its words; None leaves the embedding as it is.
    """
    if subwords is not None:
        parametrize.register_parametrization(embedding, "weight", SubwordVectors(subwords, embedding.embedding_dim))
