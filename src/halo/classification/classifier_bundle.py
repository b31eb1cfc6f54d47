"""Saving and loading classifiers: a folder that holds everything needed to use one, and nothing that is executed.

model.safetensors  weights of language model and head
tokenizer.json     vocabulary
config.yaml        format number, text settings and architecture of the language model, as in its bundle
classifier.json    labels, head, temperature, and the settings it was trained with
metrics.json       measured figures, if it was measured
README.md, data_card.md
                   cards of the classifier and of its text, if it was measured
"""

import json
import math
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml

from halo.bundle.loading import ModelClass, load_weights, require_finite_weights
from halo.bundle.saving import save_weights
from halo.bundle.validation import (
    BUNDLE_FORMAT,
    CLASSIFIER_FILE,
    MAX_METRICS_BYTES,
    find_file,
    invalid_weights_error,
    read_config,
    require_file,
    require_short_header,
)
from halo.classification.classifier import TextClassifier
from halo.config import SavedConfig, plain
from halo.models.model_spec import ModelSpec
from halo.runtime.atomic_files import json_text
from halo.runtime.errors import InputError, reason
from halo.tokenization.tokenizer import TextTokenizer

CLASSIFIER_FORMAT = 1
"""The format number of classifier.json that this version reads and writes."""

MAX_LABELS = 2**16
MAX_HIDDEN = 2**20


@dataclass(frozen=True)
class ClassifierBundle:
    """A classifier that is ready to use.

    Attributes:
        folder: The folder it was loaded from.
        model: The network with its weights, in evaluation mode.
        tokenizer: Its vocabulary.
        config: The settings of its text, and the architecture of its language model.
        labels: The labels; the classifier's output has them in this order.
        temperature: What logits are divided by (temperature scaling, Guo et al. 2017), chosen on the validation split.
        settings: The settings of `halo.classify` that it was trained with, as plain data, for people.
    """

    folder: Path
    model: TextClassifier
    tokenizer: TextTokenizer
    config: SavedConfig
    labels: tuple[str, ...]
    temperature: float
    settings: dict[str, Any]


def save_classifier(
    folder: Path,
    *,
    model: TextClassifier,
    tokenizer: TextTokenizer,
    config: SavedConfig,
    labels: tuple[str, ...],
    temperature: float,
    head_hidden: int | None,
    settings: dict[str, Any],
    metrics: dict[str, Any] | None = None,
) -> None:
    """Writes a classifier; an existing one is replaced.

    The files are written to a temporary folder, which is then renamed: the classifier is complete or absent. The same
    network and settings always give the same bytes.

    Args:
        folder: The folder of the classifier.
        model: The network.
        tokenizer: The vocabulary.
        config: The settings of the text, and the architecture of the language model.
        labels: The labels, in the order of the network's output.
        temperature: What logits are divided by.
        head_hidden: Units between the two layers of the head; None for a single layer.
        settings: The settings it was trained with, as plain data.
        metrics: Figures for metrics.json; None to leave it out.
    """
    unfinished, old = (folder.with_name(f".{folder.name}.{os.getpid()}{end}") for end in ("", ".old"))
    unfinished.mkdir(parents=True)
    described = {
        "format": CLASSIFIER_FORMAT,
        "labels": list(labels),
        "temperature": temperature,
        "head_hidden": head_hidden,
        "settings": settings,
    }
    try:
        tokenizer.save(unfinished / "tokenizer.json")
        save_weights(model, unfinished / "model.safetensors", like=unfinished / "tokenizer.json")
        architecture = yaml.safe_dump({"format": BUNDLE_FORMAT, **plain(config)}, allow_unicode=True)
        (unfinished / "config.yaml").write_text(architecture, encoding="utf-8")
        (unfinished / CLASSIFIER_FILE).write_text(json_text(described), encoding="utf-8")
        if metrics is not None:
            (unfinished / "metrics.json").write_text(json_text(metrics), encoding="utf-8")
        if folder.exists():
            folder.rename(old)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def load_classifier(folder: Path, *, model_class: ModelClass = None) -> ClassifierBundle:
    """Returns a classifier in evaluation mode, on the CPU.

    Args:
        folder: The folder of a saved classifier, or of the run that has saved one.
        model_class: The class of a custom language model, which is never imported from a saved configuration.

    Raises:
        InputError: It holds no classifier, or its files are damaged or do not belong together.
    """
    folder = Path(folder)
    if find_file(folder, CLASSIFIER_FILE) is None:
        if find_file(folder / "bundle", CLASSIFIER_FILE) is None:
            raise _no_classifier(folder)
        folder = folder / "bundle"
    described = _read_description(folder)
    weights = require_file(folder, "model.safetensors")
    require_short_header(weights)
    config = read_config(folder, is_bundle=True)
    tokenizer = TextTokenizer.load(require_file(folder, "tokenizer.json"))
    labels, head_hidden = tuple(described["labels"]), described["head_hidden"]
    size_bytes = weights.stat().st_size
    try:
        spec = ModelSpec.of(config.model, tokenizer.words(), model_class=model_class)
        too_large = max(spec.num_weights, len(labels) * (head_hidden or 1)) > size_bytes
        encoder = None if too_large else spec.build()
    except (InputError, RuntimeError) as error:
        raise InputError(f"{folder / 'config.yaml'}: {reason(error)}") from error
    if encoder is None:
        raise invalid_weights_error(weights, ValueError(f"{size_bytes:,} bytes, fewer than it has weights"))
    model = TextClassifier(encoder, len(labels), eos_id=tokenizer.eos_id, head_hidden=head_hidden).eval()
    try:
        load_weights(model, weights)
    except Exception as error:  # safetensors and torch raise exceptions of many types
        raise invalid_weights_error(weights, error) from error
    require_finite_weights(model, weights)
    if not bool(torch.isfinite(model.center_F).all() and (model.deviation_F > 0).all()):
        raise invalid_weights_error(weights, ValueError("the standardisation of the features"))
    return ClassifierBundle(
        folder, model, tokenizer, config, labels, float(described["temperature"]), described["settings"]
    )


