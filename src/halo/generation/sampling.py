"""Sampling the next word from logits.

Shape letters: B sequences, V words of the vocabulary, K candidate words.
"""

import torch
from torch import Tensor

LOWEST_TEMPERATURE = torch.finfo(torch.float32).eps
"""Below this the likeliest word is certain, and dividing by the temperature could overflow."""


def sample_next(
    logits_BV: Tensor,
    *,
    temperature: float,
    top_k: int,
    top_p: float,
    banned_ids: Tensor,
    uniform_B: Tensor,
) -> Tensor:
    """Returns one sampled id for each sequence, int64, shape (B,).

    Args:
        logits_BV: Unnormalised log-probabilities of the next word.
        temperature: Divides the logits; 0 selects the likeliest word.
        top_k: Number of candidates, the likeliest words; exactly k even if probabilities are equal. 0 for no limit.
        top_p: Keeps the fewest of the likeliest words whose probabilities sum to at least this share, at least one
            (nucleus sampling, Holtzman et al. 2020); 1 for no limit.
        banned_ids: Words that are never sampled, int64; they are removed before anything is normalised.
        uniform_B: A random number from 0 to below 1 for each sequence, which selects the word; float64, on mps float32.
    """
    scores_BV = logits_BV.float()
    if len(banned_ids):
        scores_BV = scores_BV.index_fill(1, banned_ids, -torch.inf)
    if temperature < LOWEST_TEMPERATURE:
        return scores_BV.argmax(-1)
    order_BK: Tensor | None = None
    if top_k:
        scores_BV, order_BK = scores_BV.topk(min(top_k, scores_BV.size(1)))
    elif top_p < 1:
        scores_BV, order_BK = scores_BV.sort(dim=-1, descending=True, stable=True)
    weights_BK = scores_BV - scores_BV.amax(-1, keepdim=True)
    if temperature != 1:
        weights_BK.div_(min(temperature, torch.finfo(torch.float32).max))  # by infinity, that of a banned word is NaN
    weights_BK.exp_()
    precise = uniform_B.dtype  # the running sum adds small shares
    sums_BK = weights_BK.cumsum(-1, dtype=precise)
    if top_p < 1:
        is_excluded_BK = sums_BK - weights_BK >= top_p * sums_BK[:, -1:]
        sums_BK = weights_BK.masked_fill_(is_excluded_BK, 0).cumsum(-1, dtype=precise)
    # The position of a uniform number in the running sum; `torch.multinomial` takes ten times as long on a CPU.
    sought_B1 = uniform_B.unsqueeze(1) * sums_BK[:, -1:]
    drawn_B1 = torch.searchsorted(sums_BK, sought_B1, right=True).clamp_(max=sums_BK.size(1) - 1)
    return (drawn_B1 if order_BK is None else order_BK.gather(1, drawn_B1)).squeeze(1)
