"""Reading a saved model, or that of a training run."""

import os
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_model

from halo.bundle.checkpoints import load_checkpoint
from halo.bundle.validation import find_file, invalid_weights_error, read_config, require_file, require_short_header
from halo.config import SavedConfig
from halo.models.language_model import LanguageModel
from halo.models.model_spec import ModelSpec
from halo.runtime.errors import InputError, reason
from halo.tokenization.tokenizer import TextTokenizer

CHECKPOINT_NAMES = ("best.ckpt", "last.ckpt")


@dataclass(frozen=True)
class Bundle:
    """A model that is ready to use.

    Attributes:
        folder: Where it came from.
        model: The network with its weights, in evaluation mode.
        tokenizer: Its vocabulary.
        config: How its text was made into ids, and its architecture.
        is_bundle: Whether the folder is a bundle, which may come from anybody, and not that of a run.
    """

    folder: Path
    model: LanguageModel
    tokenizer: TextTokenizer
    config: SavedConfig
    is_bundle: bool


def open_model(*, run: str | None, bundle: str | None, device: str) -> Bundle:
    """Returns the model of a run folder or of a bundle, on a device.

    Args:
        run: A folder that `halo.train` wrote, whose best checkpoint is taken.
        bundle: A folder that `save_bundle` wrote.
        device: `auto` for an accelerator where there is one, or a device of torch.

    Raises:
        InputError: Not exactly one of the two is given, or it is no such folder, or what is in it is broken.
    """
    if (run is None) == (bundle is None):
        raise InputError("give one model: run=FOLDER of a training run, or bundle=FOLDER of a saved model")
    opened = load_run(Path(run)) if run is not None else load_bundle(Path(str(bundle)))
    opened.model.to(_device(device))
    return opened


def _device(name: str) -> torch.device:
    try:
        if name == "auto":
            found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
            return found or torch.device("cpu")
        device = torch.device(name)
        torch.empty(0, device=device)
    except Exception as error:  # torch's kinds of error differ from device to device
        message = str(error).splitlines()[0]
        raise InputError(f"device={name}: cannot be used here ({message}); use auto or cpu") from error
    return device


def load_bundle(folder: Path) -> Bundle:
    """Returns the model of a bundle, on the CPU.

    Raises:
        InputError: It is no bundle, or its parts are broken or do not fit each other.
    """
    weights = find_file(folder, "model.safetensors")
    if weights is None:
        raise InputError(f"bundle={folder}: no model.safetensors there; give the bundle/ folder of a training run")
    require_short_header(weights)
    bundle = _assemble(folder, weights, is_bundle=True)
    try:
        load_model(bundle.model, str(weights))
    except Exception as error:  # the library and torch have their own kinds of failure
        raise invalid_weights_error(weights, error) from error
    _require_finite(bundle.model, weights)
    return bundle


def load_run(folder: Path) -> Bundle:
    """Returns the model of a training run's best checkpoint, or its last where there is no best, on the CPU.

    Raises:
        InputError: It is no run folder, it has no checkpoint yet, or the checkpoint is broken or of another program.
    """
    if not os.path.isdir(folder):  # noqa: PTH112  Path.is_dir raises where a name is too long
        raise InputError(f"run={folder}: no such folder; give the run folder that halo.train printed")
    found = [file for name in CHECKPOINT_NAMES if (file := find_file(folder, f"checkpoints/{name}")) is not None]
    if not found:
        raise InputError(f"run={folder}: no checkpoint in it; a run writes its first after its first validation")
    run = _assemble(folder, found[0], is_bundle=False)
    load_checkpoint(run.model, found[0])
    _require_finite(run.model, found[0])
    return run


def _assemble(folder: Path, weights: Path, *, is_bundle: bool) -> Bundle:
    """Returns the model of a folder with fresh weights, which are no more than the bytes of the file `weights`."""
    config, tokenizer = (
        read_config(folder, is_bundle=is_bundle),
        TextTokenizer.load(require_file(folder, "tokenizer.json")),
    )
    try:
        spec = ModelSpec.of(config.model, tokenizer.words())
        size_bytes = weights.stat().st_size
        model = spec.build() if spec.num_weights <= size_bytes else None
    except (InputError, RuntimeError) as error:
        raise InputError(f"{folder / 'config.yaml'}: {reason(error)}") from error
    if model is None:
        asked = f"{size_bytes:,} bytes, and config.yaml asks for {spec.num_weights:,} weights"
        raise invalid_weights_error(weights, ValueError(asked))
    return Bundle(folder, model.eval(), tokenizer, config, is_bundle=is_bundle)


def _require_finite(model: LanguageModel, file: Path) -> None:
    if not all(bool(weight.isfinite().all()) for weight in model.parameters()):
        raise InputError(f"{file}: some weights are no finite numbers; use another checkpoint, or train again")