def is_classifier(folder: Path) -> bool:
    """Returns whether a folder holds a classifier, or is the run folder of one."""
    return (folder / CLASSIFIER_FILE).is_file() or (folder / "bundle" / CLASSIFIER_FILE).is_file()


def _no_classifier(folder: Path) -> InputError:
    """Returns the error for a folder without a classifier, with what to do instead."""
    if not folder.is_dir():
        return InputError(f"{folder}: no such folder; give a folder that halo.classify wrote")
    if (folder / "config.yaml").is_file() and not (folder / "tokenizer.json").is_file():
        return InputError(
            f"{folder}: a run of halo.classify that has not finished; resume it with run_dir={folder} resume=auto"
        )
    is_language_model = (folder / "model.safetensors").is_file() or (folder / "checkpoints").is_dir()
    if is_language_model or (folder / "bundle").is_dir():
        return InputError(
            f"{folder}: a language model, not a classifier; train one from it with halo.classify "
            f"language_model={folder}"
        )
    return InputError(f"{folder}: no classifier there ({CLASSIFIER_FILE}); give a folder that halo.classify wrote")


def _read_description(folder: Path) -> dict[str, Any]:
    file = require_file(folder, CLASSIFIER_FILE, max_bytes=MAX_METRICS_BYTES)
    try:
        described = json.loads(file.read_bytes())
        if not isinstance(described, dict):
            raise ValueError(f"a {type(described).__name__}")
        written = described.get("format")
        if written != CLASSIFIER_FORMAT:
            raise InputError(
                f"{file}: format {written!s:.20}; this version reads format {CLASSIFIER_FORMAT}; train it again"
            )
        _require_description(described)
    except InputError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        problem = f"not the description of a classifier ({reason(error)})"
        raise InputError(f"{file}: {problem}; use a folder that halo.classify wrote") from error
    return described


def _require_description(described: dict[str, Any]) -> None:
    """Raises `ValueError` unless the values of classifier.json are of the right type and size."""
    labels: Any = described.get("labels")
    temperature: Any = described.get("temperature")
    hidden: Any = described.get("head_hidden")
    are_texts = isinstance(labels, list) and all(isinstance(each, str) and each for each in labels)
    if not are_texts or not 2 <= len(labels) <= MAX_LABELS or len({*labels}) < len(labels):
        raise ValueError("labels")
    is_number = isinstance(temperature, int | float) and not isinstance(temperature, bool)
    if not is_number or not math.isfinite(temperature) or temperature <= 0:
        raise ValueError("temperature")
    if hidden is not None and not (type(hidden) is int and 1 <= hidden <= MAX_HIDDEN):
        raise ValueError("head_hidden")
    if not isinstance(described.get("settings"), dict):
        raise ValueError("settings")
