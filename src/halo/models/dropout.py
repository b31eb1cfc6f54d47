"""Dropout whose mask holds for a whole window."""

from torch import Tensor, nn


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
