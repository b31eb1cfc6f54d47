"""An ONNX graph under construction.

The graph is written node by node instead of by an exporter of torch: a recurrence over a window of any length is then
one `Scan`, the file is the same whatever version of torch wrote it, and writing it takes milliseconds.
"""

from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, checker, helper, numpy_helper
from torch import Tensor

OPSET = 20
"""Version of the ONNX operators: the first with Gelu; onnxruntime reads it since 1.17."""
IR_VERSION = 9
"""Version of the file format that came with the opset."""

TYPES = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64}

Operand = str | int | float | list[int]
"""An input of a node: the name of a tensor; or a constant: an int64 or float32 scalar, or an int64 vector."""


class Graph:
    """Nodes and weights of a graph; a call adds a node: `total = graph("Add", first, second)`.

    Args:
        parent: The graph whose node, such as a `Scan`, contains this one; they share weights and names.
    """

    def __init__(self, parent: "Graph | None" = None) -> None:
        self.nodes: list[NodeProto] = []
        self.weights: dict[str, TensorProto] = {} if parent is None else parent.weights
        self._numbers: count[int] = count() if parent is None else parent._numbers

    def __call__(self, operator: str, *inputs: Operand, **attributes: Any) -> str:
        """Adds a node with one output, and returns the name of it."""
        return self.several(operator, *inputs, outputs=1, **attributes)[0]

    def several(self, operator: str, *inputs: Operand, outputs: int, **attributes: Any) -> list[str]:
        """Adds a node with several outputs, and returns their names."""
        number = next(self._numbers)
        names = [f"{operator}_{number}" if outputs == 1 else f"{operator}_{number}_{each}" for each in range(outputs)]
        self.nodes.append(
            helper.make_node(operator, [*map(self._name, inputs)], names, name=f"node_{number}", **attributes)
        )
        return names

    def _name(self, operand: Operand) -> str:
        if isinstance(operand, str):
            return operand
        value = np.array(operand, dtype=np.float32 if isinstance(operand, float) else np.int64)
        return self.array(f"constant_{value.dtype}_{'_'.join(map(str, np.ravel(value)))}_{value.ndim}", value)

    def array(self, name: str, value: npt.NDArray[Any]) -> str:
        """Adds a constant or weight, unless there is one of this name, and returns the name."""
        if name not in self.weights:
            self.weights[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def weight(self, name: str, tensor: Tensor) -> str:
        """Adds a weight, unless there is one of this name, and returns the name."""
        return self.array(name, tensor.detach().cpu().numpy())

    def filled(self, batch_size_1: str, sizes: Sequence[int], *, dtype: str, number: int = 0) -> str:
        """Adds a tensor of shape (B, *sizes) that holds a number everywhere, and returns its name.

        Args:
            batch_size_1: The name of the size B, an int64 vector of one element.
            sizes: The other dimensions.
            dtype: `float32` or `int64`.
            number: The number.
        """
        shape = self("Concat", batch_size_1, [*sizes], axis=0) if sizes else batch_size_1
        return self("ConstantOfShape", shape, value=helper.make_tensor("value", TYPES[dtype], [1], [number]))

    def rename(self, old: str, new: str) -> None:
        """Adds a node that gives a tensor another name, as an output of the graph has."""
        self.nodes.append(helper.make_node("Identity", [old], [new], name=f"node_{next(self._numbers)}"))

    def finish(self, name: str, inputs: Sequence[ValueInfoProto], outputs: Sequence[ValueInfoProto]) -> GraphProto:
        """Returns the graph, without its weights, which belong to the outermost graph."""
        return helper.make_graph(self.nodes, name, inputs, outputs)


def value(name: str, dtype: str, shape: Sequence[int | str]) -> ValueInfoProto:
    """Returns the declaration of an input or output; a dimension with a name may have any size."""
    return helper.make_tensor_value_info(name, TYPES[dtype], shape)


def finish_model(
    graph: Graph,
    inputs: Sequence[ValueInfoProto],
    outputs: Sequence[ValueInfoProto],
    metadata: dict[str, str],
    *,
    name: str = "language_model",
) -> ModelProto:
    """Returns the checked model of a finished graph.

    Args:
        graph: Its nodes and weights.
        inputs: Its inputs, in order.
        outputs: Its outputs, in order.
        metadata: What the file says about itself.
        name: The name of the graph.
    """
    finished = graph.finish(name, inputs, outputs)
    finished.initializer.extend(graph.weights.values())
    model = helper.make_model(
        finished, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="semblance-halo"
    )
    helper.set_model_props(model, metadata)
    checker.check_model(model)
    return model
