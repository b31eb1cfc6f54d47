"""The folder that a model hub expects: a bundle with a card whose metadata the hub reads. Nothing is uploaded."""

import datetime
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from halo.bundle.loading import Bundle
from halo.bundle.saving import save_bundle
from halo.bundle.validation import read_metrics
from halo.config import SPLITS, DataConfig, SavedConfig, default_cache_dir, plain
from halo.config.commands.export import HubConfig
from halo.exporting.readme import render
from halo.models.language_model import num_parameters
from halo.runtime.atomic_files import json_text
from halo.runtime.errors import printable

log = logging.getLogger(__name__)

LEFT_OUT = "the-training-text-is-not-included"
"""Stands in config.yaml for the paths of the training text."""

BUNDLED = {"bundled:covid_discussions.jsonl": ("covid_discussions", "apache-2.0", "en")}
"""Name, licence and language of the texts that belong to the package."""

PUBLIC = {"ptb": "ptb_text_only", "wikitext2": "wikitext"}
"""Names on the hub of the public texts that have settings in conf/data."""

MEASURES = {
    "perplexity": ("perplexity", "Perplexity per token, <eos> and <unk> included"),
    "bits_per_character": ("bits_per_character", "Bits per character of the cleaned text"),
}
"""The figures of metrics.json that the card's metadata has, with type and name."""


def write_hub_folder(folder: Path, bundle: Bundle, hub: HubConfig) -> None:
    """Writes a bundle with the files and the card of a model hub.

    Samples, paths, prompts and the labels of documents stay out of it, because they may be private; the vocabulary
    consists of words of the training text.

    Args:
        folder: The folder of the export.
        bundle: The model as it was loaded.
        hub: What the card says beside the figures.
    """
    config = SavedConfig(data=_without_private(bundle.config.data), model=bundle.config.model)
    metrics = _without_labels(read_metrics(bundle.folder))
    save_bundle(
        folder,
        model=bundle.model,
        tokenizer=bundle.tokenizer,
        word_statistics=bundle.word_statistics,
        config=config,
        metrics=metrics,
        model_card="",
    )
    (folder / "MODEL_CARD.md").unlink()
    if not metrics:
        (folder / "metrics.json").unlink()
    ids = {
        "vocab_size": bundle.tokenizer.vocab_size,
        "bos_token_id": bundle.tokenizer.eos_id,
        "eos_token_id": bundle.tokenizer.eos_id,
        "unk_token_id": bundle.tokenizer.unk_id,
    }
    architecture = {"model_type": "semblance_halo", "architectures": [type(bundle.model).__name__]}
    model_settings = {**architecture, **ids, **plain(bundle.config.model)}
    (folder / "config.json").write_text(json_text(model_settings) + "\n", encoding="utf-8")
    # Without special tokens: transformers would search for them in the text itself.
    tokenizer_settings = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}
    (folder / "tokenizer_config.json").write_text(json_text(tokenizer_settings) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(hub_card(bundle, metrics, hub), encoding="utf-8")


def hub_card(bundle: Bundle, metrics: dict[str, Any], hub: HubConfig) -> str:
    """Returns the card: metadata in YAML between two lines of hyphens, then Markdown.

    Args:
        bundle: The model.
        metrics: The content of its metrics.json; empty if it has none.
        hub: What the card says beside the figures.
    """
    parameters = num_parameters(bundle.model)
    name = " ".join(printable(hub.name or f"{bundle.config.model.name}-{parameters / 1e6:.1f}M").split())
    metadata = card_metadata(bundle.config.data, metrics, hub, name=name, architecture=bundle.config.model.name)
    for key in ("license", "language"):
        if key not in metadata:
            log.warning("The card names no %s: set hub.%s before you publish the model", key, key)
    return "---\n{}---\n\n{}".format(
        yaml.safe_dump(metadata, sort_keys=False, allow_unicode=True, width=10**6),
        render(
            "hub_card.md.jinja",
            name=name,
            parameters=parameters,
            config=bundle.config,
            vocab_size=bundle.tokenizer.vocab_size,
            metrics=metrics,
            metadata=metadata,
            splits=[split for split in SPLITS if split in metrics.get("splits", {})],
        ),
    )


def card_metadata(
    data: DataConfig, metrics: dict[str, Any], hub: HubConfig, *, name: str, architecture: str
) -> dict[str, Any]:
    """Returns the metadata of a card; what is not known is left out.

    Args:
        data: The settings of the training text.
        metrics: The content of metrics.json.
        hub: What the user says about the model.
        name: The name of the model.
        architecture: The name of its architecture.
    """
    bundled = BUNDLED.get(data.path) if isinstance(data.path, str) else None
    dataset, licence, language = bundled or (PUBLIC.get(data.name), None, None)
    given = {
        "license": hub.license or licence,
        "language": hub.language or language,
        "datasets": [hub.dataset or dataset] if hub.dataset or dataset else None,
    }
    results = _results(metrics, hub.dataset or dataset)
    return {
        **{key: value for key, value in given.items() if value is not None},
        "library_name": "semblance-halo",
        "pipeline_tag": "text-generation",
        "tags": ["language-model", "word-level", "surprisal", architecture],
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        **({"metrics": list(MEASURES), "model-index": [{"name": name, "results": results}]} if results else {}),
    }


def _results(metrics: dict[str, Any], dataset: str | None) -> list[dict[str, Any]]:
    """Returns the figures of validation and test as a model index has them; those that are not finite are left out."""
    results = []
    for split in SPLITS[1:]:
        figures = metrics.get("splits", {}).get(split, {})
        measured = [
            {"type": kind, "name": name, "value": float(figures[key])}
            for key, (kind, name) in MEASURES.items()
            if isinstance(figures.get(key), int | float)
        ]
        if measured:
            source = {"type": dataset or "text", "name": dataset or "a text of the author's", "split": split}
            task = {"type": "text-generation", "name": "Language modelling"}
            results.append({"task": task, "dataset": source, "metrics": measured})
    return results


def _without_private(data: DataConfig) -> DataConfig:
    """Returns the settings of a text without paths, unless the text belongs to the package."""
    data = replace(data, cache_dir=default_cache_dir(), engine="local", ray_address=None)
    if data.prepared is not None:
        return replace(data, path=LEFT_OUT, train_path=None, validation_path=None, test_path=None, prepared=None)
    if isinstance(data.path, str) and data.path in BUNDLED:
        return data
    paths: dict[str, Any] = {
        key: None if getattr(data, key) is None else LEFT_OUT
        for key in ("path", "train_path", "validation_path", "test_path")
    }
    return replace(data, **paths)


def _without_labels(metrics: dict[str, Any]) -> dict[str, Any]:
    """Returns the figures without those by label of the documents."""
    splits = metrics.get("splits")
    if not isinstance(splits, dict):
        return metrics
    kept = {
        split: {key: value for key, value in figures.items() if key != "by_label"} if isinstance(figures, dict) else {}
        for split, figures in splits.items()
    }
    return {**metrics, "splits": kept}
