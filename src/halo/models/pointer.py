"""A pointer at words of the text before: what was said lately is likely to be said again.

Shape letters: B streams, T tokens of a window, H units of the last layer, K features of a key, P places remembered from
before the window, S = P + T places that a window can point at.
"""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

KEY_FEATURES = 64
FIRST_GATE = -2.0
"""At first the pointer gets sigmoid(-2) = 12 % of the probability."""
NEVER = -1e9
"""The logarithm of a probability of nothing, with which sums stay finite."""

Memory = tuple[Tensor, Tensor]
"""Keys of the places so far, shape (B, P, K), and the words that followed at all but the last, shape (B, P - 1)."""


class PointerOutput(NamedTuple):
    """What the pointer says of a window, float32.

    Attributes:
        gate_BT: Logarithm of the pointer's share of the probability; the softmax over the vocabulary has the rest.
        rest_BT: Logarithm of that rest.
        places_BTS: Of the pointer's share, the part of each place; they sum to 1.
        words_BS: The word that followed at each place, int64.
    """

    gate_BT: Tensor
    rest_BT: Tensor
    places_BTS: Tensor
    words_BS: Tensor


class Pointer(nn.Module):
    """Attention to the outputs of the last layer at the tokens before; each place stands for the word that followed.

    A place counts by how alike the outputs are there and now, and by its age. A gate, by the output now, divides the
    probability between these words and the softmax: after Merity et al. (2017), Pointer Sentinel Mixture Models, with
    a gate of its own in place of the sentinel (as See et al. 2017). Unlike a cache at test time (Grave et al. 2017) it
    is trained with the model.

    Args:
        hidden: Units of the last layer, H.
        tokens: How many tokens back it can point, over the borders of windows.
    """

    def __init__(self, hidden: int, tokens: int) -> None:
        super().__init__()
        self.tokens = tokens
        self.query = nn.Linear(hidden, KEY_FEATURES)
        self.key = nn.Linear(hidden, KEY_FEATURES)
        self.gate = nn.Linear(hidden, 1)
        self.age_bias = nn.Parameter(torch.zeros(tokens + 1))
        nn.init.constant_(self.gate.bias, FIRST_GATE)

    def forward(self, hidden_BTH: Tensor, ids_BT: Tensor, before: Memory | None) -> tuple[PointerOutput, Memory]:
        """Returns what it says of the words after each token, and its memory after the window.

        Args:
            hidden_BTH: The outputs of the last layer.
            ids_BT: The tokens that were read.
            before: The memory after the window before; None at the start of a text.
        """
        keys_BSK, words_BS = self.key(hidden_BTH), ids_BT[:, 1:]
        if before is not None:
            keys_BSK = torch.cat([before[0], keys_BSK], dim=1)
            words_BS = torch.cat([before[1], ids_BT], dim=1)
        size, places = ids_BT.size(1), keys_BSK.size(1)
        now_T1 = torch.arange(places - size, places, device=ids_BT.device).unsqueeze(1)
        age_TS = now_T1 - torch.arange(places, device=ids_BT.device)
        is_known_TS = (age_TS >= 1) & (age_TS <= self.tokens)
        bias_TS = self.age_bias[age_TS.clamp(0, self.tokens)].float().masked_fill(~is_known_TS, NEVER)
        alike_BTS = (self.query(hidden_BTH) / math.sqrt(KEY_FEATURES)) @ keys_BSK.transpose(1, 2)
        is_empty_T = ~is_known_TS.any(dim=1)
        gate_BT = self.gate(hidden_BTH).squeeze(-1).float()
        pointer_output = PointerOutput(
            gate_BT=F.logsigmoid(gate_BT).masked_fill(is_empty_T, NEVER),
            rest_BT=F.logsigmoid(-gate_BT).masked_fill(is_empty_T, 0.0),
            places_BTS=F.softmax(alike_BTS.float() + bias_TS, dim=-1),
            words_BS=F.pad(words_BS, (0, 1)),  # nobody points at the last place before its word is known
        )
        return pointer_output, (
            keys_BSK[:, -self.tokens :],
            words_BS[:, words_BS.size(1) - min(self.tokens, places) + 1 :],
        )


def pointer_mixture_logits(logits_BTV: Tensor, pointer_output: PointerOutput) -> Tensor:
    """Returns the log-probabilities of all words, shape (B, T, V), of the softmax and the pointer together."""
    words_BTS = pointer_output.words_BS.unsqueeze(1).expand_as(pointer_output.places_BTS)
    shares_BTV = torch.zeros_like(logits_BTV, dtype=torch.float32).scatter_add(2, words_BTS, pointer_output.places_BTS)
    from_softmax_BTV = F.log_softmax(logits_BTV.float(), dim=-1) + pointer_output.rest_BT.unsqueeze(2)
    return torch.logaddexp(from_softmax_BTV, _log(shares_BTV) + pointer_output.gate_BT.unsqueeze(2))


def pointer_mixture_nll(nll_BT: Tensor, targets_BT: Tensor, pointer_output: PointerOutput) -> Tensor:
    """Returns the negative log-likelihood of each target under softmax and pointer together, float32, shape (B, T).

    Args:
        nll_BT: Those of the softmax alone; 0 where a target is left out, and so is what is returned.
        targets_BT: The words that came; below 0 where they are left out.
        pointer_output: What the pointer says.
    """
    is_target_BTS = pointer_output.words_BS.unsqueeze(1) == targets_BT.unsqueeze(2)
    share_BT = (pointer_output.places_BTS * is_target_BTS).sum(dim=2)
    mixed_BT = -torch.logaddexp(pointer_output.rest_BT - nll_BT, pointer_output.gate_BT + _log(share_BT))
    return mixed_BT.masked_fill(targets_BT < 0, 0.0)


def _log(probabilities: Tensor) -> Tensor:
    """Returns the logarithms, which stay finite where a probability is 0."""
    return probabilities.clamp(min=torch.finfo(torch.float32).tiny).log()
