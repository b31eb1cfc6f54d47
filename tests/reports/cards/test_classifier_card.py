"""The card of a classifier: read by a hub, with the figures of each label."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from halo.config import SavedConfig
from halo.reports.cards.classifier_card import classifier_card
from tests.conftest import data_config, model_config
from tests.support.card_facts import card_settings, data_entry

FIGURES = {
    "documents": 40,
    "accuracy": 0.75,
    "accuracy_interval": [0.6, 0.9],
    "macro_f1": 0.7,
    "cross_entropy": 0.5,
    "classes": {"Dr Smith": {"precision": 0.5, "recall": 1.0, "f1": 2 / 3}, "n|ws": {"precision": None}},
}
METRICS = {
    **{f"{split}_{name}": 0.75 for split in ("validation", "test") for name in ("accuracy", "macro_f1")},
    "test_calibration_error": 0.1,
    "verdict": "better than the majority class",
    "models": {name: {"test": FIGURES} for name in ("classifier", "majority")},
}


def card_of(**given: Any) -> str:
    data = replace(data_config(), name="text", path="/home/me/secret.txt")
    return classifier_card(
        SavedConfig(data=data, model=model_config("lstm")),
        METRICS,
        labels=("Dr Smith", "n|ws"),
        num_parameters=1_000,
        facts=data_entry(),
        weights_sha256="ab" * 32,
        **{"card": card_settings(license="mit"), **given},
    )


def test_a_hub_reads_its_metadata(tmp_path: Path) -> None:
    huggingface_hub = pytest.importorskip("huggingface_hub")
    (tmp_path / "README.md").write_text(card_of(), encoding="utf-8")
    data = huggingface_hub.ModelCard.load(tmp_path / "README.md").data
    assert (data.license, data.pipeline_tag) == ("mit", "text-classification")
    assert {(each.dataset_split, each.metric_type) for each in data.eval_results} == {
        (split, name) for split in ("validation", "test") for name in ("accuracy", "f1")
    }


def test_it_has_the_figures_of_each_label_unless_it_is_public() -> None:
    card = card_of()
    assert "| Dr Smith | 50.0% | 100.0% | 66.7% |" in card
    assert "| classifier | 40 | 75.0% (60.0% to 90.0%) | 0.700 | 0.500 |" in card
    assert "n\\|ws" in card
    assert "ab" * 32 in card
    public = card_of(is_public=True)
    assert not any(word in public for word in ("Smith", "secret"))
    assert "one of 2 labels" in public
