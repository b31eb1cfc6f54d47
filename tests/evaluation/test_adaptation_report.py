"""Test-time adaptation: settings are tuned on validation alone, and the unadapted model is listed apart."""

from pathlib import Path

import numpy as np
import pytest

from halo.bundle.loading import Bundle
from halo.config import SavedConfig, TrainConfig
from halo.corpus.corpus import Corpus
from halo.corpus.prepare import prepare
from halo.evaluation import adaptation_report
from halo.evaluation.adaptation_report import report_adaptation
from halo.evaluation.text_scores import NLLSummary, text_nll, windows_to_score
from halo.models.model_spec import build_model
from halo.runtime.errors import InputError


@pytest.fixture
def corpus(tiny_config: TrainConfig) -> Corpus:
    return prepare(tiny_config.data)


@pytest.fixture
def bundle(tiny_config: TrainConfig, corpus: Corpus) -> Bundle:
    model = build_model(tiny_config.model, corpus.tokenizer.words()).eval()
    config = SavedConfig(data=tiny_config.data, model=tiny_config.model)
    return Bundle(Path("bundle"), model, corpus.tokenizer, corpus.word_statistics(), config, is_bundle=True)


def test_settings_are_those_that_are_best_on_validation(
    bundle: Bundle, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = (0.1, 0.5)
    monkeypatch.setattr(adaptation_report, "INTERPOLATION_WEIGHTS", weights)
    report = report_adaptation(bundle, corpus, cache=False, dynamic=False, ngram=True)
    found = report.metrics["adaptation"]["ngram_interpolation"]
    tried = {}
    for weight in weights:
        monkeypatch.setattr(adaptation_report, "INTERPOLATION_WEIGHTS", (weight,))
        alone = report_adaptation(bundle, corpus, cache=False, dynamic=False, ngram=True)
        tried[weight] = alone.metrics["adaptation"]["ngram_interpolation"]["validation"]
    assert found["settings"]["weight"] == min(tried, key=tried.__getitem__)
    assert found["validation"] == min(tried.values())
    assert f"weight {found['settings']['weight']:g}" in report.text


def test_the_model_without_adaptation_is_scored_in_one_stream(bundle: Bundle, corpus: Corpus) -> None:
    report = report_adaptation(bundle, corpus, cache=False, dynamic=False, ngram=False)
    windows = windows_to_score(corpus.ids["test"], eos_id=corpus.tokenizer.eos_id, batch_size=1)
    expected = NLLSummary.from_tokens(text_nll(bundle.model, windows)).perplexity
    assert report.metrics["adaptation"].keys() == {"no_adaptation"}
    assert report.metrics["adaptation"]["no_adaptation"]["test"] == pytest.approx(expected, rel=1e-5)


def test_predictions_that_are_not_finite_are_refused(bundle: Bundle, corpus: Corpus) -> None:
    for parameter in bundle.model.parameters():
        parameter.data.fill_(np.nan)
    with pytest.raises(InputError, match="bundle: the model's predictions are not finite numbers"):
        report_adaptation(bundle, corpus, cache=False, dynamic=False, ngram=False)
