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
