"""From features to the words of the vocabulary.

Shape letters: B streams, T tokens of a window, V words of the vocabulary, D features.
"""

from torch import Tensor, nn

from halo.models.loss import total_nats


class SoftmaxOutput(nn.Linear):
    """A softmax over the vocabulary: features -> logits, shape (B, T, V).

    Args:
        features: Number of features, D.
        vocab_size: Words of the vocabulary, V.
    """

    def __init__(self, features: int, vocab_size: int) -> None:
        super().__init__(features, vocab_size)

    def total_nats(self, features_BTD: Tensor, targets_BT: Tensor) -> Tensor:
        """Returns the summed negative log-likelihood of the targets in nats, as `halo.models.loss.total_nats`."""
        return total_nats(self(features_BTD), targets_BT)
