"""Plain weights are listed with their shapes, and are those of the model."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from halo.exporting import torch_files
from halo.exporting.torch_files import write_step, write_weights
from tests.support.exported import plain_model


def test_each_weight_is_listed_with_its_shape(tmp_path: Path) -> None:
    about: dict[str, Any] = {}
    write_weights(tmp_path, plain_model("lstm"), about)
    saved = load_file(tmp_path / "model.safetensors")
    assert {name: list(weight.shape) for name, weight in saved.items()} == {
        name: weight["shape"] for name, weight in about["weights"].items()
    }
    assert about["weights"]["embedding.weight"]["also"] == ["output.words.weight"]
    own = plain_model("lstm").state_dict()
    assert all(torch.equal(weight, own[name]) for name, weight in saved.items())


def test_a_recorded_step_says_with_which_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Doubled(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return 2 * x

    recorded = torch.export.export(Doubled(), (torch.ones(1),))
    monkeypatch.setattr(torch_files, "export_step", lambda _: recorded)
    about: dict[str, Any] = {}
    write_step(tmp_path, plain_model("gru"), about)
    assert about == {"torch": torch.__version__}
    assert torch.export.load(tmp_path / "model.pt2").module()(torch.ones(1)).item() == 2
