"""The negative log-likelihood of each token, on which gradients, metrics and reports are based.

Shape letters: B streams, T tokens of a window, V words of the vocabulary, N tokens, W words, D features, P columns of
a padded row of logits.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

LOGITS_PER_CHUNK = 2**23
"""Number of logits computed at a time without gradients: 32 MiB."""

MAX_STORED_BYTES = 2**29
"""Most bytes of logits stored for the backward pass; more are recomputed there: less memory, one product more."""

RECOMPUTE_CHUNK = 2**25
"""Number of logits recomputed at a time, 128 MiB in float32; smaller chunks add to the words' gradient more often."""

EXPONENTIALS_PER_CHUNK = 2**19
"""Number of exponentials computed at a time on a CPU: 2 MiB, which stay in its cache between operations."""

ROW_MULTIPLE = 16
"""Rows of logits are padded to a multiple of this: writing products is up to 1.5 times as fast."""


def token_nll(logits_BTV: Tensor, targets_BT: Tensor) -> Tensor:
    """Returns the negative log-likelihood of each target in nats, float32, shape (B, T).

    Args:
        logits_BTV: Unnormalised log-probabilities of each next word.
        targets_BT: The actual next words, int64; the loss of `halo.data.streams.IGNORED` is 0.
    """
    nll = F.cross_entropy(logits_BTV.flatten(0, 1).float(), targets_BT.flatten(), reduction="none")
    return nll.view_as(targets_BT)


def linear_nll(features_BTD: Tensor, words_WD: Tensor, bias_W: Tensor, targets_BT: Tensor) -> Tensor:
    """Returns `token_nll` of the logits features x words + bias, and never holds these logits twice.

    Exponentials overwrite the logits, and the gradient overwrites the exponentials. Without gradients, or if the logits
    would take more than `MAX_STORED_BYTES`, only some rows exist at a time. Under autocast the products have its type,
    and the loss is computed in float32.

    Args:
        features_BTD: Inputs of the output layer.
        words_WD: The vector of each word.
        bias_W: The bias of each word.
        targets_BT: The actual next words as rows of `words_WD`, int64; the loss of negative ids is 0.
    """
    features_ND, targets_N = features_BTD.flatten(0, -2), targets_BT.flatten()
    device = features_ND.device.type
    if torch.is_autocast_enabled(device):
        dtype = torch.get_autocast_dtype(device)
        features_ND, words_WD = features_ND.to(dtype), words_WD.to(dtype)
    with torch.autocast(device, enabled=False):
        if torch.is_grad_enabled():
            nll_N: Tensor = _LinearNLL.apply(features_ND, words_WD, bias_W, targets_N)  # type: ignore[no-untyped-call]
        else:
            nll_N = _nll_in_chunks(LOGITS_PER_CHUNK, features_ND, words_WD, bias_W, targets_N)
    return nll_N.view_as(targets_BT)


