"""One step of a language model as a torch module with explicit state, which torch.export can record.

Shape letters: B streams, V words of the vocabulary, D features, H units, P places of a memory, K features of a key.
"""

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram, export

from halo.exporting.portable.plain_weights import members_of
from halo.exporting.portable.state import state_of
from halo.models.language_model import LanguageModel, Network
from halo.models.mogrifier import MogrifierLSTM
from halo.models.pointer import KEY_FEATURES, LOG_ZERO, Pointer, PointerOutput, pointer_mixture_logits
from halo.models.recurrent import RecurrentModel
from halo.models.transformer import TransformerModel, rotation

MAX_BATCH = 2**16


class StepModule(nn.Module):
    """Reads one token of each stream: `log_probabilities_BV, state = step(ids_B, state)`.

    The state is a list of tensors, those of `state_of` in their order, all zeros at the start of a text.

    Args:
        model: The model, from `with_plain_weights`.
    """

    def __init__(self, model: LanguageModel) -> None:
        super().__init__()
        self.num_tensors = len(state_of(model)) // len(members_of(model))
        self.members = nn.ModuleList(members_of(model))

    def forward(self, ids_B: Tensor, state: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Returns the log-probabilities of the next words, shape (B, V), and the state after the tokens."""
        each_BV, after = [], []
        for number, member in enumerate(self.members):
            own = state[number * self.num_tensors : (number + 1) * self.num_tensors]
            logits_BV, next_state = _step(cast(Network, member), ids_B, own)
            each_BV.append(F.log_softmax(logits_BV, dim=-1))
            after += next_state
        if len(each_BV) == 1:
            return each_BV[0], after
        return torch.stack(each_BV).logsumexp(0) - math.log(len(each_BV)), after


def export_step(model: LanguageModel) -> ExportedProgram:
    """Returns the recorded step of a model, for any number of streams.

    Args:
        model: The model, from `with_plain_weights`.
    """
    state = [tensor.zeros(2) for tensor in state_of(model)]
    batch = Dim("batch", min=1, max=MAX_BATCH)
    shapes = {"ids_B": {0: batch}, "state": [{0: batch} for _ in state]}
    with torch.no_grad():
        return export(StepModule(model).eval(), (torch.zeros(2, dtype=torch.int64), state), dynamic_shapes=shapes)


def _step(model: Network, ids_B: Tensor, state: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
    """Returns a network's logits and the next state."""
    if isinstance(model, TransformerModel):
        return _transformer_step(model, ids_B, state)
    assert isinstance(model, RecurrentModel)
    hidden_BH, after = model.embedding(ids_B), []
    for layer in model.layers:
        assert isinstance(layer, nn.RNNBase)
        count = 2 if isinstance(layer, nn.LSTM) else 1
        own, state = state[:count], state[count:]
        after += _recurrent_step(layer, hidden_BH, own)
        hidden_BH = after[-count]
    logits_BV = model.output(model.projection(hidden_BH).unsqueeze(1)).squeeze(1)
    if model.pointer is None:
        return logits_BV, after
    pointer_output, memory = _pointer_step(model.pointer, hidden_BH, ids_B, state)
    return pointer_mixture_logits(logits_BV.unsqueeze(1), pointer_output).squeeze(1), [*after, *memory]


def _recurrent_step(layer: nn.RNNBase, input_BD: Tensor, state: list[Tensor]) -> list[Tensor]:
    """Returns the next state of a layer, hidden state first."""
    weights = layer.all_weights[0]
    if isinstance(layer, nn.GRU):
        return [torch.gru_cell(input_BD, state[0], *weights)]
    h_BH, c_BH = state
    if isinstance(layer, MogrifierLSTM):
        input_BD, h_BH = layer.mogrify(input_BD, h_BH)
    return list(torch.lstm_cell(input_BD, (h_BH, c_BH), *weights))


def _pointer_step(
    pointer: Pointer, hidden_BH: Tensor, ids_B: Tensor, state: list[Tensor]
) -> tuple[PointerOutput, list[Tensor]]:
    """Returns the prediction of `Pointer.forward` from a memory of fixed size, and the next memory."""
    keys_BPK, ids_BP, num_tokens_B = state
    places_P = torch.arange(pointer.tokens)
    is_known_BP = places_P >= pointer.tokens - num_tokens_B.unsqueeze(1)
    words_BP = torch.cat([ids_BP[:, 1:], ids_B.unsqueeze(1)], dim=1)  # the word after each remembered token
    query_BK1 = (pointer.query(hidden_BH) / math.sqrt(KEY_FEATURES)).unsqueeze(2)
    scores_BP = (keys_BPK @ query_BK1).squeeze(2) + pointer.age_bias[pointer.tokens - places_P]
    is_empty_B1 = (num_tokens_B == 0).unsqueeze(1)
    gate_B1 = pointer.gate(hidden_BH)
    output = PointerOutput(
        gate_BT=F.logsigmoid(gate_B1).masked_fill(is_empty_B1, LOG_ZERO),
        rest_BT=F.logsigmoid(-gate_B1).masked_fill(is_empty_B1, 0.0),
        attention_BTS=scores_BP.masked_fill(~is_known_BP, LOG_ZERO).softmax(-1).unsqueeze(1),
        words_BS=words_BP,
    )
    keys_BPK = torch.cat([keys_BPK[:, 1:], pointer.key(hidden_BH).unsqueeze(1)], dim=1)
    return output, [keys_BPK, words_BP, (num_tokens_B + 1).clamp(max=pointer.tokens)]


def _transformer_step(model: TransformerModel, ids_B: Tensor, state: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
    """Returns the logits of `TransformerModel` from a memory of fixed size, and the next state."""
    *memories, num_tokens_B = state
    visible_B11S = torch.arange(model.context + 1) >= (model.context - num_tokens_B)[:, None, None, None]
    rotation_SE = rotation(model.context + 1, model.head_features, device=ids_B.device)
    features_B1D, after = model.embedding(ids_B.unsqueeze(1)), []
    for number, layer in enumerate(model.layers):
        before = memories[2 * number], memories[2 * number + 1]
        features_B1D, keys_BNSE, values_BNSE = layer(features_B1D, before, rotation_SE, visible_B11S)
        after += [keys_BNSE[:, :, 1:], values_BNSE[:, :, 1:]]
    logits_BV = model.output(model.norm(features_B1D)).squeeze(1)
    return logits_BV, [*after, (num_tokens_B + 1).clamp(max=model.context)]
