"""Drawing the next word from logits.

Shape letters: B sequences, V words of the vocabulary.
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
    logits_BV = logits_BV.float().clone()
    logits_BV[:, banned_ids] = -torch.inf
    if temperature == 0:
        return logits_BV.argmax(-1)
    ordered_BV, order_BV = (logits_BV / temperature).sort(dim=-1, descending=True, stable=True)
    probabilities_BV = ordered_BV.softmax(-1)
    if top_k:
        probabilities_BV[:, top_k:] = 0
        probabilities_BV /= probabilities_BV.sum(-1, keepdim=True)
    before_BV = probabilities_BV.cumsum(-1) - probabilities_BV
    if top_p < 1:
        probabilities_BV[before_BV >= top_p] = 0
    drawn_B1 = torch.multinomial(probabilities_BV, 1, generator=generator)
    return order_BV.gather(1, drawn_B1).squeeze(1)
