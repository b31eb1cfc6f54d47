"""A text classifier as one ONNX graph: the ids of whole texts and their lengths in, probabilities out.

Shape letters: B texts, N tokens of the longest text, S = N + 1 with the `<eos>` before it, D features of a token,
F = 3 D pooled features, C labels.
"""

import math

from onnx import ModelProto
from torch import nn

from halo.classification.classifier import TextClassifier
from halo.exporting.onnx.graph import TYPES, Graph, finish_model, value
from halo.exporting.onnx.onnx_model import IDS, network_features
from halo.exporting.onnx.parts import linear, window_length
from halo.exporting.portable.plain_weights import members_of
from halo.exporting.portable.state import state_of

LENGTHS, PROBABILITIES = "lengths", "probabilities"
END = [2**31 - 1]


def classifier_graph(
    classifier: TextClassifier, *, num_labels: int, temperature: float, metadata: dict[str, str]
) -> ModelProto:
    """Returns the graph of a classifier, which reads any number of texts of any length at once.

    Args:
        classifier: The classifier, whose encoder is from `with_plain_weights`.
        num_labels: Number of labels, C.
        temperature: What logits are divided by.
        metadata: What the file says about itself.

    Raises:
        InputError: The language model is of another class than those of this package.
    """
    graph = Graph()
    features_BND = _features(graph, classifier)
    pooled_BF = _pool(graph, features_BND)
    centered_BF = graph("Sub", pooled_BF, graph.weight("center", classifier.center_F))
    inner = graph("Div", centered_BF, graph.weight("deviation", classifier.deviation_F))
    for number, layer in enumerate(classifier.head):
        if isinstance(layer, nn.Linear):
            inner = linear(graph, inner, f"head.{number}", layer.weight, layer.bias)
        elif isinstance(layer, nn.ReLU):
            inner = graph("Relu", inner)
        else:
            assert isinstance(layer, nn.Dropout)
    graph.rename(graph("Softmax", graph("Div", inner, float(temperature)), axis=-1), PROBABILITIES)
    inputs = [value(IDS, "int64", ("B", "N")), value(LENGTHS, "int64", ("B",))]
    outputs = [value(PROBABILITIES, "float32", ("B", num_labels))]
    return finish_model(graph, inputs, outputs, metadata, name="text_classifier")


def _features(graph: Graph, classifier: TextClassifier) -> str:
    """Adds the language model, which reads each text after an `<eos>`; returns the features, shape (B, N, D)."""
    batch_size_1 = graph("Slice", graph("Shape", IDS), [0], [1])
    eos_B1 = graph.filled(batch_size_1, [1], dtype="int64", number=classifier.eos_id)
    ids_BS = graph("Concat", eos_B1, IDS, axis=1)
    members, state = members_of(classifier.encoder), state_of(classifier.encoder)
    size = len(state) // len(members)
    each = []
    for number, member in enumerate(members):
        own = state[number * size : (number + 1) * size]
        before = [graph.filled(batch_size_1, tensor.sizes, dtype=tensor.dtype) for tensor in own]
        name = f"members.{number}." if len(members) > 1 else ""
        each.append(network_features(graph, member, name, before, ids_BT=ids_BS).features_BTD)
    features_BSD = each[0] if len(each) == 1 else graph("Concat", *each, axis=2)
    return graph("Slice", features_BSD, [1], END, [1])


def _pool(graph: Graph, features_BND: str) -> str:
    """Adds the features of the last token of each text, their maximum and their mean, shape (B, F)."""
    position_N = graph("Range", 0, window_length(graph, IDS), 1)
    length_B1 = graph("Unsqueeze", LENGTHS, [1])
    is_token_BN1 = graph("Unsqueeze", graph("Less", position_N, length_B1), [2])
    is_last_BN1 = graph("Unsqueeze", graph("Equal", position_N, graph("Sub", length_B1, 1)), [2])
    last_BD = graph("ReduceSum", graph("Where", is_last_BN1, features_BND, 0.0), [1], keepdims=0)
    total_BD = graph("ReduceSum", graph("Where", is_token_BN1, features_BND, 0.0), [1], keepdims=0)
    largest_BD = graph("ReduceMax", graph("Where", is_token_BN1, features_BND, -math.inf), [1], keepdims=0)
    mean_BD = graph("Div", total_BD, graph("Cast", length_B1, to=TYPES["float32"]))
    return graph("Concat", last_BD, largest_BD, mean_BD, axis=1)
