"""From features to the words of the vocabulary.

Shape letters: B streams, T tokens of a window, V words of the vocabulary, D features, C targets that count.
"""

from torch import Tensor, nn

from halo.errors import require
from halo.models.loss import total_nats

CLUSTER_DIVISOR = 4.0
"""What the features of each cluster of rarer words are fewer by than those of the cluster before."""


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


class AdaptiveOutput(nn.Module):
    """A softmax whose rarer words stand in clusters of their own, for large vocabularies (Grave et al. 2017).

    The first cluster, and which cluster a word is in, are one softmax; the others are computed for those targets only
    that are in them, on fewer features. Ids have to be in the order of frequency, as those of words are.

    Args:
        features: Number of features, D.
        vocab_size: Words of the vocabulary, V.
        cutoffs: The first id of each cluster after the first one.

    Raises:
        InputError: The vocabulary ends before the last cluster begins, or there are too few features for so many.
    """

    def __init__(self, features: int, vocab_size: int, cutoffs: list[int]) -> None:
        super().__init__()
        allowed = f"ids below the size of the vocabulary, {vocab_size:,}, are needed; null for a full softmax"
        require(cutoffs[-1] < vocab_size, "model.adaptive_cutoffs", cutoffs, allowed)
        rarest = features // CLUSTER_DIVISOR ** len(cutoffs)
        allowed = f"too many clusters: no feature of {features} is left for the last; give fewer ids"
        require(rarest >= 1, "model.adaptive_cutoffs", cutoffs, allowed)
        self.softmax = nn.AdaptiveLogSoftmaxWithLoss(features, vocab_size, cutoffs, div_value=CLUSTER_DIVISOR)

    def forward(self, features_BTD: Tensor) -> Tensor:
        """Returns the log-probabilities of all words, shape (B, T, V), which are logits too."""
        log_probabilities: Tensor = self.softmax.log_prob(features_BTD.flatten(0, 1))
        return log_probabilities.view(*features_BTD.shape[:2], -1)

    def total_nats(self, features_BTD: Tensor, targets_BT: Tensor) -> Tensor:
        """Returns the summed negative log-likelihood of the targets in nats; targets below 0 are left out."""
        counted_BT = targets_BT >= 0
        log_probabilities_C: Tensor = self.softmax(features_BTD[counted_BT], targets_BT[counted_BT]).output
        return -log_probabilities_C.float().sum()


def make_output(features: int, vocab_size: int, cutoffs: list[int] | None) -> SoftmaxOutput | AdaptiveOutput:
    """Returns the output: a full softmax where there are no cutoffs."""
    return SoftmaxOutput(features, vocab_size) if cutoffs is None else AdaptiveOutput(features, vocab_size, cutoffs)
