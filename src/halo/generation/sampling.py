"""Drawing the next word from logits.

Shape letters: B sequences, V words of the vocabulary, K words that may be drawn.
"""

import torch
from torch import Tensor


def sample_next(
    logits_BV: Tensor,
    *,
    temperature: float,
    top_k: int,
    top_p: float,
    banned_ids: list[int],
    generator: torch.Generator,
) -> Tensor:
    """Returns one drawn id for each sequence, int64, shape (B,).

    Args:
        logits_BV: Unnormalised log-probabilities of the next word.
        temperature: Divides the logits; 0 takes the likeliest word.
        top_k: Only the k likeliest words may be drawn, exactly k where there are ties; 0 sets no limit.
        top_p: Only the fewest likeliest words whose probabilities reach this share may be drawn, at least one
            (Holtzman et al. 2020); 1 sets no limit.
        banned_ids: Words that may not be drawn; they are taken out before anything is normalised.
        generator: The source of randomness, on the device of the logits.
    """
    precise = torch.float32 if logits_BV.device.type == "mps" else torch.float64  # drawing sums up small shares
    scores_BV = logits_BV.to(precise, copy=True)
    scores_BV[:, banned_ids] = -torch.inf
    if temperature == 0:
        return scores_BV.argmax(-1)
    scores_BV /= temperature
    order_BK: Tensor | None = None
    if top_k:
        scores_BV, order_BK = scores_BV.topk(min(top_k, scores_BV.size(1)))
    elif top_p < 1:
        scores_BV, order_BK = scores_BV.sort(dim=-1, descending=True, stable=True)
    probabilities_BK = scores_BV.softmax(-1)
    if top_p < 1:
        before_BK = probabilities_BK.cumsum(-1) - probabilities_BK
        probabilities_BK[before_BK >= top_p] = 0
    drawn_B1 = _draw(probabilities_BK, generator)
    return (drawn_B1 if order_BK is None else order_BK.gather(1, drawn_B1)).squeeze(1)


def _draw(weights_BK: Tensor, generator: torch.Generator) -> Tensor:
    """Returns an index for each row, shape (B, 1), drawn in proportion to weights, at least one of them above 0.

    Where a uniform number falls in the running sum: `torch.multinomial` takes ten times as long on a CPU.
    """
    sums_BK = weights_BK.cumsum(-1)
    drawn_B1 = torch.rand(len(sums_BK), 1, dtype=sums_BK.dtype, device=sums_BK.device, generator=generator)
    return torch.searchsorted(sums_BK, drawn_B1 * sums_BK[:, -1:], right=True).clamp(max=sums_BK.size(1) - 1)
