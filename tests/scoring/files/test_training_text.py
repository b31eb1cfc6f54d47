"""N-gram scores come from the training text where it is at hand, and a line says where it is not."""

import logging
from pathlib import Path

import numpy as np
import pytest

from halo.config import ScoreConfig, parse
from halo.runtime.errors import InputError
from halo.scoring.files import training_text
from halo.scoring.files.training_text import training_ngrams
from tests.conftest import compose_config
from tests.support.tiny_bundles import bundle_of_corpus


def config(ngrams: str, cache: Path) -> ScoreConfig:
    return parse(compose_config("score", ["bundle=b", "text=a", f"ngrams={ngrams}", f"cache_dir={cache}"]), ScoreConfig)


def test_a_prepared_text_is_found_and_another_prepared_if_asked_for(
    corpus_file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = bundle_of_corpus(corpus_file, tmp_path / "cache")
    with caplog.at_level(logging.INFO):
        saved = training_ngrams(bundle, config("auto", tmp_path / "none"))
        assert saved.kneser_ney is None
        assert saved.log_frequencies_V[5] == pytest.approx(saved.log_frequency_of_none + np.log10(7))
        assert "no Kneser-Ney surprisal: the training text is not prepared in" in caplog.text
    found = training_ngrams(bundle, config("auto", tmp_path / "cache"))
    assert found.kneser_ney is not None
    ids = np.array(bundle.tokenizer.encode("the people"))
    assert np.isfinite(found.kneser_ney.nll(ids)).all()
    monkeypatch.setattr(training_text, "MAX_COUNTED_TOKENS", 10)
    with caplog.at_level(logging.INFO):
        assert training_ngrams(bundle, config("auto", tmp_path / "cache")).kneser_ney is None
        assert "ngrams=true counts it nevertheless" in caplog.text
    asked = training_ngrams(bundle, config("true", tmp_path / "new"))
    assert asked.log_frequency_of_none == found.log_frequency_of_none
    assert training_ngrams(bundle, config("false", tmp_path / "cache")).kneser_ney is None


def test_a_text_that_is_gone_is_refused_only_if_asked_for(
    corpus_file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(corpus_file.read_bytes())
    bundle = bundle_of_corpus(copy, tmp_path / "cache")
    copy.unlink()
    with caplog.at_level(logging.INFO):
        assert training_ngrams(bundle, config("auto", tmp_path / "cache")).kneser_ney is None
    assert "no such file" in caplog.text
    with pytest.raises(InputError, match="no such file"):
        training_ngrams(bundle, config("true", tmp_path / "cache"))
