"""From features to the words of the vocabulary.

Shape letters: B streams, T tokens of a window, V words of the vocabulary, D features, C targets that count, W words
that are compared with.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from halo.errors import require
from halo.models.loss import token_nats

CLUSTER_DIVISOR = 4.0
"""What the features of each cluster of rarer words are fewer by than those of the cluster before."""


class SoftmaxOutput(nn.Module):
    """A softmax over the vocabulary: features -> logits, shape (B, T, V).

    Args:
        words: A vector of D features for each word; those of the input where the model is tied.
    """

    def __init__(self, words: nn.Embedding) -> None:
        super().__init__()
        self.words = words
        self.bias = nn.Parameter(torch.zeros(words.num_embeddings))

    def forward(self, features_BTD: Tensor) -> Tensor:
        """Returns the logits of all words, shape (B, T, V)."""
        return F.linear(features_BTD, self.words.weight, self.bias)

    def nats(self, features_BTD: Tensor, targets_BT: Tensor) -> Tensor:
        """Returns the negative log-likelihood of each target in nats, as `halo.models.loss.token_nats`."""
        return token_nats(self(features_BTD), targets_BT)

    def sampled_nats(self, features_BTD: Tensor, targets_BT: Tensor, *, frequent: int, drawn: int) -> Tensor:
        """Returns an estimate of `nats` that looks at a part of the vocabulary, for training.

        The most frequent words and all targets of the window are compared with as ever. Of the other words so many are
        drawn, and each counts for its share of them in the sum over the vocabulary, which is thereby right on average
        (Botev et al. 2017, Complementary Sum Sampling; sampled softmax: Jean et al. 2015). Ids have to be in the order
        of frequency. Where no word would be left out, it is `nats`.

        Args:
            features_BTD: What is turned into logits.
            targets_BT: The words that came, int64; those below 0 are left out.
            frequent: How many of the first ids are always compared with.
            drawn: How many of the others are drawn, without replacement.
        """
        vocab_size = self.words.num_embeddings
        if frequent + drawn >= vocab_size:
            return self.nats(features_BTD, targets_BT)
        is_exact_V = torch.zeros(vocab_size, dtype=torch.bool, device=targets_BT.device)
        is_exact_V[:frequent] = True
        is_exact_V[targets_BT.clamp(min=0)] = True  # an ignored target adds the first word, which is there already
        exact_W = is_exact_V.nonzero().squeeze(1)
        others = torch.randperm(vocab_size - frequent, device=targets_BT.device)[:drawn] + frequent
        others = others[~is_exact_V[others]]
        stands_for = max(1, vocab_size - len(exact_W)) / max(1, len(others))
        compared_W = torch.cat([exact_W, others])
        bias_W = self.bias[compared_W]
        bias_W = torch.cat([bias_W[: len(exact_W)], bias_W[len(exact_W) :] + math.log(stands_for)])
        place_V = targets_BT.new_empty(vocab_size)
        place_V[exact_W] = torch.arange(len(exact_W), device=targets_BT.device)
        places_BT = torch.where(targets_BT >= 0, place_V[targets_BT.clamp(min=0)], targets_BT)
        return token_nats(F.linear(features_BTD, F.embedding(compared_W, self.words.weight), bias_W), places_BT)


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

    def nats(self, features_BTD: Tensor, targets_BT: Tensor) -> Tensor:
        """Returns the negative log-likelihood of each target in nats, float32; 0 for targets below 0."""
        counted_BT = targets_BT >= 0
        log_probabilities_C: Tensor = self.softmax(features_BTD[counted_BT], targets_BT[counted_BT]).output
        zeros_BT = torch.zeros(targets_BT.shape, device=targets_BT.device)
        return zeros_BT.masked_scatter(counted_BT, -log_probabilities_C.float())


def make_output(
    features: int, vocab_size: int, cutoffs: list[int] | None, *, tied_to: nn.Embedding | None
) -> SoftmaxOutput | AdaptiveOutput:
    """Returns the output: a full softmax where there are no cutoffs, on the vectors of `tied_to` or on its own."""
    if cutoffs is not None:
        return AdaptiveOutput(features, vocab_size, cutoffs)
    return SoftmaxOutput(tied_to if tied_to is not None else nn.Embedding(vocab_size, features))
