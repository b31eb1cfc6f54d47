"""Tests of halo.auditing.audit: what was planted is found, and nothing where nothing was."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from halo.auditing import card_lines
from halo.auditing.audit import AuditSize, audit_after_training, audit_model, why_not_audited
from halo.auditing.canaries.insertion import make_canaries
from halo.auditing.output.page import render
from halo.auditing.output.terminal import audit_report
from halo.config import GenomeConfig, PrepareConfig, SeriesConfig, TrainConfig, parse
from halo.corpus.corpus import Corpus
from halo.models.model_spec import ModelSpec
from halo.runtime.atomic_files import json_text
from halo.runtime.errors import InputError
from tests.auditing.conftest import SIZE, Planted
from tests.conftest import Run, compose_config, data_config, model_config


def test_a_model_that_has_memorised_its_text_is_caught(planted: Planted, caught: dict[str, Any]) -> None:
    assert caught["verdict"]["level"] == "no"
    novelty = caught["novelty"]
    assert novelty["temperature_1"]["longest"] >= 25
    assert novelty["held_out"]["longest"] < 10
    span = novelty["temperature_1"]["spans"][0]
    assert (span["occurrences"], span["documents"]) == (1, 1)
    ids = planted.corpus.ids["train"][span["place"] : span["place"] + span["tokens"]]
    assert span["text"] == planted.corpus.tokenizer.decode(ids.tolist())
    assert caught["extraction"]["train"][-1]["extracted_unique"] >= 2
    assert caught["extraction"]["held_out"][-1]["extracted"] == 0


def test_a_model_that_never_saw_the_text_is_not(planted: Planted) -> None:
    audit = audit_model(planted.model, planted.unseen, size=SIZE, seed=1)
    assert audit["verdict"]["level"] == "unknown"  # nothing found, in four texts
    assert audit["novelty"]["temperature_1"]["longest"] < 10
    assert audit["extraction"]["train"][-1]["extracted"] == 0


def test_a_model_that_has_learned_nothing_copies_no_more_than_held_out_text(planted: Planted) -> None:
    torch.manual_seed(1)
    model = ModelSpec.of(model_config("lstm"), planted.corpus.tokenizer.words()).build().eval()
    for weight in model.parameters():
        torch.nn.init.zeros_(weight)
    audit = audit_model(model, planted.corpus, size=AuditSize(5, 5), seed=1)
    assert audit["verdict"]["level"] == "unknown"
    excess = audit["novelty"]["temperature_1"]["excess"]
    assert all(low is None or low <= 0 for low in excess["low"])


def test_a_private_audit_has_no_text(planted: Planted, caught: dict[str, Any]) -> None:
    private = audit_model(planted.model, planted.corpus, size=SIZE, seed=1, private=True)
    assert caught["extraction"]["examples"]
    written = json_text(private)
    assert caught["novelty"]["temperature_1"]["spans"][0]["text"][:20] not in written
    assert private["extraction"]["examples"] == []
    spans = [span for each in private["novelty"].values() for span in each["spans"]]
    assert all("text" not in span for span in spans)
    assert private["verdict"] == caught["verdict"]


def test_the_same_seed_gives_the_same_audit(planted: Planted, caught: dict[str, Any]) -> None:
    again = audit_model(planted.model, planted.corpus, size=SIZE, seed=1)
    assert {**again, "seconds": 0} == {**caught, "seconds": 0}
    assert json.loads(json_text(again)) == again  # plain data, without NaN


def test_a_text_without_enough_held_out_tokens_is_refused_in_one_line(planted: Planted) -> None:
    ids = {**planted.corpus.ids, "validation": np.arange(10, dtype=np.uint16), "test": np.arange(20, dtype=np.uint16)}
    corpus = replace(planted.corpus, ids=ids)
    with pytest.raises(InputError, match=r"an audit needs 128 tokens of held-out text .* has 20; use more text"):
        audit_model(planted.model, corpus, size=SIZE, seed=1)


def test_short_trainings_have_small_audits() -> None:
    full = AuditSize(128, 200)
    assert full.after_training(10**9) == full
    assert full.after_training(10) == AuditSize(8, 8)
    assert AuditSize(2, 3).after_training(10) == AuditSize(2, 3)


@pytest.mark.parametrize("data", ["genome", "series"])
def test_genomes_and_series_are_not_audited(data: str) -> None:
    config = parse(compose_config("prepare", [f"data={data}", "data.path=x"]), PrepareConfig).data
    assert isinstance(config.genome, GenomeConfig) or isinstance(config.series, SeriesConfig)
    assert str(why_not_audited(config)).startswith("an audit is about text")
    assert why_not_audited(data_config()) is None


def test_after_training_the_settings_decide_and_a_failure_costs_no_run(
    planted: Planted, tiny_config: TrainConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def audited(config: TrainConfig, corpus: Corpus = planted.corpus) -> dict[str, Any] | None:
        return audit_after_training(planted.model, corpus, config, run_dir=tmp_path, trained_tokens=1000)

    enabled = replace(tiny_config, audit=replace(tiny_config.audit, enabled=True, seed=3))
    assert not tiny_config.audit.enabled
    assert audited(tiny_config) is None
    found = audited(replace(enabled, private=True))
    assert found is not None
    assert (found["seed"], found["private"], found["extraction"]["examples"]) == (3, True, [])
    short = {**planted.corpus.ids, "validation": np.zeros(1, np.uint16), "test": np.zeros(1, np.uint16)}
    assert audited(enabled, replace(planted.corpus, ids=short)) is None
    assert "No audit: " in caplog.text
    make_canaries(planted.corpus.tokenizer, number=3, seed=1).save(tmp_path)
    with_canaries = audited(enabled)
    assert with_canaries is not None
    assert "inserted" in audit_report(with_canaries)
    assert {each["repetitions"] for each in with_canaries["exposure"]["groups"]} > {0}
    assert "Exposure of canaries" in render(with_canaries, source="run")
    assert "| never |" in card_lines(with_canaries)


def test_a_run_leaves_its_audit_in_folder_card_and_report(trained: Run) -> None:
    audit = json.loads((trained.folder / "audit.json").read_text())
    assert audit["verdict"]["answer"] in trained.out.replace("\n  ", " ")
    assert (trained.folder / "audit.html").is_file()
    card = (trained.folder / "bundle" / "README.md").read_text()
    assert f"**Would you share this model?** {audit['verdict']['answer']}." in card
