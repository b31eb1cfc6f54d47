"""From settings to a finished folder, for every format; what cannot be exported leaves nothing behind."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from halo.config import ExportConfig, parse
from halo.exporting import torch_files
from halo.exporting.export_model import export_model
from halo.runtime.errors import InputError
from tests.conftest import compose_config
from tests.support.exported import saved_bundle

FILES = {
    "onnx": ["README.md", "config.json", "export.json", "model.onnx", "tokenizer.json"],
    "torch": ["README.md", "config.json", "export.json", "model.pt2", "tokenizer.json"],
    "safetensors": ["README.md", "config.json", "export.json", "model.safetensors", "tokenizer.json"],
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_bundle(tmp_path_factory.mktemp("model") / "bundle", ["the virus spreads in the air ."])


def export(saved: Path, output: Path, *settings: str) -> str:
    given = [f"bundle={saved}", f"output={output}", *settings]
    return export_model(parse(compose_config("export", given), ExportConfig))


@pytest.mark.parametrize("kind", FILES)
def test_a_folder_explains_itself(kind: str, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = torch.export.export(torch.nn.Identity(), (torch.ones(1),))
    monkeypatch.setattr(torch_files, "export_step", lambda _: recorded)  # test_step_module.py records a model
    printed = export(saved, tmp_path / "out", f"format={kind}")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES[kind]
    about: dict[str, Any] = json.loads((tmp_path / "out" / "config.json").read_text())
    assert (about["format"], about["vocab_size"], about["eos_id"], about["unk_id"]) == (kind, 8, 1, 0)
    assert all(f"`{tensor['name']}`" in (tmp_path / "out" / "README.md").read_text() for tensor in about["state"]) or (
        kind == "safetensors"
    )
    assert "tokenizer.json" in printed


def test_a_hub_folder_replaces_another_export(saved: Path, tmp_path: Path) -> None:
    export(saved, tmp_path / "out", "format=safetensors")
    export(saved, tmp_path / "out", "format=hub")
    assert (tmp_path / "out" / "config.yaml").exists()
    assert (tmp_path / "out" / "data_card.md").exists()


def test_what_cannot_be_exported_leaves_nothing(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="overlaps with the folder of the model"):
        export(saved, saved / "onnx", "format=onnx")
    with pytest.raises(InputError, match=r"no model\.safetensors there"):
        export(tmp_path / "missing", tmp_path / "out", "format=onnx")
    with pytest.raises(InputError, match="give one model"):
        export_model(parse(compose_config("export", ["format=hub", f"output={tmp_path / 'out'}"]), ExportConfig))
    assert list(tmp_path.iterdir()) == []


def test_a_custom_model_is_refused(saved: Path, tmp_path: Path) -> None:
    folder = tmp_path / "custom"
    folder.mkdir()
    settings = (saved / "config.yaml").read_text()
    before, _, _ = settings.partition("model:\n")
    custom = "model:\n  _target_: my.Model\n  ensemble_size: 1\n  init_bias_from_unigram: false\n"
    (folder / "config.yaml").write_text(before + custom)
    with pytest.raises(InputError, match=r"a model of the class my\.Model, which only its own code can export"):
        export(folder, tmp_path / "out", "format=safetensors")
    assert not (tmp_path / "out").exists()
