"""From features to the words of the vocabulary.

Shape letters: B streams, T tokens of a window, V words of the vocabulary, D features, C targets of a cluster, W words
that are compared with, F features of a cluster.
"""

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from halo.models.loss import linear_nll
from halo.models.ngram.unigram import Unigram
from halo.runtime.errors import require

CLUSTER_DIVISOR = 4.0
"""What the features of each cluster of rarer words are fewer by than those of the cluster before."""

COMPARED_MULTIPLE = 64
"""A sampled softmax compares with a multiple of so many words: a library prepares itself anew for each new shape."""


class SoftmaxOutput(nn.Module):
    """A softmax over the vocabulary: features -> logits, shape (B, T, V).

    Args:
        words: A vector of D features for each word; those of the input where the model is tied.
    """

    def __init__(self, words: nn.Embedding) -> None:
        super().__init__()
        self.words = words
        self.bias = nn.Parameter(torch.zeros(words.num_embeddings))

    @torch.no_grad()
    def init_output_bias(self, unigram: Unigram) -> None:
        """Lets the logits be those of a unigram model, as long as the features say nothing."""
        self.bias.copy_(torch.from_numpy(unigram.log_probabilities_V))

    def forward(self, features_BTD: Tensor) -> Tensor:
        """Returns the logits of all words, shape (B, T, V)."""
        logits = F.linear(features_BTD.flatten(0, -2), self.words.weight, self.bias)  # one product, not one a stream
        return logits.view(*features_BTD.shape[:-1], -1)

    def nll(self, features_BTD: Tensor, targets_BT: Tensor) -> Tensor:
        """Returns the negative log-likelihood of each target in nats, as `halo.models.loss.linear_nll`."""
        return linear_nll(features_BTD, self.words.weight, self.bias, targets_BT)

    def sampled_nll(self, features_BTD: Tensor, targets_BT: Tensor, *, num_frequent: int) -> Tensor:
        """Returns an estimate of `nll` that looks at a part of the vocabulary, for training.

        The targets of the window are compared with as ever, and so are the `num_frequent` first words. Of the others, the
        word of rank r is drawn with probability num_frequent / r, and then counts r / num_frequent times in the sum over the
        vocabulary, which is thereby right on average (Botev et al. 2017, Complementary Sum Sampling; sampled softmax:
        Jean et al. 2015; probability by Zipf's law keeps the spread of the estimate small). Ids have to be in the
        order of frequency. Where no word would be left out, it is `nll`.

        Args:
            features_BTD: What is turned into logits.
            targets_BT: The words that came, int64; those below 0 are left out.
            num_frequent: How many of the first ids are always compared with.
        """
        vocab_size = self.words.num_embeddings
        if num_frequent >= vocab_size:
            return self.nll(features_BTD, targets_BT)
        rank_V = torch.arange(1, vocab_size + 1, device=targets_BT.device)
        chance_V = (num_frequent / rank_V).clamp(max=1)
        chance_V[targets_BT.clamp(min=0)] = 1  # an ignored target adds the first word, which is there already
        compared_W = (torch.rand(vocab_size, device=targets_BT.device) < chance_V).nonzero().squeeze(1)
        place_V = torch.empty_like(rank_V)
        place_V[compared_W] = torch.arange(len(compared_W), device=targets_BT.device)
        bias_W = self.bias[compared_W] - chance_V[compared_W].log()
        left = -len(compared_W) % COMPARED_MULTIPLE  # the first word again, without a probability
        compared_W, bias_W = F.pad(compared_W, (0, left)), F.pad(bias_W, (0, left), value=-torch.inf)
        places_BT = torch.where(targets_BT >= 0, place_V[targets_BT.clamp(min=0)], targets_BT)
        return linear_nll(features_BTD, F.embedding(compared_W, self.words.weight), bias_W, places_BT)


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
        log_probabilities: Tensor = self.softmax.log_prob(features_BTD.flatten(0, -2))
        return log_probabilities.view(*features_BTD.shape[:-1], -1)

    def nll(self, features_BTD: Tensor, targets_BT: Tensor) -> Tensor:
        """Returns the negative log-likelihood of each target in nats, float32; 0 for targets below 0.

        Those of its cluster among the first words, and of the word within its cluster; each is a `linear_nll`.
        """
        features_ND, targets_N = features_BTD.flatten(0, -2), targets_BT.flatten()
        first, head_N = self.softmax.cutoffs[0], targets_N
        of_tails_N = torch.zeros(len(targets_N), device=targets_N.device)
        for number, (low, high) in enumerate(itertools.pairwise(self.softmax.cutoffs)):
            is_inside_N = (targets_N >= low) & (targets_N < high)
            head_N = torch.where(is_inside_N, first + number, head_N)
            inside_C = is_inside_N.nonzero().squeeze(1)
            if len(inside_C):
                fewer_FD, words_WF = self.softmax.tail[number].parameters()
                features_CF = F.linear(features_ND[inside_C], fewer_FD)
                nats_C = _nats_without_bias(features_CF, words_WF, targets_N[inside_C] - low)
                of_tails_N = of_tails_N.index_add(0, inside_C, nats_C)
        nll_N = of_tails_N + _nats_without_bias(features_ND, self.softmax.head.weight, head_N)
        return nll_N.view_as(targets_BT)


def _nats_without_bias(features_ND: Tensor, words_WD: Tensor, targets_N: Tensor) -> Tensor:
    return linear_nll(features_ND, words_WD, torch.zeros(len(words_WD), device=words_WD.device), targets_N)


def make_output(
    features: int, vocab_size: int, cutoffs: list[int] | None, *, tied_to: nn.Embedding | None
) -> SoftmaxOutput | AdaptiveOutput:
    """Returns the output: a full softmax where there are no cutoffs, on the vectors of `tied_to` or on its own."""
    if cutoffs is not None:
        return AdaptiveOutput(features, vocab_size, cutoffs)
    return SoftmaxOutput(tied_to if tied_to is not None else nn.Embedding(vocab_size, features))
