"""The measurement of a genome's model at the end of its training."""

import logging

import pytest

from halo.corpus.corpus import Corpus
from halo.genomics.run_measurement import measure_run
from halo.models.model_spec import build_model
from tests.conftest import model_config
from tests.genomics.test_sequences import corpus

__all__ = ["corpus"]


def test_a_genome_is_measured_on_its_test_regions(corpus: Corpus) -> None:
    model = build_model(model_config("gru", "pointer_tokens=null"), corpus.tokenizer.words()).eval()
    found = measure_run(model, corpus)
    assert found is not None
    assert 0 < found.bases <= corpus.counts["test"].characters
    assert found.markov is not None
    assert [row.key for row in found.rows][-2:] == ["model", "mixture"]


def test_a_model_that_has_diverged_is_a_warning(corpus: Corpus, caplog: pytest.LogCaptureFixture) -> None:
    model = build_model(model_config("gru", "pointer_tokens=null"), corpus.tokenizer.words()).eval()
    for weight in model.parameters():
        weight.data.fill_(float("nan"))
    with caplog.at_level(logging.WARNING):
        assert measure_run(model, corpus) is None
    assert "No bits per base: the model: the model's predictions are not finite numbers" in caplog.text
