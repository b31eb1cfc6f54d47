"""Recurrent layers and the pointer as nodes of an ONNX graph.

Shape letters: B streams, T tokens of a window, V words, D features, H units, P places of the pointer's memory,
S = P + T positions, K features of a key.
"""

import math

import torch
from torch import Tensor, nn

from halo.exporting.onnx.graph import Graph, value
from halo.exporting.onnx.parts import linear, next_num_tokens, places, remembered, window_length
from halo.models.mogrifier import MogrifierLSTM
from halo.models.pointer import KEY_FEATURES, LOG_ZERO, Pointer


def recurrent_layer(
    graph: Graph, layer: nn.RNNBase, name: str, inputs_BTD: str, state: list[str]
) -> tuple[str, list[str]]:
    """Adds a layer, a `Scan` over the tokens; returns its outputs, shape (B, T, H), and its next state.

    Args:
        graph: The graph.
        layer: An LSTM, Mogrifier LSTM or GRU layer.
        name: The name of the layer, for its weights.
        inputs_BTD: Its inputs.
        state: Hidden state, and cell state of an LSTM, shape (B, H) each.
    """
    weight_ih, weight_hh, bias_ih, bias_hh = layer.all_weights[0]
    units, width = layer.hidden_size, layer.input_size
    order = _sigmoid_gates_first(units)
    body = Graph(graph)
    before = [f"{name}.before_{number}" for number in range(len(state))]
    if isinstance(layer, nn.GRU):
        width = 3 * units
        inputs_BTD = linear(graph, inputs_BTD, f"{name}.weight_ih", weight_ih, bias_ih)
        from_state = linear(body, before[0], f"{name}.weight_hh", weight_hh, bias_hh)
        after = [_gru_step(body, before[0], f"{name}.input", from_state)]
    elif isinstance(layer, MogrifierLSTM) and len(layer.gates):
        pair, doubled = _mogrify(body, layer, name, [f"{name}.input", before[0]])
        weight = torch.cat([weight_ih * 2 ** doubled[0], weight_hh * 2 ** doubled[1]], dim=1)
        both = body("Concat", *pair, axis=1)
        product = linear(body, both, f"{name}.weight", weight[order], (bias_ih + bias_hh)[order])
        after = _lstm_step(body, product, before[1], units)
    else:
        width = 4 * units
        inputs_BTD = linear(graph, inputs_BTD, f"{name}.weight_ih", weight_ih[order], (bias_ih + bias_hh)[order])
        product = body("Add", linear(body, before[0], f"{name}.weight_hh", weight_hh[order]), f"{name}.input")
        after = _lstm_step(body, product, before[1], units)
    output = body("Identity", after[0])
    inner = body.finish(
        f"{name}.step",
        [
            value(each, "float32", ("B", size))
            for each, size in zip([*before, f"{name}.input"], [*[units] * len(state), width], strict=True)
        ],
        [value(each, "float32", ("B", units)) for each in (*after, output)],
    )
    *next_state, outputs_BTH = graph.several(
        "Scan",
        *[*state, inputs_BTD],
        outputs=len(state) + 1,
        body=inner,
        num_scan_inputs=1,
        scan_input_axes=[1],
        scan_output_axes=[1],
    )
    return outputs_BTH, next_state


def _mogrify(body: Graph, layer: MogrifierLSTM, name: str, pair: list[str]) -> tuple[list[str], list[int]]:
    """Adds the rounds of `MogrifierLSTM.mogrify`, without doubling what a round gates.

    Returns:
        Input and last output after the rounds, and how often each has to be doubled.
    """
    doubled = [0, 0]
    for number, gate in enumerate(layer.gates):
        gated = number % 2
        factor = linear(body, pair[1 - gated], f"{name}.gates.{number}", gate * 2 ** doubled[1 - gated])
        pair[gated] = body("Mul", pair[gated], body("Sigmoid", factor))
        doubled[gated] += 1
    return pair, doubled


def _sigmoid_gates_first(units: int) -> Tensor:
    """Returns the order input, forget, output, cell of the gates of an LSTM; torch has input, forget, cell, output."""
    into, forget, new_c, out = torch.arange(4 * units).chunk(4)
    return torch.cat([into, forget, out, new_c])


def _lstm_step(body: Graph, product_BG: str, c_BH: str, units: int) -> list[str]:
    """Adds the gates of an LSTM, in the order of `_sigmoid_gates_first`; returns hidden and cell state."""
    gates, new_c = body.several("Split", product_BG, [3 * units, units], outputs=2, axis=1)
    into, forget, out = body.several("Split", body("Sigmoid", gates), outputs=3, axis=1, num_outputs=3)
    next_c = body("Add", body("Mul", forget, c_BH), body("Mul", into, body("Tanh", new_c)))
    return [body("Mul", out, body("Tanh", next_c)), next_c]


