"""Dropout with one mask for a whole window: of features, of words, of recurrent weights.

Shape letters: B streams of this process, S streams of all, T tokens of a window, V words of the vocabulary, D features.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call


class StreamShare(NamedTuple):
    """Holds which of the streams of a run a process trains on.

    Attributes:
        own: Their indices, in a row.
        total: The number of streams of all processes.
    """

    own: range
    total: int


class LockedDropout(nn.Module):
    """Zeroes the same features at every time step of a window; each stream and window has its own mask.

    Gal and Ghahramani (2016), A Theoretically Grounded Application of Dropout in Recurrent Neural Networks.

    Args:
        probability: Probability of zeroing a feature in training; the others are scaled by 1 / (1 - probability).

    Attributes:
        share: Where several processes train, the streams of this one among those of all. Each process draws the masks
            of all streams, so that neither a mask nor any later random number depends on the number of processes.
    """

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability
        self.share: StreamShare | None = None

    def forward(self, features_BTD: Tensor) -> Tensor:
        """Returns the features, shape (B, T, D); in training some are zero throughout the window."""
        if not self.training or self.probability == 0:
            return features_BTD
        streams, features = features_BTD.size(0), features_BTD.size(2)
        share = self.share if self.share and len(self.share.own) == streams else StreamShare(range(streams), streams)
        mask_S1D = features_BTD.new_empty(share.total, 1, features)
        mask_S1D.bernoulli_(1 - self.probability).div_(1 - self.probability)
        return features_BTD * mask_S1D[share.own.start : share.own.stop]

    def extra_repr(self) -> str:
        """Returns the probability, for printing the model."""
        return f"probability={self.probability}"


class EmbeddingDropout(nn.Module):
    """Zeroes the vectors of whole words, at all their occurrences in a window (Gal and Ghahramani 2016).

    Args:
        probability: Probability of zeroing a word in training; the others are scaled by 1 / (1 - probability).
    """

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability

    def forward(self, embedding: nn.Embedding, ids_BT: Tensor) -> Tensor:
        """Returns the word vectors of the ids, shape (B, T, D)."""
        features_BTD: Tensor = embedding(ids_BT)
        if not self.training or self.probability == 0:
            return features_BTD
        kept_V = features_BTD.new_empty(embedding.num_embeddings)
        kept_V.bernoulli_(1 - self.probability).div_(1 - self.probability)
        return features_BTD * kept_V[ids_BT].unsqueeze(-1)

    def extra_repr(self) -> str:
        """Returns the probability, for printing the model."""
        return f"probability={self.probability}"


def call_with_dropped_weights(layer: nn.RNNBase, probability: float, *inputs: Any) -> Any:
    """Calls a one-layer recurrent module with some hidden-to-hidden weights zeroed in training (DropConnect).

    The mask is the same at all time steps of the call. The parameters of the module are unchanged, and gradients flow
    to those that were kept (Wan et al. 2013; Merity et al. 2018).

    Args:
        layer: The module.
        probability: Probability of zeroing a weight; the others are scaled by 1 / (1 - probability).
        inputs: The arguments of the call.
    """
    if not layer.training or probability == 0:
        return layer(*inputs)
    name = "weight_hh_l0"
    weight = layer.get_parameter(name)
    return functional_call(layer, {name: weight * mask_like(weight, probability)}, inputs)


def mask_like(weight: Tensor, probability: float) -> Tensor:
    """Returns a dropout mask of the weight's shape: 0 with this probability, otherwise 1 / (1 - probability).

    The probability is rounded to a multiple of 1 / 65,536, so that one random 64-bit integer gives four elements. On a
    CPU, `F.dropout` draws each element separately, which for a million weights takes a large part of a layer's time.
    """
    fours = torch.empty(-(-weight.numel() // 4), dtype=torch.int64, device=weight.device).random_(-(2**63), None)
    drawn = fours.view(torch.int16)[: weight.numel()].view_as(weight)
    return (drawn >= round(probability * 2**16) - 2**15).to(weight.dtype).div_(1 - probability)
