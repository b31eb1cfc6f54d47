"""The loss as a sum: what gradients, metrics and reports are all made of."""

import torch.nn.functional as F
from torch import Tensor


def total_nats(logits_BTV: Tensor, targets_BT: Tensor) -> Tensor:
    """Returns the summed negative log-likelihood of the targets in nats, a float32 scalar.

    Targets that are `halo.data.streams.IGNORED` are left out.

    Args:
        logits_BTV: Unnormalised log-probabilities of each next word.
        targets_BT: The words that came, int64.
    """
    return F.cross_entropy(logits_BTV.flatten(0, 1).float(), targets_BT.flatten(), reduction="sum")


def token_nats(logits_BTV: Tensor, targets_BT: Tensor) -> Tensor:
    """Returns the negative log-likelihood of each target in nats, float32, shape (B, T); 0 where it is left out.

    Args:
        logits_BTV: As in `total_nats`.
        targets_BT: As in `total_nats`.
    """
    nats = F.cross_entropy(logits_BTV.flatten(0, 1).float(), targets_BT.flatten(), reduction="none")
    return nats.view_as(targets_BT)
