"""Transformer layers remember the keys and values of the last tokens, as the model itself does."""

import numpy as np
import onnxruntime
import torch

from halo.exporting.onnx.onnx_model import onnx_model
from halo.exporting.portable.state import state_of
from tests.support.exported import IDS, VOCAB_SIZE, plain_model, small_model


def test_keys_and_values_are_those_of_torch() -> None:
    with torch.no_grad():
        _, layers = small_model("transformer")(torch.from_numpy(IDS))
    model = plain_model("transformer")
    proto = onnx_model(model, vocab_size=VOCAB_SIZE, metadata={})
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    zeros = {tensor.name: tensor.zeros(len(IDS)).numpy() for tensor in state_of(model)}
    _, *after, num_tokens = session.run(None, {"ids": IDS, **zeros})
    own = [tensor.numpy() for layer in layers for tensor in layer]
    for computed, reference in zip(after, own, strict=True):
        np.testing.assert_allclose(computed, reference, atol=1e-5)
    assert num_tokens.tolist() == [own[0].shape[2]] * 3
