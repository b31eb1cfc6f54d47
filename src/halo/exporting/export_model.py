"""Exporting a trained model or classifier: from the settings of `halo.export` to a finished folder."""

import logging
from pathlib import Path
from typing import Any

from halo.bundle.loading import Bundle, open_model
from halo.bundle.validation import read_config
from halo.classification.classifier_bundle import ClassifierBundle, is_classifier
from halo.config import CustomModelConfig, ExportConfig, plain
from halo.exporting.export_classifier import open_exported_classifier, write_classifier
from halo.exporting.folder import EXPORT_FILE, export_folder
from halo.exporting.hub import write_hub_folder
from halo.exporting.portable.plain_weights import with_plain_weights
from halo.exporting.portable.portable_tokenizer import left_to_the_user, save_portable_tokenizer
from halo.exporting.portable.state import state_of
from halo.exporting.readme import readme
from halo.models.language_model import num_parameters
from halo.reports.console import relative_to_cwd, table
from halo.runtime.atomic_files import json_text
from halo.runtime.errors import InputError

log = logging.getLogger(__name__)

FORMAT_VERSION = 1
"""The version of what a folder contains; whoever changes the meaning of its files raises it."""


def export_model(config: ExportConfig) -> str:
    """Writes a model in another format, and returns what was written as text for the terminal.

    Args:
        config: The settings of the command.

    Raises:
        InputError: The model cannot be exported in this format, or the folder cannot be written.
    """
    given = Path(str(config.run or config.bundle))
    opened = open_exported_classifier(given, config) if is_classifier(given) else _open(config)
    output = Path(config.output)
    report = []
    with export_folder(output, source=opened.folder) as folder:
        if isinstance(opened, ClassifierBundle):
            write_classifier(folder, opened, format_version=FORMAT_VERSION)
        elif config.format == "hub":
            write_hub_folder(folder, opened, config.hub)
        else:
            report = _write(folder, opened, config)
        sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
    rows = [[name, f"{size / 1e6:.2f}"] for name, size in sizes.items()]
    return "\n\n".join([*report, table(f"Exported to {relative_to_cwd(output.absolute())}", ["file", "MB"], rows)])


def _open(config: ExportConfig) -> Bundle:
    """Returns the model on the CPU.

    Raises:
        InputError: It is a custom model, or it cannot be loaded.
    """
    given = config.run or config.bundle
    if (config.run is None) != (config.bundle is None) and given is not None and Path(given, "config.yaml").is_file():
        architecture = read_config(Path(given), is_bundle=config.bundle is not None).model
        if isinstance(architecture, CustomModelConfig):
            raise InputError(
                f"{given}: a model of the class {architecture.target}, which only its own code can export; "
                "export a model of conf/model"
            )
    return open_model(run=config.run, bundle=config.bundle, device="cpu")


def _write(folder: Path, bundle: Bundle, config: ExportConfig) -> list[str]:
    """Writes the files of the formats `onnx`, `torch` and `safetensors`; returns what to print about them."""
    parameters = num_parameters(bundle.model)
    model, tokenizer, data = with_plain_weights(bundle.model), bundle.tokenizer, bundle.config.data
    about: dict[str, Any] = {
        "format": config.format,
        "format_version": FORMAT_VERSION,
        "architecture": bundle.config.model.name,
        "num_parameters": parameters,
        "vocab_size": tokenizer.vocab_size,
        "eos_id": tokenizer.eos_id,
        "unk_id": tokenizer.unk_id,
        "eos": data.tokenizer.eos,
        "state": [
            {"name": tensor.name, "shape": ["batch", *tensor.sizes], "dtype": tensor.dtype, "meaning": tensor.meaning}
            for tensor in state_of(model)
        ],
        "model": plain(bundle.config.model),
        "cleaning": plain(data.cleaning),
        "cleaning_left_to_you": left_to_the_user(data.cleaning),
    }
    report: list[str] = []
    if config.format == "onnx":
        from halo.exporting.onnx.onnx_files import write_onnx

        report = write_onnx(folder, bundle, config, about)
    elif config.format == "torch":
        from halo.exporting.torch_files import write_step

        write_step(folder, model, about)
    else:
        from halo.exporting.torch_files import write_weights

        write_weights(folder, model, about)
    save_portable_tokenizer(tokenizer, data, folder / "tokenizer.json")
    (folder / "config.json").write_text(json_text(about) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(readme(about), encoding="utf-8")
    assert not (folder / EXPORT_FILE).exists()
    return report
