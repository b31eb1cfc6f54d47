"""The loss of each token: what gradients, metrics and reports are all made of."""

import torch.nn.functional as F
from torch import Tensor


def token_nats(logits_BTV: Tensor, targets_BT: Tensor) -> Tensor:
    """Returns the negative log-likelihood of each target in nats, float32, shape (B, T); 0 where it is left out.

    Targets that are `halo.data.streams.IGNORED` are left out.

    Args:
        logits_BTV: Unnormalised log-probabilities of each next word.
        targets_BT: The words that came, int64.
    """
    nats = F.cross_entropy(logits_BTV.flatten(0, 1).float(), targets_BT.flatten(), reduction="none")
    return nats.view_as(targets_BT)
