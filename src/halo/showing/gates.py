"""The gates and states of recurrent layers over a sentence, computed from their equations, token by token.

Shape letters: T tokens of the sentence, D features of the input, H units of the layer.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from halo.models.mogrifier import MogrifierLSTM
from halo.models.recurrent import RecurrentModel


class LayerTrace(NamedTuple):
    """The inside of a recurrent layer while it reads a sentence.

    Attributes:
        gates: Each gate by its name, from 0 to 1, shape (T, H).
        cell_TH: The cell state of an LSTM after each token; None for a GRU, which has none.
        hidden_TH: The hidden state after each token, which is the output of the layer.
    """

    gates: dict[str, Tensor]
    cell_TH: Tensor | None
    hidden_TH: Tensor


@torch.no_grad()
def trace_layers(model: RecurrentModel, ids_T: Tensor) -> list[LayerTrace]:
    """Returns the gates and states of each layer, from the start of a text.

    Args:
        model: The network; dropout is left out, as in evaluation.
        ids_T: The tokens that it reads, int64.
    """
    inputs_TD = model.embedding(ids_T).float()
    traces = []
    for layer in model.layers:
        trace = trace_lstm(layer, inputs_TD) if isinstance(layer, nn.LSTM) else trace_gru(layer, inputs_TD)
        traces.append(trace)
        inputs_TD = trace.hidden_TH
    return traces


def trace_lstm(layer: nn.LSTM, inputs_TD: Tensor) -> LayerTrace:
    """Returns the gates and states of an LSTM layer (Hochreiter and Schmidhuber 1997), from states of zeros.

    With i, f and o the input, forget and output gate, and g the new content: c = f c + i g, and h = o tanh(c). In a
    Mogrifier LSTM the input and the last output have gated each other before (Melis et al. 2020).

    Args:
        layer: The layer.
        inputs_TD: Its inputs.
    """
    weight_ih, weight_hh, bias_ih, bias_hh = layer.all_weights[0][:4]
    h_1H = c_1H = inputs_TD.new_zeros(1, layer.hidden_size)
    steps = []
    for input_D in inputs_TD:
        input_1D = input_D.unsqueeze(0)
        if isinstance(layer, MogrifierLSTM):
            input_1D, h_1H = layer.mogrify(input_1D, h_1H)
        i, f, g, o = (input_1D @ weight_ih.t() + bias_ih + h_1H @ weight_hh.t() + bias_hh).chunk(4, dim=1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c_1H = f * c_1H + i * g
        h_1H = o * c_1H.tanh()
        steps.append((i, f, o, c_1H, h_1H))
    i_TH, f_TH, o_TH, c_TH, h_TH = (torch.cat(each) for each in zip(*steps, strict=True))
    return LayerTrace({"input": i_TH, "forget": f_TH, "output": o_TH}, c_TH, h_TH)


def trace_gru(layer: nn.Module, inputs_TD: Tensor) -> LayerTrace:
    """Returns the gates and states of a GRU layer (Cho et al. 2014), from a state of zeros.

    With r and z the reset and update gate, and n the new content: h = (1 - z) n + z h.

    Args:
        layer: The layer, an `nn.GRU`.
        inputs_TD: Its inputs.
    """
    assert isinstance(layer, nn.GRU)
    weight_ih, weight_hh, bias_ih, bias_hh = layer.all_weights[0][:4]
    h_1H = inputs_TD.new_zeros(1, layer.hidden_size)
    steps = []
    for input_D in inputs_TD:
        from_input = (input_D.unsqueeze(0) @ weight_ih.t() + bias_ih).chunk(3, dim=1)
        from_state = (h_1H @ weight_hh.t() + bias_hh).chunk(3, dim=1)
        r, z = ((one + other).sigmoid() for one, other in zip(from_input[:2], from_state[:2], strict=True))
        n = (from_input[2] + r * from_state[2]).tanh()
        h_1H = (1 - z) * n + z * h_1H
        steps.append((r, z, h_1H))
    r_TH, z_TH, h_TH = (torch.cat(each) for each in zip(*steps, strict=True))
    return LayerTrace({"reset": r_TH, "update": z_TH}, None, h_TH)
