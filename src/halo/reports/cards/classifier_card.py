"""The model card of a classifier of texts: README.md of its folder."""

from collections.abc import Mapping, Sequence
from typing import Any

from halo.config import CardConfig, SavedConfig
from halo.reports.cards.data_card import data_context, is_open
from halo.reports.cards.markdown import front_matter, plain_text, render, table
from halo.reports.cards.metadata import LIBRARY, completed, provenance

HELD_OUT = ("validation", "test")
MEASURES = {"accuracy": "Accuracy", "macro_f1": "Macro-F1"}


def classifier_card(
    config: SavedConfig,
    metrics: Mapping[str, Any],
    *,
    labels: Sequence[str],
    num_parameters: int,
    card: CardConfig,
    facts: Mapping[str, Any],
    weights_sha256: str,
    is_public: bool = False,
) -> str:
    """Returns the card of a classifier: metadata in YAML, then Markdown.

    Args:
        config: The settings of its text, and the architecture of its language model.
        metrics: The content of its metrics.json.
        labels: Its labels.
        num_parameters: Number of its weights.
        card: What the user says about it.
        facts: What `data_facts` returned for its text.
        weights_sha256: Hash of its model.safetensors.
        is_public: Whether to leave out paths and labels.
    """
    card = completed(card, config.data)
    hides_labels = is_public and not is_open(config.data)
    metadata = _metadata(card, metrics, architecture=config.model.name)
    return front_matter(metadata) + render(
        "classifier_card.md.jinja",
        card=card,
        metadata=metadata,
        metrics=metrics,
        architecture=config.model.name,
        parameters=num_parameters,
        num_classes=len(labels),
        classes="" if hides_labels else ", ".join(map(plain_text, labels)),
        models=_models_table(metrics),
        by_class="" if hides_labels else _classes_table(metrics),
        weights_sha256=weights_sha256,
        **data_context(config.data, facts, is_public=is_public),
    )


def _metadata(card: CardConfig, metrics: Mapping[str, Any], *, architecture: str) -> dict[str, Any]:
    name = f"{architecture}-classifier"
    source = card.dataset or "text"
    results = [
        {
            "task": {"type": "text-classification", "name": "Text classification"},
            "dataset": {"type": source, "name": card.dataset or "a text of the author's", "split": split},
            "metrics": [
                {"type": "f1" if key == "macro_f1" else key, "name": title, "value": float(metrics[f"{split}_{key}"])}
                for key, title in MEASURES.items()
            ],
        }
        for split in HELD_OUT
    ]
    return {
        "license": card.license,
        "language": card.language,
        "library_name": LIBRARY,
        "pipeline_tag": "text-classification",
        "tags": ["text-classification", architecture],
        "datasets": [card.dataset] if card.dataset else None,
        **provenance(metrics),
        "metrics": ["accuracy", "f1"],
        "model-index": [{"name": name, "results": results}],
    }


def _models_table(metrics: Mapping[str, Any]) -> str:
    rows = [
        [
            plain_text(model),
            f"{figures['test']['documents']:,}",
            f"{figures['test']['accuracy']:.1%} ({_range(figures['test']['accuracy_interval'])})",
            f"{figures['test']['macro_f1']:.3f}",
            f"{figures['test']['cross_entropy']:.3f}",
        ]
        for model, figures in metrics["models"].items()
    ]
    return table(["model", "test documents", "accuracy (95% interval)", "macro-F1", "cross-entropy"], rows)


def _range(interval: Sequence[float]) -> str:
    return " to ".join(f"{bound:.1%}" for bound in interval)


def _classes_table(metrics: Mapping[str, Any]) -> str:
    """Returns precision, recall and F1 of each label on the test documents."""
    classes = metrics["models"]["classifier"]["test"]["classes"]
    names = ("precision", "recall", "f1")
    rows = [[plain_text(label), *(_share(figures.get(name)) for name in names)] for label, figures in classes.items()]
    return table(["label", *names], rows)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
