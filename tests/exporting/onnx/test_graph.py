"""A graph is written node by node; constants and weights of the same name are stored once."""

import numpy as np
import onnxruntime

from halo.exporting.onnx.graph import Graph, finish_model, value


def test_a_graph_computes_what_its_nodes_say() -> None:
    graph = Graph()
    weight = graph.array("weight", np.arange(3, dtype=np.float32))
    assert graph.array("weight", np.zeros(9)) == weight
    total = graph("Add", graph("Mul", "x", 2.0), weight)
    graph.rename(graph("Add", total, 2.0), "y")
    assert len(graph.weights) == 2
    model = finish_model(graph, [value("x", "float32", ("B", 3))], [value("y", "float32", ("B", 3))], {})
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (computed,) = session.run(None, {"x": np.ones((2, 3), dtype=np.float32)})
    assert computed.tolist() == [[4, 5, 6]] * 2
