"""A run that was never trained: the small corpus, a model that has learned nothing, and imaginary figures."""

from pathlib import Path
from typing import Any

import pytest
import torch

from halo.config import SavedConfig, TrainConfig, parse, plain
from halo.corpus.corpus import Corpus
from halo.models.model_spec import build_model
from halo.reports.run_page.material import Material
from halo.reports.run_page.reported_run import ReportedRun
from halo.reports.run_page.run_metrics import AuditFigures, RunMetrics
from tests.conftest import compose_config
from tests.support.card_facts import audit_entry, swaps_entry
from tests.support.run_metrics import run_metrics, text_metrics

CURVE = [(400.0, 300.0), (200.0, 150.0), (100.0, 120.0), (50.0, 130.0)]


def figures(**changes: Any) -> dict[str, Any]:
    """Returns the content of a metrics.json of a run that overfitted."""
    part = {"tokens": 5, "share_of_nll": 0.5, "perplexity": 20.0}
    split = text_metrics(by_label={"news": part, "": part})
    return {
        **run_metrics(),
        "verdict": "overfitting since epoch 3: validation rose (generalization gap 0.5 nats/token); try more dropout; "
        "ended by early stopping after epoch 4 of 11",
        "splits": {"train": split, "validation": split, "test": split},
        "generalization_gap": 0.5,
        "validations": [
            {"step": 10 * epoch, "epochs": float(epoch), "train": train, "validation": validation}
            for epoch, (train, validation) in enumerate(CURVE, start=1)
        ],
        "early_end": "Training ended early, after epoch 4 of 11",
        "samples": ["the people of the town.", "it is"],
        "environment": {"Python": "3.11.7"},
        "counterfactuals": swaps_entry(),
        **changes,
    }


@pytest.fixture(autouse=True)
def unknown_words_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shows passages of any words: most of the small validation text are unknown."""
    monkeypatch.setattr("halo.reports.run_page.analysis.passages.MAX_UNKNOWN", 1.0)


@pytest.fixture(scope="session")
def run(corpus: Corpus) -> ReportedRun:
    """The run, with its text."""
    config = parse(compose_config("train", ["run_dir=x", "data=text", "data.path=x.txt", "seed=2"]), TrainConfig)
    config.model.embedding = config.model.hidden = 8  # type: ignore[union-attr]
    torch.manual_seed(0)
    model = build_model(config.model, corpus.tokenizer.words()).eval()
    return ReportedRun(
        folder=Path("run"),
        model=model,
        tokenizer=corpus.tokenizer,
        config=SavedConfig(data=config.data, model=config.model),
        settings=plain(config),
        metrics=RunMetrics.read(figures(), place="metrics.json"),
        corpus=corpus,
        audit=AuditFigures.read(audit_entry(), place="audit.json"),
    )


@pytest.fixture(scope="session")
def material(run: ReportedRun) -> Material:
    """What its sections are made of."""
    return Material(run)