class _LinearNLL(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, features_ND: Tensor, words_WD: Tensor, bias_W: Tensor, targets_N: Tensor) -> Tensor:
        given = features_ND, words_WD, bias_W, targets_N
        if features_ND.element_size() * len(features_ND) * len(words_WD) > MAX_STORED_BYTES:
            ctx.save_for_backward(*given)
            return _nll_in_chunks(RECOMPUTE_CHUNK, *given)
        nll_N, *kept = _nll_and_exponentials(*given)
        ctx.save_for_backward(*given, *kept)
        return nll_N

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_nll_N: Tensor) -> tuple[Tensor | None, ...]:
        """Computes gradients: that of a logit is its probability, minus 1 at the target.

        Rows are scaled by way of the smaller factors of the products.
        """
        features_ND, words_WD, bias_W, targets_N, *kept = ctx.saved_tensors
        dtype, words = features_ND.dtype, len(words_WD)
        d_features, d_words_WD, d_bias_W = [], words_WD, torch.zeros_like(bias_W)
        rows = len(features_ND) if kept else max(1, RECOMPUTE_CHUNK // words)
        parts = zip(*(torch.split(each, rows) for each in (features_ND, targets_N, d_nll_N)), strict=True)
        for number, (features, targets, d_nll) in enumerate(parts):
            d_scores, total = (
                kept or _nll_and_exponentials(features, words_WD, bias_W, targets)[1:]
            )  # still exponentials
            place = torch.arange(len(targets), device=targets.device), targets.clamp(min=0)
            d_scores[place] -= total.clamp(max=torch.finfo(dtype).max).to(dtype)  # float16 ends at 65,504
            d_logits, scale = d_scores[:, :words], (d_nll / total).masked_fill(targets < 0, 0.0).unsqueeze(1)
            d_features.append((d_logits @ words_WD * scale).to(dtype))
            of_words = d_logits.t(), (features * scale).to(dtype)
            d_words_WD = (
                d_words_WD.addmm_(*of_words) if number else torch.mm(*of_words)
            )  # the first chunk starts the sum
            d_bias_W += (scale.t().to(dtype) @ d_logits).squeeze(0)
        return torch.cat(d_features), d_words_WD, d_bias_W, None


def _nll_in_chunks(num_logits: int, features_ND: Tensor, words_WD: Tensor, bias_W: Tensor, targets_N: Tensor) -> Tensor:
    """Returns the negative log-likelihood of the targets; at most `num_logits` logits exist at a time."""
    rows = max(1, num_logits // len(words_WD))
    parts = zip(torch.split(features_ND, rows), torch.split(targets_N, rows), strict=True)
    return torch.cat([_nll_and_exponentials(features, words_WD, bias_W, targets)[0] for features, targets in parts])


def _nll_and_exponentials(
    features_ND: Tensor, words_WD: Tensor, bias_W: Tensor, targets_N: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Returns the loss of the targets, the exponentials of all logits, shape (N, P), and the sums of their rows."""
    scores_NP = _products(features_ND, words_WD)
    nll_N, total_N = _exponentials_(scores_NP, bias_W, targets_N)
    return nll_N, scores_NP, total_N


def _products(features_ND: Tensor, words_WD: Tensor) -> Tensor:
    """Returns logits without bias, shape (N, P); the padding of each row is -inf, of probability 0."""
    words = len(words_WD)
    scores_NP = features_ND.new_empty(len(features_ND), -(-words // ROW_MULTIPLE) * ROW_MULTIPLE)
    torch.mm(features_ND, words_WD.t(), out=scores_NP[:, :words])
    scores_NP[:, words:] = -torch.inf
    return scores_NP


def _exponentials_(scores_NP: Tensor, bias_W: Tensor, targets_N: Tensor) -> tuple[Tensor, Tensor]:
    """Adds the bias and replaces the logits by exp(logit - largest logit of the row), in place.

    Returns the negative log-likelihood of the targets and the sum of each row of exponentials, float32, shape (N,).
    """
    nll_N, total_N = torch.empty(2, len(scores_NP), device=scores_NP.device)
    at_once = EXPONENTIALS_PER_CHUNK if scores_NP.device.type == "cpu" else LOGITS_PER_CHUNK
    parts = (each.split(max(1, at_once // scores_NP.size(1))) for each in (scores_NP, targets_N, nll_N, total_N))
    for scores, targets, nll, total in zip(*parts, strict=True):
        logits = scores.float()
        logits[:, : len(bias_W)] += bias_W
        target = logits.gather(1, targets.clamp(min=0).unsqueeze(1)).squeeze(1)
        largest = logits.amax(1, keepdim=True)
        torch.sum(logits.sub_(largest).exp_(), 1, out=total)
        torch.add(total.log(), largest.squeeze(1) - target, out=nll)
        if logits is not scores:
            scores.copy_(logits)
    return nll_N.masked_fill_(targets_N < 0, 0.0), total_N
