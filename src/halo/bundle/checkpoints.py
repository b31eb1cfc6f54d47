"""Weights of a Lightning checkpoint, read into a model."""

from pathlib import Path
from typing import NamedTuple

import torch

from halo.bundle.validation import invalid_weights_error, require_plain_archive
from halo.models.language_model import LanguageModel
from halo.runtime.errors import InputError


class Checkpoint(NamedTuple):
    """What a checkpoint says of its weights.

    Attributes:
        step: The optimizer step that they are from.
        average: What they are an average of; None for weights as they were trained.
    """

    step: int
    average: str | None


def load_checkpoint(model: LanguageModel, path: Path | str) -> Checkpoint:
    """Puts the weights of a Lightning checkpoint into `model`, the averaged ones where it has any.

    Raises:
        InputError: The file is broken, of another program, or of another architecture.
    """
    file = Path(path)
    require_plain_archive(file)
    try:
        saved = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # the restricted reader fails in many ways on what is none
        raise invalid_weights_error(file, error) from error
    try:
        weights = {key.removeprefix("model."): value for key, value in saved["state_dict"].items()}
        step, average = int(saved["global_step"]), saved.get("averaging")
    except Exception as error:  # as above: any type may stand anywhere
        raise InputError(f"{file}: not a checkpoint of halo; give one that halo.train wrote") from error
    try:
        model.load_state_dict(weights)
    except Exception as error:
        raise invalid_weights_error(file, error) from error
    return Checkpoint(step, average)
