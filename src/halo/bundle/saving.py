"""Writing a bundle: a folder that holds everything needed to use a model, and nothing that is executed.

model.safetensors  weights
tokenizer.json     vocabulary
word_statistics.json
                   counts and capitals of its words in the training text
config.yaml        format number, text settings and architecture
metrics.json       measured figures
document_scores.npz
                   negative log-likelihood of each held-out document, if it was measured
series.json        bins of the values, if the model is of series
README.md          model card: what the model is, its intended use, its biases and its limits
data_card.md       data card: what its text is, and how it was prepared, if that is known
"""

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

import yaml
from safetensors.torch import save, save_file
from torch import Tensor, nn

from halo.bundle.validation import BUNDLE_FORMAT
from halo.config import SavedConfig, plain
from halo.models.language_model import LanguageModel
from halo.runtime.atomic_files import json_text
from halo.tokenization.series_bins import SeriesBins
from halo.tokenization.tokenizer import TextTokenizer
from halo.tokenization.word_statistics import FILE_NAME, WordStatistics

_FORMAT = {"format": "pt"}


def save_bundle(
    folder: Path,
    *,
    model: LanguageModel,
    tokenizer: TextTokenizer,
    word_statistics: WordStatistics,
    config: SavedConfig,
    metrics: dict[str, Any],
    model_card: str,
    document_scores: bytes | None = None,
    series_bins: SeriesBins | None = None,
    data_card: str | None = None,
) -> None:
    """Writes a bundle; an existing one is replaced.

    The files are written to a temporary folder, which is then renamed: the bundle is complete or absent. The same
    model and settings always give the same bytes.

    Args:
        folder: The bundle's folder.
        model: The weights to save; they stay on their device.
        tokenizer: The vocabulary.
        word_statistics: The statistics of its words.
        config: The settings of text and architecture.
        metrics: Figures for metrics.json.
        model_card: Markdown text for people, with metadata that hubs read.
        document_scores: Content of document_scores.npz; None to leave it out.
        series_bins: The bins of a model of series; None for a model of text.
        data_card: The card of its text; None to leave it out.
    """
    unfinished, old = (folder.with_name(f".{folder.name}.{os.getpid()}{end}") for end in ("", ".old"))
    unfinished.mkdir(parents=True)
    try:
        tokenizer.save(unfinished / "tokenizer.json")
        word_statistics.save(unfinished / FILE_NAME)
        save_weights(model, unfinished / "model.safetensors", like=unfinished / "tokenizer.json")
        settings = {"format": BUNDLE_FORMAT, **plain(config)}
        (unfinished / "config.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
        (unfinished / "metrics.json").write_text(json_text(metrics), encoding="utf-8")
        (unfinished / "README.md").write_text(model_card, encoding="utf-8")
        if data_card is not None:
            (unfinished / "data_card.md").write_text(data_card, encoding="utf-8")
        if document_scores is not None:
            (unfinished / "document_scores.npz").write_bytes(document_scores)
        if series_bins is not None:
            series_bins.save(unfinished)
        if folder.exists():
            folder.rename(old)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def save_weights(model: nn.Module, file: Path, *, like: Path) -> None:
    """Writes the weights, each shared one once, with the permissions of the file `like`.

    `safetensors.torch.save_model` records the names of shared weights in an order that changes from process to process,
    and the library creates files that only their owner can read.
    """
    save_file(_weights_once(model), file, metadata=_FORMAT)
    shutil.copymode(like, file)


def weights_sha256(model: nn.Module) -> str:
    """Returns the SHA-256 of the file that `save_weights` writes, in hexadecimal digits."""
    return hashlib.sha256(save(_weights_once(model), metadata=_FORMAT)).hexdigest()


def _weights_once(model: nn.Module) -> dict[str, Tensor]:
    """Returns the weights by name, each shared one once."""
    once: dict[int, tuple[str, Tensor]] = {}
    for name, weight in model.state_dict(keep_vars=True).items():  # the parameters themselves, known by their identity
        once.setdefault(id(weight), (name, weight))
    return {name: weight.detach().contiguous() for name, weight in once.values()}
