"""The unigram model, a baseline without context."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

TOKENS_PER_CHUNK = 2**20
"""Number of ids processed at a time: NumPy copies them as int64, and a text may be larger than memory."""


def token_counts(ids: npt.NDArray[Any], vocab_size: int) -> npt.NDArray[np.int64]:
    """Returns the number of occurrences of each word in a text, int64, shape (V,).

    Args:
        ids: Token ids, shape (num_tokens,), possibly memory-mapped.
        vocab_size: Number of words of the vocabulary, V.
    """
    counts_V = np.zeros(vocab_size, dtype=np.int64)
    for part in _parts(ids):
        counts_V += np.bincount(part, minlength=vocab_size)
    return counts_V


def _parts(ids: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
    return (ids[first : first + TOKENS_PER_CHUNK] for first in range(0, len(ids), TOKENS_PER_CHUNK))


class Unigram:
    """Predicts each word with its relative frequency in the training text, whatever the context.

    Add-one smoothing (Laplace) gives words that the training text lacks a probability above 0.

    Args:
        train_ids: Token ids of the training text, shape (num_tokens,).
        vocab_size: Number of words of the vocabulary, V.
    """

    def __init__(self, train_ids: npt.NDArray[Any], vocab_size: int) -> None:
        counts_V = token_counts(train_ids, vocab_size) + 1.0
        self.log_probabilities_V = np.log(counts_V / counts_V.sum())

    def total_nll(self, ids: npt.NDArray[Any]) -> float:
        """Returns the summed negative log-likelihood of a text, in nats."""
        return -sum(float(self.log_probabilities_V[part].sum()) for part in _parts(ids))
