"""Output layers: features to a distribution over the vocabulary.

Shape letters: B streams, T tokens of a window, V words of the vocabulary, D features, C targets of a cluster, W words
of a sampled softmax or of a cluster, F features of a cluster.
"""

import itertools
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from halo.models.loss import linear_nll
from halo.models.ngram.unigram import Unigram
from halo.runtime.errors import require

CLUSTER_DIVISOR = 4.0
"""Each cluster of rarer words has this many times fewer features than the cluster before it."""

SAMPLED_MULTIPLE = 64
"""The size of a sampled softmax is rounded up to a multiple of this: each new shape costs oneDNN a set-up."""


class SoftmaxOutput(nn.Module):
    """A softmax over the vocabulary: features -> logits, shape (B, T, V).

    Args:
        words: The output vectors, D features for each word; in a tied model, the input embedding.
    """

    def __init__(self, words: nn.Embedding) -> None:
        super().__init__()
        self.words = words
        self.bias = nn.Parameter(torch.zeros(words.num_embeddings))

    @torch.no_grad()
    def init_output_bias(self, unigram: Unigram) -> None:
        """Sets the bias to the log-probabilities of a unigram model."""
        self.bias.copy_(torch.from_numpy(unigram.log_probabilities_V))

    def forward(self, features_BTD: Tensor) -> Tensor:
        """Returns the logits of all words, shape (B, T, V)."""
        logits = F.linear(features_BTD.flatten(0, -2), self.words.weight, self.bias)  # one product for all streams
        return logits.view(*features_BTD.shape[:-1], -1)

    def nll(self, features_BTD: Tensor, targets_BT: Tensor) -> Tensor:
        """Returns the negative log-likelihood of each target in nats; see `halo.models.loss.linear_nll`."""
        return linear_nll(features_BTD, self.words.weight, self.bias, targets_BT)

    def sampled_nll(self, features_BTD: Tensor, targets_BT: Tensor, *, num_frequent: int) -> Tensor:
        """Returns an estimate of `nll` from a sample of the vocabulary, for training.

        The sum over the vocabulary always includes the targets of the window and the first `num_frequent` words. Of the
        others, the word of rank r is drawn with probability num_frequent / r and weighted by r / num_frequent, so that
        the sum is unbiased (complementary sum sampling, Botev et al. 2017; sampled softmax, Jean et al. 2015;
        probabilities by Zipf's law keep its variance small). Ids must be in order of frequency. If the sample is the
        whole vocabulary, the result is exactly `nll`.

        Args:
            features_BTD: Inputs of the layer.
            targets_BT: The actual next words, int64; the loss of negative ids is 0.
            num_frequent: Number of the most frequent words that are always included.
        """
        vocab_size = self.words.num_embeddings
        if num_frequent >= vocab_size:
            return self.nll(features_BTD, targets_BT)
        rank_V = torch.arange(1, vocab_size + 1, device=targets_BT.device)
        chance_V = (num_frequent / rank_V).clamp(max=1)
        chance_V[targets_BT.clamp(min=0)] = 1  # an ignored target adds the first word, which is included already
        sampled_W = (torch.rand(vocab_size, device=targets_BT.device) < chance_V).nonzero().squeeze(1)
        place_V = torch.empty_like(rank_V)
        place_V[sampled_W] = torch.arange(len(sampled_W), device=targets_BT.device)
        bias_W = self.bias[sampled_W] - chance_V[sampled_W].log()
        padding = -len(sampled_W) % SAMPLED_MULTIPLE  # filled up with the first word at probability 0
        sampled_W, bias_W = F.pad(sampled_W, (0, padding)), F.pad(bias_W, (0, padding), value=-torch.inf)
        places_BT = torch.where(targets_BT >= 0, place_V[targets_BT.clamp(min=0)], targets_BT)
        return linear_nll(features_BTD, F.embedding(sampled_W, self.words.weight), bias_W, places_BT)


