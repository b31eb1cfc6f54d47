"""A language model as one ONNX graph: ids and state in, log-probabilities and the next state out.

Shape letters: B streams, T tokens of a window, V words of the vocabulary, H units, D features.
"""

import math
from typing import NamedTuple

from onnx import ModelProto, ValueInfoProto
from torch import nn

from halo.exporting.onnx.graph import Graph, finish_model, value
from halo.exporting.onnx.parts import linear, log_softmax
from halo.exporting.onnx.recurrent import pointer_mixture, recurrent_layer
from halo.exporting.onnx.transformer import transformer_features
from halo.exporting.portable.plain_weights import members_of
from halo.exporting.portable.state import StateTensor, state_of
from halo.models.language_model import LanguageModel, Network
from halo.models.recurrent import RecurrentModel
from halo.models.transformer import TransformerModel

IDS, LOG_PROBABILITIES = "ids", "log_probabilities"


def onnx_model(model: LanguageModel, *, vocab_size: int, metadata: dict[str, str]) -> ModelProto:
    """Returns the graph of a model; it reads windows of any length, of which one token is a step of generation.

    Args:
        model: The model, from `with_plain_weights`.
        vocab_size: Number of words of the vocabulary.
        metadata: What the file says about itself.

    Raises:
        InputError: The model is of another class than those of this package.
    """
    graph, state = Graph(), state_of(model)
    members = members_of(model)
    each, next_state = [], []
    size = len(state) // len(members)
    for number, member in enumerate(members):
        own = [tensor.name for tensor in state[number * size : (number + 1) * size]]
        name = f"members.{number}." if len(members) > 1 else ""
        log_probabilities, after = _network(graph, member, name, own)
        each.append(log_probabilities)
        next_state += after
    graph.rename(_mean(graph, each), LOG_PROBABILITIES)
    for tensor, after_window in zip(state, next_state, strict=True):
        graph.rename(after_window, f"next_{tensor.name}")
    inputs = [value(IDS, "int64", ("B", "T")), *(_declaration(tensor, tensor.name) for tensor in state)]
    outputs = [
        value(LOG_PROBABILITIES, "float32", ("B", "T", vocab_size)),
        *(_declaration(tensor, f"next_{tensor.name}") for tensor in state),
    ]
    return finish_model(graph, inputs, outputs, metadata)


def _declaration(tensor: StateTensor, name: str) -> ValueInfoProto:
    return value(name, tensor.dtype, ("B", *tensor.sizes))


def _mean(graph: Graph, log_probabilities: list[str]) -> str:
    """Adds the logarithm of the mean probability of several networks."""
    if len(log_probabilities) == 1:
        return log_probabilities[0]
    stacked = graph("Concat", *(graph("Unsqueeze", each, [0]) for each in log_probabilities), axis=0)
    total = graph("ReduceLogSumExp", stacked, [0], keepdims=0)
    return graph("Sub", total, math.log(len(log_probabilities)))


class NetworkFeatures(NamedTuple):
    """What a network computes before its output layer, as names of tensors.

    Attributes:
        features_BTD: The inputs of the output layer.
        hidden_BTH: The outputs of the last layer, which a pointer compares.
        next_state: The state of the layers after the window.
        memory: The part of the state that is not of the layers: the pointer's.
        embedding: The word vectors.
    """

    features_BTD: str
    hidden_BTH: str
    next_state: list[str]
    memory: list[str]
    embedding: str


def network_features(graph: Graph, model: Network, name: str, state: list[str], *, ids_BT: str) -> NetworkFeatures:
    """Adds the layers of a network.

    Args:
        graph: The graph.
        model: The network, from `with_plain_weights`.
        name: What the names of its weights begin with.
        state: Its state before the window.
        ids_BT: The window.
    """
    assert isinstance(model, RecurrentModel | TransformerModel)
    embedding = graph.weight(f"{name}embedding.weight", model.embedding.weight)
    features_BTD = graph("Gather", embedding, ids_BT)
    if isinstance(model, TransformerModel):
        features_BTD, next_state = transformer_features(graph, model, name, features_BTD, ids_BT=ids_BT, state=state)
        return NetworkFeatures(features_BTD, features_BTD, next_state, [], embedding)
    next_state = []
    for number, layer in enumerate(model.layers):
        assert isinstance(layer, nn.RNNBase)
        count = 2 if isinstance(layer, nn.LSTM) else 1
        own, state = state[:count], state[count:]
        features_BTD, after = recurrent_layer(graph, layer, f"{name}layers.{number}", features_BTD, own)
        next_state += after
    hidden_BTH = features_BTD
    if isinstance(model.projection, nn.Linear):
        features_BTD = linear(graph, features_BTD, f"{name}projection", model.projection.weight)
    return NetworkFeatures(features_BTD, hidden_BTH, next_state, state, embedding)


def _network(graph: Graph, model: Network, name: str, state: list[str]) -> tuple[str, list[str]]:
    """Adds one network; returns its log-probabilities, shape (B, T, V), and its next state."""
    assert isinstance(model, RecurrentModel | TransformerModel)
    found = network_features(graph, model, name, state, ids_BT=IDS)
    tied = found.embedding if getattr(model.output, "words", None) is model.embedding else ""
    log_softmax_BTV = log_softmax(graph, model.output, f"{name}output", found.features_BTD, tied)
    if isinstance(model, TransformerModel) or model.pointer is None:
        return log_softmax_BTV, found.next_state
    mixture_BTV, memory = pointer_mixture(
        graph,
        model.pointer,
        f"{name}pointer",
        hidden_BTH=found.hidden_BTH,
        log_softmax_BTV=log_softmax_BTV,
        ids_BT=IDS,
        state=found.memory,
    )
    return mixture_BTV, [*found.next_state, *memory]
