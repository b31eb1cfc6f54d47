"""The saved model: a folder that holds all that is needed to use it, and nothing that is executed.

model.safetensors  weights
tokenizer.json     vocabulary
config.yaml        its format, how text is cleaned, and the architecture
metrics.json       what was measured
MODEL_CARD.md      what it is, what it is for and what not
"""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
import yaml
from safetensors.torch import load_model, save_model
from torch import nn
from torch.overrides import TorchFunctionMode

from halo.config import ModelConfig, RecurrentConfig, SavedConfig, TransformerConfig, plain
from halo.errors import InputError, require
from halo.models.ensemble import Ensemble
from halo.models.language_model import LanguageModel, Network
from halo.models.recurrent import RecurrentModel
from halo.models.transformer import TransformerModel
from halo.saved_files import (
    FORMAT,
    find_file,
    read_config,
    require_file,
    require_plain_archive,
    require_short_header,
    unfit,
)
from halo.text.files import reason
from halo.text.subwords import Subwords, subwords
from halo.text.tokenizer import TextTokenizer

Architecture = RecurrentConfig | TransformerConfig
CHECKPOINTS = ("best.ckpt", "last.ckpt")
MOST_NGRAMS = 2**25
"""Of all words of a vocabulary together, the same ones counted each time: some GiB while they are counted."""


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


def build_model(config: ModelConfig, words: Sequence[str]) -> LanguageModel:
    """Returns the network that `config` describes, with fresh weights.

    Args:
        config: The architecture.
        words: The vocabulary, in the order of its ids.

    Raises:
        InputError: This machine has no memory for it, or it does not fit the vocabulary.
    """
    return _Draft.of(config, words).build()


class _Draft(NamedTuple):
    """A network before there is memory for it.

    Attributes:
        config: The architecture.
        vocab_size: Words of the vocabulary.
        parts: Their n-grams, where it has vectors of them.
        num_weights: How many it has, shared ones counted once.
    """

    config: Architecture
    vocab_size: int
    parts: Subwords | None
    num_weights: int

    @classmethod
    def of(cls, config: ModelConfig, words: Sequence[str]) -> "_Draft":
        """Returns what `config` describes, counted; it raises `InputError` where it does not fit the vocabulary."""
        assert isinstance(config, Architecture)
        parts = None
        if config.subword_lengths is not None:
            shortest, longest = config.subword_lengths
            num_ngrams = sum(map(len, words)) * (longest - shortest + 1) * config.members
            allowed = f"about {num_ngrams:,} n-grams, at most {MOST_NGRAMS:,} are counted; give null or fewer words"
            require(num_ngrams <= MOST_NGRAMS, "model.subword_lengths", config.subword_lengths, allowed)
            parts = subwords(words, shortest=shortest, longest=longest)
        with torch.device("meta"), _NotDrawn():
            bare = _network(config, len(words), None)
        of_ngrams = 0 if parts is None else parts.num_ngrams * config.embedding
        num_weights = config.members * (sum(weight.numel() for weight in bare.parameters()) + of_ngrams)
        return cls(config, len(words), parts, num_weights)

    def build(self) -> LanguageModel:
        """Returns it; it raises `InputError` where this machine has no memory for it."""
        if hasattr(os, "sysconf"):  # not on Windows
            memory_bytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
            needed = f"{4 * self.num_weights / 2**30:,.1f} GiB for {self.num_weights:,} weights"
            allowed = (
                f"this machine has {memory_bytes / 2**30:,.1f}; lower model.hidden, model.embedding or model.members"
            )
            require(4 * self.num_weights <= memory_bytes, "model", needed, allowed)
        networks = [_network(self.config, self.vocab_size, self.parts) for _ in range(self.config.members)]
        return networks[0] if len(networks) == 1 else Ensemble(networks)


def _network(config: Architecture, vocab_size: int, parts: Subwords | None) -> Network:
    if isinstance(config, TransformerConfig):
        return TransformerModel(config, vocab_size, parts)
    return RecurrentModel(config, vocab_size, parts)


class _NotDrawn(TorchFunctionMode):
    """Leaves out what would draw word vectors: without memory it draws nothing, but is imported for two seconds."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return kwargs["tensor"] if func is nn.init.normal_ else func(*args, **(kwargs or {}))


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
        settings = {"format": FORMAT, **plain(config)}
        (unfinished / "config.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
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
    weights = find_file(folder, "model.safetensors")
    if weights is None:
        raise InputError(f"bundle={folder}: no model.safetensors there; give the bundle/ folder of a training run")
    require_short_header(weights)
    bundle = _assemble(folder, weights, is_bundle=True)
    try:
        load_model(bundle.model, str(weights))
    except Exception as error:  # the library and torch have their own kinds of failure
        raise unfit(weights, error) from error
    _require_finite(bundle.model, weights)
    return bundle


def load_run(folder: Path) -> Bundle:
    """Returns the model of a training run's best checkpoint, or its last where there is no best, on the CPU.

    Raises:
        InputError: It is no run folder, it has no checkpoint yet, or the checkpoint is broken or of another program.
    """
    if not os.path.isdir(folder):  # noqa: PTH112  Path.is_dir raises where a name is too long
        raise InputError(f"run={folder}: no such folder; give the run folder that halo.train printed")
    found = [file for name in CHECKPOINTS if (file := find_file(folder, f"checkpoints/{name}")) is not None]
    if not found:
        raise InputError(f"run={folder}: no checkpoint in it; a run writes its first after its first validation")
    run = _assemble(folder, found[0], is_bundle=False)
    load_checkpoint(run.model, found[0])
    _require_finite(run.model, found[0])
    return run


def _assemble(folder: Path, weights: Path, *, is_bundle: bool) -> Bundle:
    """Returns the model of a folder with fresh weights, which are no more than the bytes of the file `weights`."""
    config, tokenizer = read_config(folder), TextTokenizer.load(require_file(folder, "tokenizer.json"))
    try:
        draft = _Draft.of(config.model, tokenizer.words())
        size_bytes = weights.stat().st_size
        model = draft.build() if draft.num_weights <= size_bytes else None
    except (InputError, RuntimeError) as error:
        raise InputError(f"{folder / 'config.yaml'}: {reason(error)}") from error
    if model is None:
        asked = f"{size_bytes:,} bytes, and config.yaml asks for {draft.num_weights:,} weights"
        raise unfit(weights, ValueError(asked))
    return Bundle(folder, model, tokenizer, config, is_bundle=is_bundle)


def _require_finite(model: LanguageModel, file: Path) -> None:
    if not all(bool(weight.isfinite().all()) for weight in model.parameters()):
        raise InputError(f"{file}: some weights are no finite numbers; use another checkpoint, or train again")


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
    require_plain_archive(file)
    try:
        saved = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # the restricted reader fails in many ways on what is none
        raise unfit(file, error) from error
    try:
        weights = {key.removeprefix("model."): value for key, value in saved["state_dict"].items()}
        step, average = int(saved["global_step"]), saved.get("weights")
    except Exception as error:  # as above: any type may stand anywhere
        raise InputError(f"{file}: not a checkpoint of halo; give one that halo.train wrote") from error
    try:
        model.load_state_dict(weights)
    except Exception as error:
        raise unfit(file, error) from error
    return Checkpoint(step, average)
