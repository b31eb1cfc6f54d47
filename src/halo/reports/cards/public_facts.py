"""The figures of a run without what may be private: for a hub, and for a text that is private."""

from typing import Any

from halo.config import DataConfig
from halo.reports.cards.data_card import is_open
from halo.reports.cards.reproduction import public_arguments

NOT_INCLUDED = "the-training-text-is-not-included"
"""Stands for the paths of the training text."""


def public_metrics(metrics: dict[str, Any], data: DataConfig) -> dict[str, Any]:
    """Returns the content of a metrics.json without samples, paths, prompts, and the labels of documents.

    Args:
        metrics: The content.
        data: The settings of the training text; the labels of a public one are kept.
    """
    kept = {key: value for key, value in metrics.items() if key != "samples"}
    if "reproduction" in kept and kept["reproduction"]["arguments"] is not None:
        facts = kept["reproduction"]
        kept["reproduction"] = {**facts, "arguments": public_arguments(facts["arguments"])}
    if is_open(data):
        return kept
    if isinstance(kept.get("splits"), dict):
        kept["splits"] = {
            split: {key: value for key, value in figures.items() if key != "by_label"}
            for split, figures in kept["splits"].items()
        }
    if "data" in kept:
        facts = kept["data"]
        files = [{key: value for key, value in file.items() if key != "name"} for file in facts["files"]]
        no_labels = {"rows": [], "num_hidden": len(facts["labels"]["rows"]) + facts["labels"]["num_hidden"]}
        kept["data"] = {**facts, "source": NOT_INCLUDED, "files": files, "notes": [], "labels": no_labels}
    return kept
