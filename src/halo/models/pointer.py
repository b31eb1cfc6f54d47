"""A pointer to earlier words of the text: recent words are likely to be repeated.

Shape letters: B streams, T tokens of a window, H units of the last layer, K features of a key, P positions remembered
from earlier windows, S = P + T positions that a window can point to.
"""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

KEY_FEATURES = 64
INITIAL_GATE = -2.0
"""Logit of the pointer's initial share of the probability: sigmoid(-2) = 12 %."""
LOG_ZERO = -1e9
"""Stands for the logarithm of 0, so that sums stay finite."""

Memory = tuple[Tensor, Tensor]
"""Keys of the positions so far, shape (B, P, K), and the word after each but the last, int64, shape (B, P - 1)."""


class PointerOutput(NamedTuple):
    """The prediction of the pointer for each token of a window, float32.

    Attributes:
        gate_BT: Logarithm of the pointer's share of the probability.
        rest_BT: Logarithm of the remaining share, that of the softmax over the vocabulary.
        attention_BTS: The distribution over positions; sums to 1.
        words_BS: The word that followed each position, int64.
    """

    gate_BT: Tensor
    rest_BT: Tensor
    attention_BTS: Tensor
    words_BS: Tensor


class Pointer(nn.Module):
    """Attends to earlier outputs of the last layer, and predicts the words that followed them.

    The attention to a position depends on the similarity of its output to the current one, and on its distance. A gate,
    computed from the current output, divides the probability between these words and the softmax (Merity et al. 2017,
    Pointer Sentinel Mixture Models; a separate gate in place of the sentinel as in See et al. 2017). Unlike a cache at
    test time (Grave et al. 2017), the pointer is trained with the model.

    Args:
        hidden: Units of the last layer, H.
        tokens: Number of earlier tokens that it can point to, across windows.
    """

    def __init__(self, hidden: int, tokens: int) -> None:
        super().__init__()
        self.tokens = tokens
        self.query = nn.Linear(hidden, KEY_FEATURES)
        self.key = nn.Linear(hidden, KEY_FEATURES)
        self.gate = nn.Linear(hidden, 1)
        self.age_bias = nn.Parameter(torch.zeros(tokens + 1))
        nn.init.constant_(self.gate.bias, INITIAL_GATE)

    def forward(self, hidden_BTH: Tensor, ids_BT: Tensor, before: Memory | None) -> tuple[PointerOutput, Memory]:
        """Returns the prediction of the word after each token, and the memory after the window.

        Args:
            hidden_BTH: Outputs of the last layer.
            ids_BT: The tokens of the window, int64.
            before: The memory after the previous window; None at the start of a text.
        """
        keys_BSK, words_BS = self.key(hidden_BTH), ids_BT[:, 1:]
        if before is not None:
            keys_BSK = torch.cat([before[0], keys_BSK], dim=1)
            words_BS = torch.cat([before[1], ids_BT], dim=1)
        size, positions = ids_BT.size(1), keys_BSK.size(1)
        now_T1 = torch.arange(positions - size, positions, device=ids_BT.device).unsqueeze(1)
        age_TS = now_T1 - torch.arange(positions, device=ids_BT.device)
        is_known_TS = (age_TS >= 1) & (age_TS <= self.tokens)
        bias_TS = self.age_bias[age_TS.clamp(0, self.tokens)].float().masked_fill(~is_known_TS, LOG_ZERO)
        similarity_BTS = (self.query(hidden_BTH) / math.sqrt(KEY_FEATURES)) @ keys_BSK.transpose(1, 2)
        is_empty_T = ~is_known_TS.any(dim=1)
        gate_BT = self.gate(hidden_BTH).squeeze(-1).float()
        pointer_output = PointerOutput(
            gate_BT=F.logsigmoid(gate_BT).masked_fill(is_empty_T, LOG_ZERO),
            rest_BT=F.logsigmoid(-gate_BT).masked_fill(is_empty_T, 0.0),
            attention_BTS=F.softmax(similarity_BTS.float() + bias_TS, dim=-1),
            words_BS=F.pad(words_BS, (0, 1)),  # no token points to the last position: its word is not known yet
        )
        return pointer_output, (
            keys_BSK[:, -self.tokens :],
            words_BS[:, words_BS.size(1) - min(self.tokens, positions) + 1 :],
        )


def pointer_mixture_logits(logits_BTV: Tensor, pointer_output: PointerOutput) -> Tensor:
    """Returns the log-probabilities of all words under softmax and pointer together, float32, shape (B, T, V)."""
    words_BTS = pointer_output.words_BS.unsqueeze(1).expand_as(pointer_output.attention_BTS)
    shares_BTV = torch.zeros_like(logits_BTV, dtype=torch.float32).scatter_add(
        2, words_BTS, pointer_output.attention_BTS
    )
    from_softmax_BTV = F.log_softmax(logits_BTV.float(), dim=-1) + pointer_output.rest_BT.unsqueeze(2)
    return torch.logaddexp(from_softmax_BTV, _log(shares_BTV) + pointer_output.gate_BT.unsqueeze(2))


def pointer_mixture_nll(nll_BT: Tensor, targets_BT: Tensor, pointer_output: PointerOutput) -> Tensor:
    """Returns the negative log-likelihood of each target under softmax and pointer together, float32, shape (B, T).

    Args:
        nll_BT: Negative log-likelihood under the softmax alone, in nats.
        targets_BT: The actual next words, int64; the loss of negative ids is 0.
        pointer_output: The prediction of the pointer.
    """
    is_target_BTS = pointer_output.words_BS.unsqueeze(1) == targets_BT.unsqueeze(2)
    share_BT = (pointer_output.attention_BTS * is_target_BTS).sum(dim=2)
    mixed_BT = -torch.logaddexp(pointer_output.rest_BT - nll_BT, pointer_output.gate_BT + _log(share_BT))
    return mixed_BT.masked_fill(targets_BT < 0, 0.0)


def _log(probabilities: Tensor) -> Tensor:
    """Returns the logarithms of probabilities; that of 0 is finite."""
    return probabilities.clamp(min=torch.finfo(torch.float32).tiny).log()
