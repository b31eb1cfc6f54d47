"""Places of a memory: which positions a token sees, and which of them hold anything."""

from typing import Any

import numpy as np
import onnxruntime
import torch

from halo.exporting.onnx.graph import Graph, finish_model, value
from halo.exporting.onnx.parts import linear, next_num_tokens, places, remembered


def computed(graph: Graph, result: str, dtype: str, shape: tuple[int | str, ...]) -> Any:
    """Returns a result for a window of 2 tokens of 2 texts, which remember 1 token and 3."""
    graph.rename(graph("Cast", result, to=7 if dtype == "int64" else 1), "result")
    inputs = [value("ids", "int64", ("B", "T")), value("num_tokens", "int64", ("B",))]
    model = finish_model(graph, inputs, [value("result", dtype, shape)], {})
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    given = {"ids": np.zeros((2, 2), dtype=np.int64), "num_tokens": np.array([1, 3])}
    return session.run(None, given)[0].tolist()


def test_positions_are_counted_back_from_each_token() -> None:
    graph = Graph()
    assert computed(graph, places(graph, "ids", 3), "int64", ("T", "S")) == [[3, 2, 1, 0, -1], [4, 3, 2, 1, 0]]


def test_the_last_places_are_filled_first() -> None:
    graph = Graph()
    filled = remembered(graph, "ids", "num_tokens", 3)
    assert computed(graph, filled, "int64", ("B", 1, "S")) == [[[0, 0, 1, 1, 1]], [[1, 1, 1, 1, 1]]]
    graph = Graph()
    assert computed(graph, next_num_tokens(graph, "ids", "num_tokens", 4), "int64", ("B",)) == [3, 4]


def test_a_product_has_the_layout_of_torch() -> None:
    torch.manual_seed(0)
    layer, graph = torch.nn.Linear(2, 3), Graph()
    inputs = graph("Cast", graph("Unsqueeze", "ids", [0]), to=1)
    result = computed(graph, linear(graph, inputs, "layer", layer.weight, layer.bias), "float32", (1, "B", 3))
    np.testing.assert_allclose(result[0][0], layer.bias.detach().numpy(), atol=1e-6)