class AdaptiveOutput(nn.Module):
    """An adaptive softmax, which groups rarer words into clusters, for large vocabularies (Grave et al. 2017).

    One softmax covers the first cluster and the choice among the others; each of the others is computed only for its
    own targets, on fewer features. Ids must be in order of frequency, as those of word tokenizers are.

    Args:
        features: Number of features, D.
        vocab_size: Number of words of the vocabulary, V.
        cutoffs: The first id of each cluster after the first one.

    Raises:
        InputError: The vocabulary ends before the last cluster begins, or there are too few features for so many
            clusters.
    """

    def __init__(self, features: int, vocab_size: int, cutoffs: Sequence[int]) -> None:
        super().__init__()
        allowed = f"ids below the size of the vocabulary, {vocab_size:,}, are needed; null for a full softmax"
        require(cutoffs[-1] < vocab_size, "model.adaptive_cutoffs", list(cutoffs), allowed)
        rarest = features // CLUSTER_DIVISOR ** len(cutoffs)
        allowed = f"too many clusters: no feature of {features} is left for the last; give fewer ids"
        require(rarest >= 1, "model.adaptive_cutoffs", list(cutoffs), allowed)
        self.softmax = nn.AdaptiveLogSoftmaxWithLoss(features, vocab_size, list(cutoffs), div_value=CLUSTER_DIVISOR)

    def forward(self, features_BTD: Tensor) -> Tensor:
        """Returns the log-probabilities of all words, shape (B, T, V), which are logits too."""
        log_probabilities: Tensor = self.softmax.log_prob(features_BTD.flatten(0, -2))
        return log_probabilities.view(*features_BTD.shape[:-1], -1)

    def nll(self, features_BTD: Tensor, targets_BT: Tensor) -> Tensor:
        """Returns the negative log-likelihood of each target in nats, float32; 0 for negative ids.

        It is the sum of two `linear_nll`: of the cluster (or frequent word), and of the word within the cluster.
        """
        features_ND, targets_N = features_BTD.flatten(0, -2), targets_BT.flatten()
        first, head_N = self.softmax.cutoffs[0], targets_N
        tail_nll_N = torch.zeros(len(targets_N), device=targets_N.device)
        for number, (low, high) in enumerate(itertools.pairwise(self.softmax.cutoffs)):
            is_inside_N = (targets_N >= low) & (targets_N < high)
            head_N = torch.where(is_inside_N, first + number, head_N)
            inside_C = is_inside_N.nonzero().squeeze(1)
            if len(inside_C):
                projection_FD, words_WF = self.softmax.tail[number].parameters()
                features_CF = F.linear(features_ND[inside_C], projection_FD)
                tail_nll_C = _nll_without_bias(features_CF, words_WF, targets_N[inside_C] - low)
                tail_nll_N = tail_nll_N.index_add(0, inside_C, tail_nll_C)
        nll_N = tail_nll_N + _nll_without_bias(features_ND, self.softmax.head.weight, head_N)
        return nll_N.view_as(targets_BT)


def _nll_without_bias(features_ND: Tensor, words_WD: Tensor, targets_N: Tensor) -> Tensor:
    return linear_nll(features_ND, words_WD, torch.zeros(len(words_WD), device=words_WD.device), targets_N)


def make_output(
    features: int, vocab_size: int, cutoffs: Sequence[int] | None, *, tied_to: nn.Embedding | None
) -> SoftmaxOutput | AdaptiveOutput:
    """Returns a new output layer.

    Args:
        features: Number of features, D.
        vocab_size: Number of words of the vocabulary, V.
        cutoffs: The clusters of an adaptive softmax, as in `AdaptiveOutput`; None for a full softmax.
        tied_to: The embedding whose vectors a full softmax shares; None for vectors of its own.

    Raises:
        InputError: The cutoffs do not suit the vocabulary or the features, or an adaptive softmax is to be tied.
    """
    if cutoffs is not None:
        require(
            tied_to is None, "model.tied", "true", "an adaptive softmax has weights of its own; set model.tied=false"
        )
        return AdaptiveOutput(features, vocab_size, cutoffs)
    return SoftmaxOutput(tied_to if tied_to is not None else nn.Embedding(vocab_size, features))
