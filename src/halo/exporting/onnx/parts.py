"""Parts that the ONNX graphs of several architectures share: products, output layers, places of a memory.

Shape letters: B streams, T tokens of a window, V words, D features, P places of a memory, S = P + T positions.
"""

import itertools

from torch import Tensor

from halo.exporting.onnx.graph import Graph
from halo.models.output import AdaptiveOutput, SoftmaxOutput


def linear(graph: Graph, inputs: str, name: str, weight_WD: Tensor, bias_W: Tensor | None = None) -> str:
    """Adds x W^T + b, and returns the product, whose last dimension is W.

    Args:
        graph: The graph.
        inputs: Any shape that ends in D.
        name: The name of the weight; that of the bias has `.bias` behind it.
        weight_WD: The matrix.
        bias_W: The bias, or None.
    """
    product = graph("MatMul", inputs, graph.weight(f"{name}.transposed", weight_WD.detach().t()))
    return product if bias_W is None else graph("Add", product, graph.weight(f"{name}.bias", bias_W))


def log_softmax(
    graph: Graph, output: SoftmaxOutput | AdaptiveOutput, name: str, features_BTD: str, embedding: str
) -> str:
    """Adds the output layer, and returns the log-probabilities of all words, shape (B, T, V).

    Args:
        graph: The graph.
        output: The layer.
        name: Its name, for its weights.
        features_BTD: Its inputs.
        embedding: The name of the word vectors, which a tied layer shares.
    """
    if isinstance(output, AdaptiveOutput):
        return _adaptive_log_softmax(graph, output, name, features_BTD)
    vectors_VD = output.words.weight
    words = embedding if embedding in graph.weights else f"{name}.words.weight"
    vocab_size, features = vectors_VD.shape
    rows_ND = graph("Reshape", features_BTD, [-1, features])
    bias = graph.weight(f"{name}.bias", output.bias)
    logits_NV = graph("Gemm", rows_ND, graph.weight(words, vectors_VD), bias, transB=1)
    window_2 = graph("Slice", graph("Shape", features_BTD), [0], [2])
    logits_BTV = graph("Reshape", logits_NV, graph("Concat", window_2, [vocab_size], axis=0))
    return graph("LogSoftmax", logits_BTV, axis=-1)


def _adaptive_log_softmax(graph: Graph, output: AdaptiveOutput, name: str, features_BTD: str) -> str:
    """Adds an adaptive softmax: each word of a cluster has the probability of the cluster times its own within it."""
    softmax = output.softmax
    head = graph("LogSoftmax", linear(graph, features_BTD, f"{name}.head", softmax.head.weight), axis=-1)
    first = softmax.cutoffs[0]
    sizes = [first, *[1] * len(softmax.tail)]
    frequent, *clusters = graph.several("Split", head, sizes, outputs=len(sizes), axis=-1)
    parts = [frequent]
    for number, cluster in enumerate(clusters):
        projection_FD, words_WF = softmax.tail[number].parameters()
        projected = linear(graph, features_BTD, f"{name}.tail.{number}.projection", projection_FD)
        within = linear(graph, projected, f"{name}.tail.{number}.words", words_WF)
        parts.append(graph("Add", graph("LogSoftmax", within, axis=-1), cluster))
    assert sum(high - low for low, high in itertools.pairwise([0, *softmax.cutoffs])) == softmax.n_classes
    return graph("Concat", *parts, axis=-1)


def places(graph: Graph, ids_BT: str, num_places: int) -> str:
    """Adds how many tokens before each token of the window each position is, int64, shape (T, S); negative: after it.

    Args:
        graph: The graph.
        ids_BT: The window.
        num_places: The places of the memory, P, which come before the window.
    """
    positions = graph("Add", window_length(graph, ids_BT), num_places)
    now_T = graph("Range", num_places, positions, 1)
    return graph("Sub", graph("Unsqueeze", now_T, [1]), graph("Range", 0, positions, 1))


def remembered(graph: Graph, ids_BT: str, num_tokens_B: str, num_places: int) -> str:
    """Adds whether each position holds a token, bool, shape (B, 1, S): the first places of a memory fill up last.

    Args:
        graph: The graph.
        ids_BT: The window.
        num_tokens_B: How many tokens are remembered.
        num_places: The places of the memory, P.
    """
    position_S = graph("Range", 0, graph("Add", window_length(graph, ids_BT), num_places), 1)
    first_B11 = graph("Unsqueeze", graph("Sub", num_places, num_tokens_B), [1, 2])
    return graph("GreaterOrEqual", position_S, first_B11)


def next_num_tokens(graph: Graph, ids_BT: str, num_tokens_B: str, num_places: int) -> str:
    """Adds how many tokens are remembered after the window, at most `num_places`, int64, shape (B,)."""
    return graph("Min", graph("Add", num_tokens_B, window_length(graph, ids_BT)), num_places)


def window_length(graph: Graph, ids_BT: str) -> str:
    """Adds the number of tokens of the window, T, an int64 scalar."""
    return graph("Squeeze", graph("Slice", graph("Shape", ids_BT), [1], [2]), [0])
