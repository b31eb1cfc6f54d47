"""Dropout whose choice holds for a whole window: of features, of words, of recurrent weights.

Shape letters: B streams, T tokens of a window, V words of the vocabulary, D features.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call


class LockedDropout(nn.Module):
    """Zeroes the same features at every time step of a window, a new choice for each stream and window.

    Gal and Ghahramani (2016), A Theoretically Grounded Application of Dropout in Recurrent Neural Networks.

    Args:
        probability: Share of the features that are zeroed in training; the others are scaled by 1 / (1 - probability).
    """

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability

    def forward(self, features_BTD: Tensor) -> Tensor:
        """Returns the features, shape (B, T, D), with whole (stream, feature) rows zeroed in training."""
        if not self.training or self.probability == 0:
            return features_BTD
        mask_B1D = features_BTD.new_empty(features_BTD.size(0), 1, features_BTD.size(2))
        mask_B1D.bernoulli_(1 - self.probability).div_(1 - self.probability)
        return features_BTD * mask_B1D

    def extra_repr(self) -> str:
        """Returns the probability, for printing the model."""
        return f"probability={self.probability}"


class EmbeddingDropout(nn.Module):
    """Zeroes the vectors of whole words, everywhere that they stand in a window (Gal and Ghahramani 2016).

    Args:
        probability: Share of the vocabulary that is zeroed in training; the others are scaled by 1 / (1 - probability).
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
    """Calls a one-layer recurrent module with a part of its hidden-to-hidden weights zeroed in training: DropConnect.

    The choice holds for all time steps of the call. The module keeps its weights and their names; gradients reach them
    through those that were kept (Wan et al. 2013; Merity et al. 2018).

    Args:
        layer: The module.
        probability: Share of the weights that are zeroed; the others are scaled by 1 / (1 - probability).
        inputs: What the module is called with.
    """
    if not layer.training or probability == 0:
        return layer(*inputs)
    name = "weight_hh_l0"
    weight = layer.get_parameter(name)
    return functional_call(layer, {name: weight * mask_like(weight, probability)}, inputs)


def mask_like(weight: Tensor, probability: float) -> Tensor:
    """Returns 0 with this probability, to 1 / 65,536, and 1 / (1 - probability) else, of the weight's shape.

    On a CPU, `F.dropout` draws each by itself, which for a million weights takes a large part of a layer's time.
    """
    fours = torch.empty(-(-weight.numel() // 4), dtype=torch.int64, device=weight.device).random_(-(2**63), None)
    drawn = fours.view(torch.int16)[: weight.numel()].view_as(weight)
    return (drawn >= round(probability * 2**16) - 2**15).to(weight.dtype).div_(1 - probability)
