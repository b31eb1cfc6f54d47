"""Transformer layers as nodes of an ONNX graph.

Shape letters: B streams, T tokens of a window, D features, N heads, E features of a head, P places of the memory,
S = P + T positions.
"""

import math

import torch
from torch import nn

from halo.exporting.onnx.graph import TYPES, Graph
from halo.exporting.onnx.parts import linear, next_num_tokens, places, remembered
from halo.models.transformer import ROTARY_BASE, TransformerLayer, TransformerModel

END = [2**31 - 1]
"""The end of a dimension, for `Slice`."""


def transformer_features(
    graph: Graph, model: TransformerModel, name: str, features_BTD: str, *, ids_BT: str, state: list[str]
) -> tuple[str, list[str]]:
    """Adds all layers; returns the inputs of the output layer, shape (B, T, D), and the next state.

    Args:
        graph: The graph.
        model: The model.
        name: What the names of its weights begin with.
        features_BTD: The word vectors.
        ids_BT: The window.
        state: Keys and values of each layer, and the number of remembered tokens.
    """
    *memories, num_tokens_B = state
    age_TS = places(graph, ids_BT, model.context)
    is_near_TS = graph("And", graph("GreaterOrEqual", age_TS, 0), graph("LessOrEqual", age_TS, model.context))
    is_filled_B1S = remembered(graph, ids_BT, num_tokens_B, model.context)
    visible_B1TS = graph("Unsqueeze", graph("And", is_near_TS, is_filled_B1S), [1])
    rotation_SE = _rotation(graph, age_TS, model.head_features)
    next_state: list[str] = []
    for number, layer in enumerate(model.layers):
        assert isinstance(layer, TransformerLayer)
        features_BTD, memory = _layer(
            graph,
            layer,
            f"{name}layers.{number}",
            features_BTD,
            memory=memories[2 * number : 2 * number + 2],
            rotation_SE=rotation_SE,
            visible_B1TS=visible_B1TS,
            context=model.context,
        )
        next_state += memory
    counter = next_num_tokens(graph, ids_BT, num_tokens_B, model.context)
    return _norm(graph, model.norm, f"{name}norm", features_BTD), [*next_state, counter]


def _layer(
    graph: Graph,
    layer: TransformerLayer,
    name: str,
    features_BTD: str,
    *,
    memory: list[str],
    rotation_SE: tuple[str, str],
    visible_B1TS: str,
    context: int,
) -> tuple[str, list[str]]:
    """Adds a `TransformerLayer`; returns its outputs, and the keys and values of the last tokens."""
    normed = _norm(graph, layer.norm_attention, f"{name}.norm_attention", features_BTD)
    together = linear(graph, normed, f"{name}.attention_input", layer.attention_input.weight)
    heads = layer.attention_input.out_features // layer.head_features
    by_head = graph("Reshape", together, [0, 0, heads, layer.head_features])
    split = graph("Transpose", by_head, perm=[0, 2, 1, 3])
    queries, keys, values = graph.several("Split", split, outputs=3, axis=1, num_outputs=3)
    keys_BNSE, values_BNSE = (
        graph("Concat", old, new, axis=2) for old, new in zip(memory, (keys, values), strict=True)
    )
    cosine_SE, sine_SE = rotation_SE
    cosine_TE, sine_TE = (graph("Slice", each, [context], END, [0]) for each in rotation_SE)
    turned_keys = graph("Transpose", _rotate(graph, keys_BNSE, cosine_SE, sine_SE), perm=[0, 1, 3, 2])
    products = graph("MatMul", _rotate(graph, queries, cosine_TE, sine_TE), turned_keys)
    scores = graph("Mul", products, 1 / math.sqrt(layer.head_features))
    attention = graph("Softmax", graph("Where", visible_B1TS, scores, -math.inf), axis=-1)
    attended = graph("Transpose", graph("MatMul", attention, values_BNSE), perm=[0, 2, 1, 3])
    attended_BTD = graph("Reshape", attended, [0, 0, layer.attention_output.in_features])
    change = linear(graph, attended_BTD, f"{name}.attention_output", layer.attention_output.weight)
    features_BTD = graph("Add", features_BTD, change)
    normed = _norm(graph, layer.norm_hidden, f"{name}.norm_hidden", features_BTD)
    hidden = graph("Gelu", linear(graph, normed, f"{name}.up", layer.up.weight))
    features_BTD = graph("Add", features_BTD, linear(graph, hidden, f"{name}.down", layer.down.weight))
    return features_BTD, [graph("Slice", each, [-context], END, [2]) for each in (keys_BNSE, values_BNSE)]


def _norm(graph: Graph, norm: nn.RMSNorm, name: str, features: str) -> str:
    """Adds a root-mean-square normalisation."""
    epsilon = torch.finfo(torch.float32).eps if norm.eps is None else norm.eps
    mean = graph("ReduceMean", graph("Mul", features, features), [-1], keepdims=1)
    scale = graph("Sqrt", graph("Add", mean, float(epsilon)))
    return graph("Mul", graph("Div", features, scale), graph.weight(f"{name}.weight", norm.weight))


def _rotation(graph: Graph, age_TS: str, head_features: int) -> tuple[str, str]:
    """Adds cosine and sine of the rotary positions, shape (S, E) each, as `halo.models.transformer.rotation`."""
    frequencies = ROTARY_BASE ** -(torch.arange(0, head_features, 2, dtype=torch.float32) / head_features)
    num_positions = graph("Squeeze", graph("Slice", graph("Shape", age_TS), [1], [2]), [0])
    positions_S1 = graph("Unsqueeze", graph("Cast", graph("Range", 0, num_positions, 1), to=TYPES["float32"]), [1])
    half = graph("Mul", positions_S1, graph.weight("rotary_frequencies", frequencies))
    angles_SE = graph("Concat", half, half, axis=1)
    return graph("Cos", angles_SE), graph("Sin", angles_SE)


def _rotate(graph: Graph, vectors: str, cosine: str, sine: str) -> str:
    """Adds `halo.models.transformer.rotate`."""
    first, second = graph.several("Split", vectors, outputs=2, axis=-1, num_outputs=2)
    swapped = graph("Concat", graph("Neg", second), first, axis=-1)
    return graph("Add", graph("Mul", vectors, cosine), graph("Mul", swapped, sine))
