"""Recurrent layers: the state after a window, and not only what it predicts, is that of torch."""

import numpy as np
import onnxruntime
import pytest
import torch

from halo.exporting.onnx.onnx_model import onnx_model
from halo.exporting.portable.state import state_of
from tests.support.exported import IDS, VOCAB_SIZE, plain_model, small_model


@pytest.mark.parametrize("case", ["lstm", "lstm without rounds", "gru"])
def test_the_state_of_the_layers_is_that_of_torch(case: str) -> None:
    with torch.no_grad():
        _, layers = small_model(case)(torch.from_numpy(IDS))
    model = plain_model(case)
    proto = onnx_model(model, vocab_size=VOCAB_SIZE, metadata={})
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    zeros = {tensor.name: tensor.zeros(len(IDS)).numpy() for tensor in state_of(model)}
    _, *after = session.run(None, {"ids": IDS, **zeros})
    own = [tensor.numpy() for layer in layers[:-1] for tensor in layer]
    for computed, reference in zip(after, own, strict=False):
        np.testing.assert_allclose(computed, reference, atol=1e-5)
    keys, ids, num_tokens = after[len(own) :]
    remembered = min(IDS.shape[1], ids.shape[1])
    np.testing.assert_allclose(keys[:, -remembered:], layers[-1][0].numpy(), atol=1e-5)
    assert ids[:, -remembered:].tolist() == IDS[:, -remembered:].tolist()
    assert num_tokens.tolist() == [remembered] * 3
