"""Exporting a classifier: one ONNX graph, its tokenizer, and what the labels are."""

import logging
from pathlib import Path
from typing import Any

from halo.classification.classifier_bundle import ClassifierBundle, load_classifier
from halo.config import CustomModelConfig, ExportConfig, plain
from halo.exporting.portable.plain_weights import with_plain_weights
from halo.exporting.portable.portable_tokenizer import left_to_the_user, save_portable_tokenizer
from halo.exporting.readme import render
from halo.models.language_model import num_parameters
from halo.runtime.atomic_files import json_text
from halo.runtime.errors import InputError, require

log = logging.getLogger(__name__)


def open_exported_classifier(folder: Path, config: ExportConfig) -> ClassifierBundle:
    """Returns a classifier that is to be exported, on the CPU.

    Args:
        folder: The folder of the classifier, or of the run that has saved it.
        config: The settings of the command.

    Raises:
        InputError: It is asked for in a format that classifiers have not, or cannot be loaded.
    """
    allowed = "is for language models; a classifier is exported with format=onnx"
    require(config.format == "onnx", "format", config.format, allowed)
    require(
        config.quantize is None, "quantize", config.quantize, "is for language models; leave it out for a classifier"
    )
    classifier = load_classifier(folder)
    architecture = classifier.config.model
    if isinstance(architecture, CustomModelConfig):
        raise InputError(
            f"{folder}: a model of the class {architecture.target}, which only its own code can export; "
            "export a classifier on a model of conf/model"
        )
    return classifier


def write_classifier(folder: Path, classifier: ClassifierBundle, *, format_version: int) -> None:
    """Writes model.onnx, tokenizer.json, config.json and README.md.

    Args:
        folder: The folder of the export.
        classifier: The classifier, changed in place.
        format_version: The version of what a folder contains.
    """
    from halo.exporting.onnx.classifier_graph import classifier_graph
    from halo.exporting.onnx.graph import OPSET
    from halo.exporting.onnx.onnx_files import serialized

    tokenizer, data = classifier.tokenizer, classifier.config.data
    about: dict[str, Any] = {
        "format": "onnx",
        "format_version": format_version,
        "kind": "classifier",
        "labels": [*classifier.labels],
        "architecture": classifier.config.model.name,
        "num_parameters": num_parameters(classifier.model),
        "vocab_size": tokenizer.vocab_size,
        "eos_id": tokenizer.eos_id,
        "unk_id": tokenizer.unk_id,
        "eos": data.tokenizer.eos,
        "temperature": classifier.temperature,
        "opset": OPSET,
        "model": plain(classifier.config.model),
        "cleaning": plain(data.cleaning),
        "cleaning_left_to_you": left_to_the_user(data.cleaning),
    }
    with_plain_weights(classifier.model.encoder)
    keys = ("format_version", "kind", "architecture", "vocab_size", "eos_id", "unk_id")
    graph = classifier_graph(
        classifier.model,
        num_labels=len(classifier.labels),
        temperature=classifier.temperature,
        metadata={key: str(about[key]) for key in keys} | {"labels": json_text(about["labels"])},
    )
    (folder / "model.onnx").write_bytes(serialized(graph))
    save_portable_tokenizer(tokenizer, data, folder / "tokenizer.json")
    (folder / "config.json").write_text(json_text(about) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(render("classifier_readme.md.jinja", about=about), encoding="utf-8")
