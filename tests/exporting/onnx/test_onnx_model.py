"""onnxruntime predicts as torch does: every architecture, window by window, for one text and for several."""

import json
from typing import Any

import numpy as np
import onnxruntime
import pytest

from halo.exporting.onnx.graph import OPSET
from halo.exporting.onnx.onnx_model import IDS as IDS_NAME
from halo.exporting.onnx.onnx_model import onnx_model
from halo.exporting.portable.state import state_of
from tests.support.exported import CASES, IDS, VOCAB_SIZE, expected, plain_model

WINDOWS = {"at once": [20], "in windows": [7, 1, 1, 11], "step by step": [1] * 20}


def session_of(case: str) -> onnxruntime.InferenceSession:
    proto = onnx_model(plain_model(case), vocab_size=VOCAB_SIZE, metadata={"eos_id": "1"})
    return onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])


def run(session: onnxruntime.InferenceSession, case: str, ids_BT: Any, sizes: list[int]) -> Any:
    """Returns the log-probabilities of some texts, read in windows of these sizes."""
    state = {tensor.name: tensor.zeros(len(ids_BT)).numpy() for tensor in state_of(plain_model(case))}
    first, parts = 0, []
    for size in sizes:
        log_probabilities, *after = session.run(None, {IDS_NAME: ids_BT[:, first : first + size], **state})
        state = dict(zip(state, after, strict=True))
        parts.append(log_probabilities)
        first += size
    return np.concatenate(parts, axis=1)


@pytest.mark.parametrize("case", CASES)
def test_the_graph_predicts_as_torch_does(case: str) -> None:
    reference, session = expected(case).numpy(), session_of(case)
    for sizes in WINDOWS.values():
        np.testing.assert_allclose(run(session, case, IDS, sizes), reference, atol=5e-5)
    np.testing.assert_allclose(run(session, case, IDS[:1], [20]), reference[:1], atol=5e-5)


def test_texts_of_different_lengths_continue_side_by_side() -> None:
    session, state = session_of("lstm"), state_of(plain_model("lstm"))
    before = {tensor.name: tensor.zeros(1).numpy() for tensor in state}
    _, *short = session.run(None, {IDS_NAME: IDS[:1, :2], **before})
    joined = {
        tensor.name: np.concatenate([after, tensor.zeros(1).numpy()])
        for tensor, after in zip(state, short, strict=True)
    }
    log_probabilities, *_ = session.run(None, {IDS_NAME: np.stack([IDS[0, 2:5], IDS[1, :3]]), **joined})
    reference = expected("lstm").numpy()
    np.testing.assert_allclose(log_probabilities[0], reference[0, 2:5], atol=5e-5)
    np.testing.assert_allclose(log_probabilities[1], reference[1, :3], atol=5e-5)


def test_the_file_says_what_it_is() -> None:
    proto = onnx_model(plain_model("gru"), vocab_size=VOCAB_SIZE, metadata={"eos_id": "1"})
    assert [each.version for each in proto.opset_import] == [OPSET]
    assert {each.key: each.value for each in proto.metadata_props} == {"eos_id": "1"}
    assert [each.name for each in proto.graph.input] == ["ids", *(each.name for each in state_of(plain_model("gru")))]
    assert json.dumps([each.name for each in proto.graph.output][:2]) == '["log_probabilities", "next_layer_0_hidden"]'
