"""int8 weights: a smaller file that predicts nearly the same, and figures that say what changed."""

import logging
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from halo.exporting.onnx import quantization
from halo.exporting.onnx.onnx_model import onnx_model
from halo.exporting.onnx.quantization import Figures, comparison, measure, quantize
from halo.exporting.portable.state import state_of
from tests.support.exported import IDS, VOCAB_SIZE, expected, plain_model


@pytest.mark.parametrize("case", ["lstm", "gru"])
def test_a_quantised_model_predicts_nearly_the_same(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantization, "MIN_SECONDS", 0)
    model = plain_model(case)
    float32, int8 = tmp_path / "float32.onnx", tmp_path / "int8.onnx"
    float32.write_bytes(onnx_model(model, vocab_size=VOCAB_SIZE, metadata={}).SerializeToString())
    quantize(float32, int8)
    session = onnxruntime.InferenceSession(int8, providers=["CPUExecutionProvider"])
    zeros = {tensor.name: tensor.zeros(3).numpy() for tensor in state_of(model)}
    log_probabilities, *_ = session.run(None, {"ids": IDS, **zeros})
    assert 0 < np.abs(log_probabilities - expected(case).numpy()).mean() < 0.2
    ids = IDS[0].astype(np.uint16)
    figures = measure(float32, state_of(model), ids, eos_id=1)
    inputs = np.array([[1, *IDS[0, :-1]]])
    zeros = {tensor.name: tensor.zeros(1).numpy() for tensor in state_of(model)}
    monkeypatch.setattr(quantization, "STREAMS", 1)
    one_stream = measure(float32, state_of(model), ids, eos_id=1)
    session = onnxruntime.InferenceSession(float32, providers=["CPUExecutionProvider"])
    log_probabilities, *_ = session.run(None, {"ids": inputs, **zeros})
    nll = -log_probabilities[0, np.arange(20), IDS[0]].mean()
    assert one_stream.perplexity == pytest.approx(np.exp(nll), rel=1e-4)
    assert figures.perplexity is not None
    assert figures.tokens_per_second > 0
    assert measure(int8, state_of(model), None, eos_id=1).perplexity is None


def test_a_slower_model_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    before, after = Figures(2.0, 1000, 5000, 50.0), Figures(0.5, 400, 9000, 51.5)
    with caplog.at_level(logging.WARNING):
        table = comparison({"float32": before, "int8": after}, "a text")
    assert [record.getMessage() for record in caplog.records] == [
        "int8 is slower than float32 here: one step at 40 % of its speed"
    ]
    assert "Perplexity of a text" in table
    assert "51.50" in table
