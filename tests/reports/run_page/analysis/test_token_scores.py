"""The pass over validation agrees with the scores that are reported."""

from dataclasses import replace

import numpy as np
import pytest

from halo.evaluation.text_scores import text_nll, windows_to_score
from halo.models.model_spec import build_model
from halo.reports.run_page.analysis import token_scores
from halo.reports.run_page.analysis.token_scores import score_validation
from halo.reports.run_page.reported_run import ReportedRun
from tests.conftest import model_config


@pytest.mark.parametrize("name", ["lstm", "transformer", "ensemble"])
def test_surprisals_are_those_of_the_reported_loss(run: ReportedRun, name: str) -> None:
    assert run.corpus is not None
    config = model_config("lstm", "ensemble_size=2") if name == "ensemble" else model_config(name)
    model = build_model(config, run.tokenizer.words()).train()
    scores = score_validation(model, run.corpus, replace(run.config.data, eval_batch_size=1))
    assert model.training
    windows = windows_to_score(run.corpus.ids["validation"], eos_id=run.tokenizer.eos_id, batch_size=1)
    assert scores.bits_N == pytest.approx(text_nll(model, windows) / np.log(2), rel=1e-4)
    assert scores.ids_N.tolist() == run.corpus.ids["validation"].tolist()
    assert (np.exp2(-scores.bits_N) <= scores.top_probability_N + 1e-6).all()
    assert scores.bits_N[scores.is_top_N] == pytest.approx(
        -np.log2(scores.top_probability_N[scores.is_top_N]), rel=1e-3
    )


def test_of_a_long_text_excerpts_are_read(run: ReportedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run.corpus is not None
    monkeypatch.setattr(token_scores, "MAX_TOKENS", 60)
    monkeypatch.setattr(token_scores, "TOKENS_PER_STREAM", 20)
    scores = score_validation(run.model, run.corpus, run.config.data)
    num_documents = len(run.corpus.offsets["validation"]) - 1
    assert not scores.is_whole
    assert len(scores.ids_N) == len(scores.bits_N) == len(scores.document_N) <= 60
    assert len({*scores.document_N.tolist()}) > num_documents
