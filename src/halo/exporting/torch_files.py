"""The files of the formats `torch` and `safetensors`."""

import io
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from halo.exporting.portable.plain_weights import named_weights
from halo.exporting.step_module import export_step
from halo.models.language_model import LanguageModel


def write_step(folder: Path, model: LanguageModel, about: dict[str, Any]) -> None:
    """Writes model.pt2, one step recorded by torch.export.

    Args:
        folder: The folder of the export.
        model: The model, from `with_plain_weights`.
        about: What config.json says; completed here.
    """
    recorded = io.BytesIO()  # torch raises no OSError where a disk is full
    torch.export.save(export_step(model), recorded)
    (folder / "model.pt2").write_bytes(recorded.getbuffer())
    about["torch"] = torch.__version__


def write_weights(folder: Path, model: LanguageModel, about: dict[str, Any]) -> None:
    """Writes model.safetensors, the weights by their names in the model.

    Args:
        folder: The folder of the export.
        model: The model, from `with_plain_weights`.
        about: What config.json says; completed here with name, shape and type of each weight.
    """
    weights = named_weights(model)
    content = save({name: weight.tensor for name, weight in weights.items()}, metadata={"format": "pt"})
    (folder / "model.safetensors").write_bytes(content)
    about["weights"] = {
        name: {
            "shape": list(weight.tensor.shape),
            "dtype": str(weight.tensor.dtype).removeprefix("torch."),
            "also": list(weight.other_names),
        }
        for name, weight in weights.items()
    }
