"""Loading the weights of a Lightning checkpoint into a model."""

from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from halo.bundle.validation import invalid_weights_error, require_plain_archive
from halo.runtime.errors import InputError


class Checkpoint(NamedTuple):
    """The origin of the weights of a checkpoint.

    Attributes:
        step: The optimizer step at which it was written.
        average: How the weights were averaged; None if they were not.
    """

    step: int
    average: str | None


def load_checkpoint(model: nn.Module, path: Path | str) -> Checkpoint:
    """Loads the weights of a Lightning checkpoint into a model; averaged ones, if it has any.

    Args:
        model: The model, changed in place.
        path: The checkpoint.

    Raises:
        InputError: The file is damaged, or of another program or architecture.
    """
    file = Path(path)
    require_plain_archive(file)
    try:
        saved = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # the restricted unpickler raises exceptions of many types
        raise invalid_weights_error(file, error) from error
    try:
        weights = {key.removeprefix("model."): value for key, value in saved["state_dict"].items()}
        step, average = int(saved["global_step"]), saved.get("averaging")
    except Exception as error:  # values may have any type
        raise InputError(f"{file}: not a checkpoint of halo; use one that halo.train wrote") from error
    try:
        model.load_state_dict(weights)
    except Exception as error:
        raise invalid_weights_error(file, error) from error
    return Checkpoint(step, average)
