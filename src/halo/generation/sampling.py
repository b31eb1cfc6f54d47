"""Drawing the next token from logits.

Shape letters: B sequences, V tokens of the vocabulary, K candidates.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from halo.config import SamplingConfig
from halo.runtime.errors import InputError

LOWEST_TEMPERATURE = torch.finfo(torch.float32).eps
"""Below this the likeliest token is certain, and dividing by the temperature could overflow."""


def sample_next(scores_BV: Tensor, *, sampling: SamplingConfig, uniform_B: Tensor) -> Tensor:
    """Returns one drawn id for each sequence, int64, shape (B,).

    The limits apply one after the other, each to the probabilities of what the ones before have left: `temperature`,
    `top_k`, `top_p` (nucleus sampling, Holtzman et al. 2020), `min_p` (Nguyen et al. 2024), `typical_p` (locally
    typical sampling, Meister et al. 2023). Each leaves at least one token; of equal ones the same is taken every time.

    Args:
        scores_BV: Logits or log-probabilities of the next tokens; minus infinity for what must not be drawn.
        sampling: Temperature and limits.
        uniform_B: A random number from 0 to below 1 for each sequence, which selects the token; float64, on mps
            float32.

    Raises:
        InputError: A sequence has no token that can be drawn, or the scores are not numbers.
    """
    scores_BV = scores_BV.float()
    require_candidates(scores_BV)
    if sampling.temperature < LOWEST_TEMPERATURE:
        return scores_BV.argmax(-1)
    weights_BK, order_BK = limited_weights(scores_BV, sampling=sampling, precise=uniform_B.dtype)
    drawn_B1 = _draw(weights_BK, uniform_B)
    return (drawn_B1 if order_BK is None else order_BK.gather(1, drawn_B1)).squeeze(1)


class Weights(NamedTuple):
    """The relative probabilities with which tokens are drawn.

    Attributes:
        weights_BK: The weight of each candidate; 0 for those that the limits exclude.
        order_BK: The id of each candidate, int64; None if it is its index.
    """

    weights_BK: Tensor
    order_BK: Tensor | None


def limited_weights(scores_BV: Tensor, *, sampling: SamplingConfig, precise: torch.dtype) -> Weights:
    """Returns the weights with which tokens are drawn, for temperatures above 0.

    Args:
        scores_BV: Logits, float32; minus infinity for what must not be drawn.
        sampling: Temperature and limits, as in `sample_next`.
        precise: The number format in which shares are added.
    """
    order_BK: Tensor | None = None
    if sampling.top_k:
        scores_BV, order_BK = scores_BV.topk(min(sampling.top_k, scores_BV.size(1)))
    elif sampling.top_p < 1:
        scores_BV, order_BK = scores_BV.sort(dim=-1, descending=True, stable=True)
    weights_BK = scores_BV - scores_BV.amax(-1, keepdim=True)
    if sampling.temperature != 1:  # by infinity, that of a banned token is NaN
        weights_BK.div_(min(sampling.temperature, torch.finfo(torch.float32).max))
    weights_BK.exp_()  # relative to the likeliest token
    if sampling.top_p < 1:
        weights_BK = _fewest_with_share(weights_BK, sampling.top_p, precise)
    if sampling.min_p > 0:
        weights_BK = weights_BK.masked_fill(weights_BK < sampling.min_p, 0)
    if sampling.typical_p < 1:
        weights_BK = _typical(weights_BK, sampling.typical_p, precise)
    return Weights(weights_BK, order_BK)


def require_candidates(scores_BV: Tensor) -> None:
    """Raises `InputError` unless each sequence has a token that can be drawn, and all scores are numbers."""
    if not bool(scores_BV.amax(-1).isfinite().all()):  # the largest of numbers and NaN is NaN
        raise InputError("the model's predictions are not finite numbers; use another model")


def _fewest_with_share(weights_BK: Tensor, share: float, precise: torch.dtype) -> Tensor:
    """Returns weights with all but the first 0, as few of them as hold a share of the sum, at least one."""
    sums_BK = weights_BK.cumsum(-1, dtype=precise)  # adds small shares
    is_excluded_BK = sums_BK - weights_BK >= share * sums_BK[:, -1:]
    is_excluded_BK[:, 0] = False
    return weights_BK.masked_fill(is_excluded_BK, 0)


def _typical(weights_BK: Tensor, share: float, precise: torch.dtype) -> Tensor:
    """Returns weights with all 0 but those whose surprisal is nearest to the entropy and that hold a share together."""
    log_BK = (weights_BK / weights_BK.sum(-1, keepdim=True)).log()
    entropy_B1 = -(log_BK.exp() * log_BK.clamp(min=torch.finfo(log_BK.dtype).min)).sum(-1, keepdim=True)
    order_BK = (log_BK + entropy_B1).abs().argsort(dim=-1, stable=True)  # infinite for those of weight 0: last
    kept_BK = _fewest_with_share(weights_BK.gather(1, order_BK), share, precise)
    return torch.zeros_like(weights_BK).scatter(1, order_BK, kept_BK)


def _draw(weights_BK: Tensor, uniform_B: Tensor) -> Tensor:
    """Returns the position of one of the weights above 0 for each sequence, int64, shape (B, 1).

    It is that of the uniform number in the running sum; `torch.multinomial` takes ten times as long on a CPU.
    """
    sums_BK = weights_BK.cumsum(-1, dtype=uniform_B.dtype)
    total_B1 = sums_BK[:, -1:]
    below_B1 = torch.nextafter(total_B1, torch.zeros_like(total_B1))  # a product may be rounded up to the whole sum
    sought_B1 = torch.minimum(uniform_B.unsqueeze(1) * total_B1, below_B1)
    return torch.searchsorted(sums_BK, sought_B1, right=True)
