"""The text on which int8 is measured: the validation split, a file, or none."""

from pathlib import Path
from typing import Any

import onnx
import pytest

from halo.config import ExportConfig
from halo.exporting.onnx import onnx_files, quantization
from halo.exporting.onnx.onnx_files import write_onnx
from halo.exporting.portable.plain_weights import with_plain_weights
from halo.runtime.errors import InputError
from tests.exporting.test_hub import hub
from tests.support.exported import opened_bundle, saved_bundle


def write(folder: Path, **given: Any) -> tuple[dict[str, Any], list[str]]:
    """Exports a small model; returns what config.json says of it, and what is printed."""
    bundle = opened_bundle(saved_bundle(folder / "saved", ["the virus spreads in the air ."], "hidden=6"))
    with_plain_weights(bundle.model)
    settings = {"run": None, "bundle": "x", "format": "onnx", "output": "x", "quantize": None, "path": None}
    config = ExportConfig(**{**settings, "cache_dir": "x", "hub": hub(), **given})
    about: dict[str, Any] = dict.fromkeys(("format_version", "architecture", "vocab_size", "eos_id", "unk_id"), 1)
    (folder / "out").mkdir()
    return about, write_onnx(folder / "out", bundle, config, about)


def test_the_metadata_of_the_file_has_the_ids(tmp_path: Path) -> None:
    assert write(tmp_path)[1] == []
    metadata = {each.key: each.value for each in onnx.load(tmp_path / "out" / "model.onnx").metadata_props}
    assert metadata["eos_id"] == "1"
    assert metadata["weights"] == "float32"


def test_a_text_of_the_users_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantization, "MIN_SECONDS", 0)
    (tmp_path / "own.txt").write_text("The virus spreads.\n\nThe air.")
    about, (printed,) = write(tmp_path, quantize="int8", path=str(tmp_path / "own.txt"))
    assert about["quantization"]["text"].startswith("the first 9 tokens of ")
    assert about["quantization"]["int8"]["perplexity"] > 1
    assert "perplexity" in printed
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["model.onnx"]
    metadata = {each.key: each.value for each in onnx.load(tmp_path / "out" / "model.onnx").metadata_props}
    assert metadata["weights"] == "int8"


def test_without_a_text_there_is_no_perplexity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise InputError("gone")

    monkeypatch.setattr(quantization, "MIN_SECONDS", 0)
    monkeypatch.setattr(onnx_files, "training_corpus", missing)
    about, (printed,) = write(tmp_path, quantize="int8")
    assert about["quantization"]["text"] is None
    assert "No text at hand" in printed


def test_an_empty_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text(" \n")
    with pytest.raises(InputError, match="contains no"):
        write(tmp_path, quantize="int8", path=str(tmp_path / "own.txt"))
