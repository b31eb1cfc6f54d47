"""The saved model: a folder that holds all that is needed to use it, and nothing that is executed.

model.safetensors  weights
tokenizer.json     vocabulary
config.yaml        how text is cleaned, and the architecture
metrics.json       what was measured
MODEL_CARD.md      what it is, what it is for and what not
"""

import json
import os
import pickle
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
import yaml
from omegaconf import OmegaConf
from safetensors import SafetensorError
from safetensors.torch import load_model, save_model

from halo.config import ModelConfig, RecurrentConfig, SavedConfig, TransformerConfig, parse, plain
from halo.errors import InputError
from halo.models.ensemble import Ensemble
from halo.models.language_model import LanguageModel, Network
from halo.models.recurrent import RecurrentModel
from halo.models.transformer import TransformerModel
from halo.text.subwords import subwords
from halo.text.tokenizer import TextTokenizer

CHECKPOINTS = ("best.ckpt", "last.ckpt")


@dataclass(frozen=True)
class Bundle:
    """A model that is ready to use.

    Attributes:
        folder: Where it came from.
        model: The network with its weights, in evaluation mode.
        tokenizer: Its vocabulary.
        config: How its text was made into ids, and its architecture.
    """

    folder: Path
    model: LanguageModel
    tokenizer: TextTokenizer
    config: SavedConfig


def build_model(config: ModelConfig, words: Sequence[str]) -> LanguageModel:
    """Returns the network that `config` describes, with fresh weights.

    Args:
        config: The architecture.
        words: The vocabulary, in the order of its ids.
    """
    assert isinstance(config, RecurrentConfig | TransformerConfig)
    lengths = config.subword_lengths
    parts = None if lengths is None else subwords(words, shortest=lengths[0], longest=lengths[1])

    def network() -> Network:
        if isinstance(config, TransformerConfig):
            return TransformerModel(config, len(words), parts)
        return RecurrentModel(config, len(words), parts)

    return network() if config.members == 1 else Ensemble([network() for _ in range(config.members)])


def save_bundle(
    folder: Path,
    *,
    model: LanguageModel,
    tokenizer: TextTokenizer,
    config: SavedConfig,
    metrics: dict[str, Any],
    model_card: str,
) -> None:
    """Writes the folder under a temporary name and renames it, so that it is whole or not there; an old one goes."""
    unfinished, old = (folder.with_name(f".{folder.name}.{os.getpid()}{end}") for end in ("", ".old"))
    unfinished.mkdir(parents=True)
    try:
        save_model(model, str(unfinished / "model.safetensors"))
        tokenizer.save(unfinished / "tokenizer.json")
        (unfinished / "config.yaml").write_text(yaml.safe_dump(plain(config), allow_unicode=True), encoding="utf-8")
        (unfinished / "metrics.json").write_text(json.dumps(metrics, indent=2), encoding="utf-8")
        (unfinished / "MODEL_CARD.md").write_text(model_card, encoding="utf-8")
        if folder.exists():
            folder.rename(old)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


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
    opened.model.to(_device(device)).eval()
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
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise InputError(f"bundle={folder}: no model.safetensors there; give the bundle/ folder of a training run")
    config, tokenizer = _load_parts(folder)
    model = build_model(config.model, tokenizer.words())
    try:
        load_model(model, str(weights))
    except (SafetensorError, RuntimeError, OSError) as error:
        raise _unfit(weights, error) from error
    return Bundle(folder, model, tokenizer, config)


def load_run(folder: Path) -> Bundle:
    """Returns the model of a training run's best checkpoint, or its last where there is no best, on the CPU.

    Raises:
        InputError: It is no run folder, it has no checkpoint yet, or the checkpoint is broken or of another program.
    """
    if not folder.is_dir():
        raise InputError(f"run={folder}: no such folder; give the run folder that halo.train printed")
    found = [folder / "checkpoints" / name for name in CHECKPOINTS if (folder / "checkpoints" / name).is_file()]
    if not found:
        raise InputError(f"run={folder}: no checkpoint in it; a run writes its first after its first validation")
    config, tokenizer = _load_parts(folder)
    model = build_model(config.model, tokenizer.words())
    load_checkpoint(model, found[0])
    return Bundle(folder, model, tokenizer, config)


class Checkpoint(NamedTuple):
    """What a checkpoint says of its weights.

    Attributes:
        step: The optimizer step that they are from.
        average: What they are an average of; None for weights as they were trained.
    """

    step: int
    average: str | None


def load_checkpoint(model: LanguageModel, file: Path) -> Checkpoint:
    """Puts the weights of a Lightning checkpoint into `model`, the averaged ones where it has any.

    Raises:
        InputError: The file is broken, of another program, or of another architecture.
    """
    try:
        saved = torch.load(file, map_location="cpu", weights_only=True)
        weights = {key.removeprefix("model."): value for key, value in saved["state_dict"].items()}
        model.load_state_dict(weights)
        return Checkpoint(int(saved["global_step"]), saved.get("weights"))
    except (pickle.UnpicklingError, zipfile.BadZipFile, RuntimeError, OSError, EOFError) as error:
        raise _unfit(file, error) from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(f"{file}: not a checkpoint of halo; give one that halo.train wrote") from error


def _unfit(file: Path, error: Exception) -> InputError:
    reason = " ".join(str(error).split())[:160]
    return InputError(f"{file}: broken, or not of this model ({reason}); use a file that halo.train wrote")


def _load_parts(folder: Path) -> tuple[SavedConfig, TextTokenizer]:
    return _load_config(folder / "config.yaml"), TextTokenizer.load(folder / "tokenizer.json")


def _load_config(file: Path) -> SavedConfig:
    """Reads `data` and `model` as plain data: nothing in the file is looked up, resolved or instantiated."""
    try:
        text = file.read_text(encoding="utf-8")
        tree = yaml.safe_load(text)
        saved = {key: tree[key] for key in ("data", "model")}
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        raise InputError(f"{file}: not the configuration of a halo run; use a folder that halo.train wrote") from error
    if "${" in json.dumps(saved, default=str):
        raise InputError(f"{file}: holds a reference (${{...}}); only plain values are read from a saved model")
    try:
        return parse(OmegaConf.create(saved), SavedConfig)
    except InputError as error:
        raise InputError(f"{file}: {error}") from error
