import json
import signal
from pathlib import Path

import numpy as np
import pytest

from halo.classification.classifier_bundle import load_classifier
from halo.classification.probabilities import predict
from halo.classification.training import fit_classifier as module
from halo.classification.training.fit_classifier import fit_classifier
from halo.classification.training.language_model import LanguageModelRun
from halo.config import ClassifyConfig, TrainConfig, parse
from halo.runtime.errors import InputError, Stopped
from halo.training.resume.resume_checkpoints import ResumeCheckpoints
from tests.conftest import compose_config
from tests.support.tiny_classifiers import WORDS, tiny_language_model

pytestmark = pytest.mark.slow

SETTINGS = (
    *("data=text", "data.batch_size=1", "data.eval_batch_size=1", "data.sequence_length=5", "trainer=cpu"),
    *("logger=none", "callbacks=none", "adaptation.epochs=0", "language_model=given"),
    *("classifier.epochs=2", "classifier.batch_size=4", "classifier.head_hidden=null"),
)


@pytest.fixture
def reviews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Thirty labelled texts, and a language model that knows their words."""
    monkeypatch.setattr(module, "open_language_model", lambda _: tiny_language_model(WORDS))
    generator = np.random.default_rng(1)
    records = [
        {"text": f"{label} " + " ".join(generator.permutation(WORDS[2:])), "label": label}
        for label in ["good", "bad"] * 15
    ]
    file = tmp_path / "reviews.jsonl"
    file.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return file


def configs(reviews: Path, run_dir: Path, *overrides: str) -> tuple[ClassifyConfig, LanguageModelRun]:
    """Returns the settings of a classifier and of its language model."""
    places = [f"data.path={reviews}", f"data.cache_dir={reviews.parent / 'cache'}", f"run_dir={run_dir}"]
    config = parse(compose_config("classify", [*SETTINGS, *places, *overrides]), ClassifyConfig)
    language_model = parse(compose_config("train", ["data=text", *places]), TrainConfig)
    return config, LanguageModelRun(language_model, [], [])


def test_a_run_leaves_a_classifier_and_repeats_exactly(reviews: Path, tmp_path: Path) -> None:
    found = []
    for name in ("first", "second"):
        classifier = fit_classifier(*configs(reviews, tmp_path / name), loggers=[])
        assert classifier is not None
        assert classifier.labels == ("bad", "good")
        found.append(predict(classifier, ["a good film", "the plot was very bad"]))
    np.testing.assert_array_equal(found[0], found[1])
    described = json.loads((tmp_path / "first" / "bundle" / "classifier.json").read_text())
    assert sum(described["settings"]["train_documents"].values()) == 24
    assert load_classifier(tmp_path / "first").labels == ("bad", "good")


def test_a_run_that_was_stopped_within_an_epoch_resumes_exactly(
    reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fit_classifier(*configs(reviews, tmp_path / "whole"), loggers=[])
    stops = iter([0] * 8 + [signal.SIGTERM])  # in the second epoch of six steps
    monkeypatch.setattr(ResumeCheckpoints, "_agree", lambda *_: (next(stops, 0), False))
    with pytest.raises(Stopped) as stopped:
        fit_classifier(*configs(reviews, tmp_path / "parts"), loggers=[])
    assert stopped.value.step == 8
    with pytest.raises(InputError, match="has not finished; resume it"):
        load_classifier(tmp_path / "parts")
    with pytest.raises(InputError, match=r"classifier\.lr=0\.5 \(was "):
        fit_classifier(*configs(reviews, tmp_path / "parts", "resume=auto", "classifier.lr=0.5"), loggers=[])
    resumed = fit_classifier(*configs(reviews, tmp_path / "parts", "resume=auto"), loggers=[])
    assert whole is not None
    assert resumed is not None
    texts = ["a good film", "the plot was very bad"]
    np.testing.assert_array_equal(predict(whole, texts), predict(resumed, texts))


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("classifier.num_labels=1000", "there are 24 labelled training documents"),
        ("trainer.devices=2", "a classifier is trained on one device"),
    ],
)
def test_a_refused_run_leaves_nothing(override: str, message: str, reviews: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        fit_classifier(*configs(reviews, tmp_path / "run", override), loggers=[])
    assert not (tmp_path / "run").exists()
