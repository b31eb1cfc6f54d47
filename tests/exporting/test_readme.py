"""README.md of an export names every input, and no line of a template is left over."""

from typing import Any

import pytest

from halo.exporting.readme import readme

ABOUT: dict[str, Any] = {
    "format": "onnx",
    "architecture": "gru",
    "num_parameters": 1234,
    "vocab_size": 60,
    "eos_id": 1,
    "unk_id": 0,
    "eos": "paragraph",
    "opset": 20,
    "torch": "2.13",
    "state": [{"name": "layer_0_hidden", "shape": ["batch", 8], "dtype": "float32", "meaning": "hidden state"}],
    "weights": {"embedding.weight": {"shape": [60, 8], "dtype": "float32", "also": ["output.words.weight"]}},
    "cleaning_left_to_you": [],
}
FIGURES = {"megabytes": 1.0, "steps_per_second": 2000.0, "tokens_per_second": 3000.0, "perplexity": None}


def test_inputs_are_explained() -> None:
    text = readme(ABOUT)
    assert "| `layer_0_hidden` | float32 | batch x 8 | hidden state |" in text
    assert "| `ids` | int64 | batch x tokens |" in text
    assert "Encode each paragraph" in text
    assert "What int8 changed" not in text
    assert "Encode each line" in readme({**ABOUT, "eos": "line"})


@pytest.mark.parametrize("kind", ["torch", "safetensors"])
def test_other_formats_have_their_own_table(kind: str) -> None:
    text = readme({**ABOUT, "format": kind})
    assert ("torch.export.load" in text) == (kind == "torch")
    assert ("| `embedding.weight` | 60 x 8 | `output.words.weight` |" in text) == (kind == "safetensors")


def test_quantisation_is_reported() -> None:
    text = readme({**ABOUT, "quantization": {"float32": FIGURES, "int8": FIGURES, "text": None}})
    assert "| int8 | 1.00 | 2,000 | 3,000 | - |" in text
