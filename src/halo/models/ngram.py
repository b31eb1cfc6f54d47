"""Models without a network, to compare with."""

from typing import Any

import numpy as np
import numpy.typing as npt


class Unigram:
    """Each word with its share of the training text, whatever stands before it.

    Add-one smoothing (Laplace) keeps words possible that the training text lacks.

    Args:
        train_ids: Token ids of the training text, shape (num_tokens,).
        vocab_size: Number of words of the vocabulary, V.
    """

    def __init__(self, train_ids: npt.NDArray[Any], vocab_size: int) -> None:
        counts_V = np.bincount(train_ids, minlength=vocab_size) + 1.0
        self.log_probabilities_V = np.log(counts_V / counts_V.sum())

    def total_nats(self, ids: npt.NDArray[Any]) -> float:
        """Returns the summed negative log-likelihood of a text in nats."""
        return -float(self.log_probabilities_V[ids].sum())
