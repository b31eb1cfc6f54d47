"""Weights of 8 bits for an ONNX model, and what they change: size, speed and perplexity, measured on this machine."""

import logging
import time
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
from onnxruntime.quantization import QuantType, quantize_dynamic

from halo.data.streams import IGNORED, StreamLoader
from halo.evaluation.text_scores import perplexity
from halo.exporting.onnx.onnx_model import IDS
from halo.exporting.portable.state import StateTensor
from halo.reports.console import number, table
from halo.tokenization.tokenizer import TokenIds

log = logging.getLogger(__name__)

WINDOW_TOKENS = 64
MIN_SECONDS, MIN_CALLS = 0.2, 5
"""A speed is that of the fastest of so many calls, or of so much time."""
MAX_TOKENS = 20_000
"""Tokens of the text on which perplexity is measured."""
STREAMS = 8


class Figures(NamedTuple):
    """Size, speed and perplexity of an ONNX model.

    Attributes:
        megabytes: Size of the file in 10^6 bytes.
        steps_per_second: Words that one text gets in a second when it is generated, one window for each.
        tokens_per_second: Tokens read in a second in windows of `WINDOW_TOKENS`.
        perplexity: Perplexity of a text; None without one.
    """

    megabytes: float
    steps_per_second: float
    tokens_per_second: float
    perplexity: float | None


def quantize(float32: Path, int8: Path) -> None:
    """Writes an ONNX model with int8 weights; its inputs and outputs stay float32.

    onnxruntime's dynamic quantisation: each matrix has one scale for each output, the word vectors have one, and inputs
    of a product are quantised when it is computed.
    """
    level = logging.root.level
    logging.root.setLevel(logging.ERROR)  # it recommends a preparation that changes nothing here
    try:
        quantize_dynamic(
            float32,
            int8,
            per_channel=True,
            weight_type=QuantType.QInt8,
            extra_options={"EnableSubgraph": True, "MatMulConstBOnly": True},
        )
    finally:
        logging.root.setLevel(level)


def open_session(file: Path) -> onnxruntime.InferenceSession:
    """Returns an ONNX model that is ready to run on the CPU."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def measure(file: Path, state: list[StateTensor], ids: TokenIds | None, *, eos_id: int) -> Figures:
    """Returns the figures of an ONNX model on this machine.

    Args:
        file: The model.
        state: Its state.
        ids: A text as token ids, shape (num_tokens,), of which the first `MAX_TOKENS` are read; None for no perplexity.
        eos_id: The id of `<eos>`, the context of the first token.
    """
    session = open_session(file)
    return Figures(
        megabytes=file.stat().st_size / 1e6,
        steps_per_second=tokens_per_second(session, state, batch_size=1, tokens=1),
        tokens_per_second=tokens_per_second(session, state, batch_size=1, tokens=WINDOW_TOKENS),
        perplexity=None if ids is None else _perplexity(session, state, ids[:MAX_TOKENS], eos_id=eos_id),
    )


def tokens_per_second(
    session: onnxruntime.InferenceSession, state: list[StateTensor], *, batch_size: int, tokens: int
) -> float:
    """Returns how many tokens an ONNX model reads in a second, all streams together, in windows of a size."""
    inputs = {tensor.name: tensor.zeros(batch_size).numpy() for tensor in state}
    inputs[IDS] = np.zeros((batch_size, tokens), dtype=np.int64)
    session.run(None, inputs)
    seconds: list[float] = []
    while len(seconds) < MIN_CALLS or sum(seconds) < MIN_SECONDS:
        began = time.perf_counter()
        session.run(None, inputs)
        seconds.append(time.perf_counter() - began)
    return batch_size * tokens / min(seconds)


def _perplexity(
    session: onnxruntime.InferenceSession, state: list[StateTensor], ids: TokenIds, *, eos_id: int
) -> float:
    """Returns the perplexity of a text, read in parallel streams that each start without context."""
    streams = min(STREAMS, len(ids))
    before: dict[str, Any] = {tensor.name: tensor.zeros(streams).numpy() for tensor in state}
    nll, count = 0.0, 0
    for window in StreamLoader(ids, eos_id=eos_id, batch_size=streams, sequence_length=WINDOW_TOKENS):
        log_probabilities_BTV, *after = session.run(None, {IDS: window.inputs_BT.numpy(), **before})
        before = dict(zip(before, after, strict=True))
        targets_BT = window.targets_BT.numpy()
        is_counted_BT = targets_BT != IGNORED
        picked_BT1 = np.take_along_axis(log_probabilities_BTV, np.maximum(targets_BT, 0)[..., None], axis=2)
        nll -= float(picked_BT1[..., 0][is_counted_BT].sum(dtype=np.float64))
        count += int(is_counted_BT.sum())
    return perplexity(nll / count)


def comparison(figures: dict[str, Figures], text: str | None) -> str:
    """Returns the table of what int8 changes, and logs a warning for each speed that it lowers.

    Args:
        figures: Those of `float32` and of `int8`.
        text: What the perplexity was measured on; None if it was not.
    """
    before, after = figures["float32"], figures["int8"]
    for name, old, new in (
        ("one step", before.steps_per_second, after.steps_per_second),
        (f"a window of {WINDOW_TOKENS} tokens", before.tokens_per_second, after.tokens_per_second),
    ):
        if new < old:
            log.warning("int8 is slower than float32 here: %s at %.0f %% of its speed", name, 100 * new / old)
    rows = [
        [
            name,
            f"{each.megabytes:.2f}",
            f"{each.steps_per_second:,.0f}",
            f"{each.tokens_per_second:,.0f}",
            number(each.perplexity),
        ]
        for name, each in figures.items()
    ]
    measured = f"Perplexity of {text}" if text else "No text at hand for a perplexity; path=FILE names one"
    title = f"Quantisation, measured on this machine\n{measured}"
    return table(title, ["weights", "MB", "steps/s", "tokens/s in a window", "perplexity"], rows)
