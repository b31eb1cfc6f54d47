"""Loading a saved model: a bundle, or the best checkpoint of a training run."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from torch import nn

from halo.bundle.checkpoints import load_checkpoint
from halo.bundle.validation import (
    MAX_STATISTICS_BYTES,
    find_file,
    invalid_weights_error,
    read_config,
    require_file,
    require_language_model,
    require_short_header,
)
from halo.config import SavedConfig
from halo.models.language_model import LanguageModel
from halo.models.model_spec import ModelSpec
from halo.runtime.errors import InputError, reason
from halo.runtime.user_classes import import_class, require_subclass
from halo.tokenization.series_bins import FILE_NAME as SERIES_FILE
from halo.tokenization.series_bins import MAX_BYTES as MAX_SERIES_BYTES
from halo.tokenization.series_bins import SeriesBins
from halo.tokenization.tokenizer import TextTokenizer
from halo.tokenization.word_statistics import FILE_NAME, WordStatistics

CHECKPOINT_NAMES = ("best.ckpt", "last.ckpt")

ModelClass = type[LanguageModel] | None
"""The class of a custom model, which the user passes: what a saved configuration names is never imported."""


@dataclass(frozen=True)
class Bundle:
    """A model that is ready to use.

    Attributes:
        folder: The folder it was loaded from.
        model: The network with its weights, in evaluation mode.
        tokenizer: Its vocabulary.
        word_statistics: The statistics of its words in the training text.
        config: The settings of its text, and its architecture.
        is_bundle: Whether the folder is a bundle, which may come from anybody, or a run folder, the user's own.
        series_bins: The bins of its values if it is a model of series; None if it is one of text.
    """

    folder: Path
    model: LanguageModel
    tokenizer: TextTokenizer
    word_statistics: WordStatistics
    config: SavedConfig
    is_bundle: bool
    series_bins: SeriesBins | None = None

    @property
    def word_counts(self) -> npt.NDArray[np.int64]:
        """Number of occurrences of each token in the training text, shape (V,)."""
        return self.word_statistics.counts

    @property
    def cased_forms(self) -> Mapping[str, str]:
        """For words that were lowercased, the form with capitals that they mostly had, such as `Wuhan`."""
        return self.word_statistics.cased_forms


def open_model(*, run: str | None, bundle: str | None, device: str, model_class: str | ModelClass = None) -> Bundle:
    """Returns the model of a run folder or of a bundle, in evaluation mode on a device.

    Args:
        run: A folder that `halo.train` wrote; its best checkpoint is loaded.
        bundle: A folder that `save_bundle` wrote.
        device: `auto` for an accelerator if there is one, or a device of torch.
        model_class: The class of a custom model, or its dotted path, which is imported.

    Raises:
        InputError: Not exactly one folder is given, it holds no model or is damaged, or the device cannot be used.
    """
    if (run is None) == (bundle is None):
        raise InputError("give one model: run=FOLDER of a training run, or bundle=FOLDER of a saved model")
    if isinstance(model_class, str):
        model_class = import_class(model_class, LanguageModel, key="model_class")  # type: ignore[type-abstract]
    if run is not None:
        opened = load_run(Path(run), model_class=model_class)
    else:
        opened = load_bundle(Path(str(bundle)), model_class=model_class)
    opened.model.to(find_device(device))
    return opened


def find_device(name: str) -> torch.device:
    """Returns a device by its name, or an accelerator if there is one for `auto`.

    Raises:
        InputError: It cannot be used here.
    """
    try:
        if name == "auto":
            found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
            return found or torch.device("cpu")
        device = torch.device(name)
        torch.empty(0, device=device)
    except Exception as error:  # the exception types differ from device to device
        message = str(error).splitlines()[0]
        raise InputError(f"device={name}: cannot be used here ({message}); use auto or cpu") from error
    return device


def load_bundle(folder: Path, *, model_class: ModelClass = None) -> Bundle:
    """Returns the model of a bundle, in evaluation mode on the CPU.

    Args:
        folder: The bundle.
        model_class: The class of a custom model.

    Raises:
        InputError: It is not a bundle, or its files are damaged or do not belong together.
    """
    require_language_model(folder, setting="bundle")
    weights = find_file(folder, "model.safetensors")
    if weights is None:
        raise InputError(f"bundle={folder}: no model.safetensors there; give the bundle/ folder of a training run")
    require_short_header(weights)
    bundle = _assemble(folder, weights, is_bundle=True, model_class=model_class)
    try:
        load_weights(bundle.model, weights)
    except Exception as error:  # safetensors and torch raise exceptions of many types
        raise invalid_weights_error(weights, error) from error
    require_finite_weights(bundle.model, weights)
    return bundle


def load_run(folder: Path, *, model_class: ModelClass = None) -> Bundle:
    """Returns the model of a run in evaluation mode on the CPU.

    The weights are those of best.ckpt; without it, because the callback was configured otherwise, those of the bundle
    that the run has saved at its end, and before its end those of last.ckpt.

    Args:
        folder: The run folder.
        model_class: The class of a custom model.

    Raises:
        InputError: It is not a run folder, it has no checkpoint yet, or the checkpoint is damaged.
    """
    if not os.path.isdir(folder):  # noqa: PTH112  Path.is_dir raises for a name that is too long
        raise InputError(f"run={folder}: no such folder; give the run folder that halo.train printed")
    require_language_model(folder, setting="run")
    if find_file(folder, f"checkpoints/{CHECKPOINT_NAMES[0]}") is None and (folder / "bundle").is_dir():
        return load_bundle(folder / "bundle", model_class=model_class)
    found = [file for name in CHECKPOINT_NAMES if (file := find_file(folder, f"checkpoints/{name}")) is not None]
    if not found and find_file(folder, "model.safetensors") is not None:
        raise InputError(f"run={folder}: this is a bundle, not a run folder; use bundle={folder}")
    if not found and (runs := sorted(folder.glob("[!.]*/config.yaml"))):
        raise InputError(f"run={folder}: holds several runs; give one of them, such as run={runs[0].parent}")
    if not found:
        raise InputError(f"run={folder}: no checkpoint in it; a run writes its first after its first validation")
    run = _assemble(folder, found[0], is_bundle=False, model_class=model_class)
    load_checkpoint(run.model, found[0])
    require_finite_weights(run.model, found[0])
    return run


def _assemble(folder: Path, weights: Path, *, is_bundle: bool, model_class: ModelClass) -> Bundle:
    """Returns the model of a folder with fresh weights, of which there are no more than bytes in the file `weights`."""
    if model_class is not None:
        require_subclass(model_class, LanguageModel, key="model_class")  # type: ignore[type-abstract]
    config = read_config(folder, is_bundle=is_bundle)
    tokenizer = TextTokenizer.load(require_file(folder, "tokenizer.json"))
    statistics = require_file(folder, FILE_NAME, max_bytes=MAX_STATISTICS_BYTES)
    word_statistics = WordStatistics.load(statistics, vocab_size=tokenizer.vocab_size)
    try:
        spec = ModelSpec.of(config.model, tokenizer.words(), model_class=model_class)
        size_bytes = weights.stat().st_size
        model = spec.build() if spec.num_weights <= size_bytes else None
    except (InputError, RuntimeError) as error:
        raise InputError(f"{folder / 'config.yaml'}: {reason(error)}") from error
    if model is None:
        asked = f"{size_bytes:,} bytes, and config.yaml asks for {spec.num_weights:,} weights"
        raise invalid_weights_error(weights, ValueError(asked))
    series_bins = None
    if config.data.series is not None:
        series_bins = SeriesBins.load(require_file(folder, SERIES_FILE, max_bytes=MAX_SERIES_BYTES))
    return Bundle(folder, model.eval(), tokenizer, word_statistics, config, is_bundle, series_bins)


def load_weights(model: nn.Module, file: Path) -> None:
    """Loads a safetensors file in which each shared weight is stored once, under its first name."""
    saved = load_file(file)
    first_names: dict[int, str] = {}
    for name, weight in model.state_dict(keep_vars=True).items():
        first = first_names.setdefault(id(weight), name)
        if first in saved:
            saved.setdefault(name, saved[first])
    model.load_state_dict(saved)


def require_finite_weights(model: nn.Module, file: Path) -> None:
    """Raises `InputError` if a weight that was read from `file` is infinite or NaN."""
    if not all(bool(weight.isfinite().all()) for weight in model.parameters()):
        raise InputError(f"{file}: some weights are not finite numbers; use another checkpoint, or train again")
