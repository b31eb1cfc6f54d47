"""The loss of each token: what gradients, metrics and reports are all made of.

Shape letters: B streams, T tokens of a window, V words of the vocabulary, N tokens, W words, D features, P
places of a row: its words and what fills it up.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

SCORES_AT_ONCE = 2**23
"""So many logits are made at a time where they are not kept, or are not float32: 32 MiB of them."""

ALIGNED = 16
"""Rows of logits begin at multiples of so many: products are written up to 1.5 times as fast."""


def token_nats(logits_BTV: Tensor, targets_BT: Tensor) -> Tensor:
    """Returns the negative log-likelihood of each target in nats, float32, shape (B, T); 0 where it is left out.

    Targets that are `halo.data.streams.IGNORED` are left out.

    Args:
        logits_BTV: Unnormalised log-probabilities of each next word.
        targets_BT: The words that came, int64.
    """
    nats = F.cross_entropy(logits_BTV.flatten(0, 1).float(), targets_BT.flatten(), reduction="none")
    return nats.view_as(targets_BT)


def linear_nats(features_BTD: Tensor, words_WD: Tensor, bias_W: Tensor, targets_BT: Tensor) -> Tensor:
    """Returns `token_nats` of the logits that features have with each word, and never holds these logits twice.

    The softmax takes the place of the logits, and its gradient that of the softmax; where no gradient is wanted, only a
    few rows exist at a time. Under autocast the products are of its type, and the loss is computed in float32.

    Args:
        features_BTD: What is compared with the words.
        words_WD: A vector for each word.
        bias_W: What is added to the logit of each word.
        targets_BT: The words that came, int64, as rows of `words_WD`; those below 0 are left out.
    """
    features_ND, targets_N = features_BTD.flatten(0, -2), targets_BT.flatten()
    device = features_ND.device.type
    if torch.is_autocast_enabled(device):
        dtype = torch.get_autocast_dtype(device)
        features_ND, words_WD = features_ND.to(dtype), words_WD.to(dtype)
    with torch.autocast(device, enabled=False):
        if torch.is_grad_enabled():
            nats_N: Tensor = _LinearNats.apply(features_ND, words_WD, bias_W, targets_N)  # type: ignore[no-untyped-call]
        else:
            rows = _rows_at_once(words_WD)
            parts = zip(torch.split(features_ND, rows), torch.split(targets_N, rows), strict=True)
            nats_N = torch.cat([_softmax_(_products(part, words_WD), bias_W, targets) for part, targets in parts])
    return nats_N.view_as(targets_BT)


class _LinearNats(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, features_ND: Tensor, words_WD: Tensor, bias_W: Tensor, targets_N: Tensor) -> Tensor:
        scores_NP = _products(features_ND, words_WD)
        rows = _rows_at_once(words_WD)
        parts = zip(torch.split(scores_NP, rows), torch.split(targets_N, rows), strict=True)
        nats_N = torch.cat([_softmax_(part, bias_W, targets) for part, targets in parts])
        ctx.save_for_backward(scores_NP, features_ND, words_WD, targets_N)
        return nats_N

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_nats_N: Tensor) -> tuple[Tensor | None, ...]:
        d_scores_NP, features_ND, words_WD, targets_N = ctx.saved_tensors  # the first one is the softmax so far
        d_nats_N1 = d_nats_N.masked_fill(targets_N < 0, 0.0).unsqueeze(1).to(d_scores_NP.dtype)
        d_scores_NP.scatter_add_(1, _places(targets_N), -torch.ones_like(d_nats_N1)).mul_(d_nats_N1)
        d_logits_NW = d_scores_NP[:, : len(words_WD)]
        return d_logits_NW @ words_WD, d_logits_NW.t() @ features_ND, d_logits_NW.sum(0, dtype=torch.float32), None


def _rows_at_once(words_WD: Tensor) -> int:
    return max(1, SCORES_AT_ONCE // len(words_WD))


def _products(features_ND: Tensor, words_WD: Tensor) -> Tensor:
    """Returns logits without bias, shape (N, P): of the words, and of what fills up the rows and has no probability."""
    words = len(words_WD)
    scores_NP = features_ND.new_empty(len(features_ND), -(-words // ALIGNED) * ALIGNED)
    torch.mm(features_ND, words_WD.t(), out=scores_NP[:, :words])
    scores_NP[:, words:] = -torch.inf
    return scores_NP


def _softmax_(scores_NP: Tensor, bias_W: Tensor, targets_N: Tensor) -> Tensor:
    """Puts probabilities in the place of the logits without bias; returns the nats of the targets, float32."""
    precise_NP = scores_NP.float()
    precise_NP[:, : len(bias_W)] += bias_W
    target_N = precise_NP.gather(1, _places(targets_N)).squeeze(1)
    largest_N = precise_NP.amax(1)
    torch.softmax(precise_NP, 1, out=precise_NP)
    # The logarithm of the softmax's denominator, by the likeliest word: the target's own probability may be 0 here.
    total_N = largest_N - precise_NP.amax(1).log()
    if precise_NP is not scores_NP:
        scores_NP.copy_(precise_NP)
    return (total_N - target_N).masked_fill(targets_N < 0, 0.0)


def _places(targets_N: Tensor) -> Tensor:
    """Returns where the targets stand among the words, shape (N, 1); any place for those that are left out."""
    return targets_N.clamp(min=0).unsqueeze(1)