def _gru_step(body: Graph, h_BH: str, from_input_BG: str, from_state_BG: str) -> str:
    """Adds the gates of a GRU, which torch orders reset, update, new."""
    reset_input, update_input, new_input = body.several("Split", from_input_BG, outputs=3, axis=1, num_outputs=3)
    reset_state, update_state, new_state = body.several("Split", from_state_BG, outputs=3, axis=1, num_outputs=3)
    reset = body("Sigmoid", body("Add", reset_input, reset_state))
    update = body("Sigmoid", body("Add", update_input, update_state))
    new_BH = body("Tanh", body("Add", new_input, body("Mul", reset, new_state)))
    return body("Add", new_BH, body("Mul", update, body("Sub", h_BH, new_BH)))


def pointer_mixture(
    graph: Graph, pointer: Pointer, name: str, *, hidden_BTH: str, log_softmax_BTV: str, ids_BT: str, state: list[str]
) -> tuple[str, list[str]]:
    """Adds the pointer; returns the log-probabilities of softmax and pointer together, and its next state.

    Args:
        graph: The graph.
        pointer: The pointer.
        name: Its name, for its weights.
        hidden_BTH: The outputs of the last layer.
        log_softmax_BTV: The log-probabilities of the softmax.
        ids_BT: The tokens of the window.
        state: Keys, ids and number of the remembered tokens.
    """
    keys_BPK, ids_BP, num_tokens_B = state
    keys_BSK = graph(
        "Concat", keys_BPK, linear(graph, hidden_BTH, f"{name}.key", pointer.key.weight, pointer.key.bias), axis=1
    )
    ids_BS = graph("Concat", ids_BP, ids_BT, axis=1)
    age_TS, is_filled_B1S = (
        places(graph, ids_BT, pointer.tokens),
        remembered(graph, ids_BT, num_tokens_B, pointer.tokens),
    )
    is_earlier_TS = graph("And", graph("GreaterOrEqual", age_TS, 1), graph("LessOrEqual", age_TS, pointer.tokens))
    is_known_BTS = graph("And", is_earlier_TS, is_filled_B1S)
    bias_TS = graph(
        "Gather", graph.weight(f"{name}.age_bias", pointer.age_bias), graph("Clip", age_TS, 0, pointer.tokens)
    )
    query = linear(graph, hidden_BTH, f"{name}.query", pointer.query.weight, pointer.query.bias)
    scaled_BTK = graph("Mul", query, 1 / math.sqrt(KEY_FEATURES))
    similarity_BTS = graph("MatMul", scaled_BTK, graph("Transpose", keys_BSK, perm=[0, 2, 1]))
    scores_BTS = graph("Where", is_known_BTS, graph("Add", similarity_BTS, bias_TS), LOG_ZERO)
    attention_BTS = graph("Softmax", scores_BTS, axis=-1)
    # The word after each position; the last position, to which no token points, gets the first id.
    words_BS = graph(
        "Concat", graph("Slice", ids_BS, [1], [2**31 - 1], [1]), graph("Slice", ids_BS, [0], [1], [1]), axis=1
    )
    words_BTS = graph("Expand", graph("Unsqueeze", words_BS, [1]), graph("Shape", attention_BTS))
    nothing_BTV = graph("Expand", 0.0, graph("Shape", log_softmax_BTV))
    shares_BTV = graph("ScatterElements", nothing_BTV, words_BTS, attention_BTS, axis=2, reduction="add")
    gate_BT1 = linear(graph, hidden_BTH, f"{name}.gate", pointer.gate.weight, pointer.gate.bias)
    before_B1, index_T = graph("Unsqueeze", num_tokens_B, [1]), graph("Range", 0, window_length(graph, ids_BT), 1)
    is_any_BT1 = graph("Unsqueeze", graph("Greater", graph("Add", before_B1, index_T), 0), [2])
    pointer_share_BT1 = graph("Where", is_any_BT1, graph("Sigmoid", gate_BT1), 0.0)
    log_softmax_share_BT1 = graph("Where", is_any_BT1, graph("Neg", graph("Softplus", gate_BT1)), 0.0)
    from_softmax_BTV = graph("Add", log_softmax_BTV, log_softmax_share_BT1)
    from_pointer_BTV = graph("Mul", shares_BTV, pointer_share_BT1)
    total_BTV = graph("Log", graph("Add", graph("Exp", from_softmax_BTV), from_pointer_BTV))
    mixture_BTV = graph("Max", total_BTV, from_softmax_BTV)  # where the exponential is 0
    last = ([-pointer.tokens], [2**31 - 1], [1])
    next_state = [graph("Slice", keys_BSK, *last), graph("Slice", ids_BS, *last)]
    return mixture_BTV, [*next_state, next_num_tokens(graph, ids_BT, num_tokens_B, pointer.tokens)]
