"""Metadata of cards: the keys that model hubs read, and what is known of public texts; what is unknown is left out."""

import datetime
import importlib.metadata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from halo.config import SPLITS, CardConfig, DataCardConfig, DataConfig

Card = TypeVar("Card", bound=DataCardConfig)

LIBRARY = "semblance-halo"

MEASURES = {
    "perplexity": ("perplexity", "Perplexity per token, <eos> and <unk> included"),
    "bits_per_character": ("bits_per_character", "Bits per character of the cleaned text"),
}
"""The figures of a split that the metadata has, with type and name."""


class KnownText(NamedTuple):
    """What is known of a public text, whoever trains on it.

    Attributes:
        dataset: Its name, on the hub if it is there.
        license: Its licence, as hubs spell it; None where that is not certain.
        language: Its language.
        description: Where it is from, in a sentence; empty if its name says it.
    """

    dataset: str
    license: str | None
    language: str
    description: str = ""


_BUNDLED = {
    "bundled:covid_discussions.jsonl": KnownText(
        "covid_discussions",
        "apache-2.0",
        "en",
        "Synthetic: written by a large language model, document by document, for Semblance Halo. Its figures and "
        "statements were not verified, and its towns, people and institutions are invented.",
    )
}
_PUBLIC = {"ptb": KnownText("ptb_text_only", None, "en"), "wikitext2": KnownText("wikitext", None, "en")}


def known_text(data: DataConfig) -> KnownText | None:
    """Returns what is known of a text: the bundled one by its path, those of conf/data by their name."""
    if is_bundled(data):
        return _BUNDLED[str(data.path)]
    return _PUBLIC.get(data.name)


def is_bundled(data: DataConfig) -> bool:
    """Returns whether a text belongs to the package."""
    return data.prepared is None and isinstance(data.path, str) and data.path in _BUNDLED


def completed(card: Card, data: DataConfig) -> Card:
    """Returns the settings of a card with what is known of a public text in place of null.

    The licence of the bundled corpus is that of the package, and holds for a model of it as well.
    """
    known = known_text(data)
    if known is None:
        return card
    changes: dict[str, Any] = {
        "data_license": card.data_license or known.license,
        "language": card.language or known.language,
        "dataset": card.dataset or known.dataset,
    }
    if isinstance(card, CardConfig) and is_bundled(data):
        changes["license"] = card.license or known.license
    return replace(card, **changes)


def model_metadata(
    card: CardConfig, data: DataConfig, metrics: Mapping[str, Any], *, name: str, architecture: str
) -> dict[str, Any]:
    """Returns the metadata of a language model's card.

    Args:
        card: What the user says about model and text.
        data: The settings of the text.
        metrics: The content of metrics.json; empty if there is none.
        name: The name of the model.
        architecture: The name of its architecture.
    """
    results = _results(metrics, card.dataset)
    kind = kind_of(data)
    tags = {
        "text": ["language-model", f"{data.tokenizer.kind}-level", "surprisal"],
        "genome": ["language-model", "genomics", "dna"],
        "series": ["time-series", "density-forecast"],
    }
    tasks = {"text": "text-generation", "genome": "text-generation", "series": "time-series-forecasting"}
    return {
        "license": card.license,
        "language": card.language,
        "library_name": LIBRARY,
        "pipeline_tag": tasks[kind],
        "tags": [*tags[kind], architecture],
        "datasets": [card.dataset] if card.dataset else None,
        **provenance(metrics),
        "metrics": sorted({each["type"] for result in results for each in result["metrics"]}) or None,
        "model-index": [{"name": name, "results": results}] if results else None,
    }


def kind_of(data: DataConfig) -> str:
    """Returns what a model is of: `text`, `genome` or `series`."""
    return "genome" if data.genome is not None else "series" if data.series is not None else "text"


def provenance(metrics: Mapping[str, Any]) -> dict[str, str]:
    """Returns date and version of the run that the figures are of, else those of now."""
    environment = metrics.get("environment") or {}
    finished = str(environment.get("finished", ""))[:10]
    return {
        "date": finished or datetime.datetime.now(datetime.UTC).date().isoformat(),
        "library_version": str(environment.get("Semblance Halo") or importlib.metadata.version(LIBRARY)),
    }


def _results(metrics: Mapping[str, Any], dataset: str | None) -> list[dict[str, Any]]:
    """Returns the figures of each split as a model index has them; those that are not finite are left out."""
    results = []
    for split in SPLITS:
        figures = metrics.get("splits", {}).get(split, {})
        unit = str(figures.get("unit", "character"))
        measured = [
            {"type": kind.replace("character", unit), "name": title.replace("character", unit), "value": float(value)}
            for key, (kind, title) in MEASURES.items()
            if isinstance(value := figures.get(key), int | float)
        ]
        if measured:
            source = {"type": dataset or "text", "name": dataset or "a text of the author's", "split": split}
            task = {"type": "text-generation", "name": "Language modelling"}
            results.append({"task": task, "dataset": source, "metrics": measured})
    return results
