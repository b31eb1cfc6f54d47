"""A whole measurement of synthetic texts."""

import json
import sys

import numpy as np
import pytest

from halo.classification.measurement.measure import Measurement, measure
from halo.runtime.atomic_files import json_text
from tests.support.labelled_texts import LABELS, labelled_split, noisy_logits


def measured(*, strength: float = 3.0, interpolate_ngrams: bool = False, noise: float = 0.0) -> Measurement:
    sizes = {"train": 120, "validation": 60, "test": 90}
    splits = {split: labelled_split(size, seed=size, noise=noise) for split, size in sizes.items()}
    logits = {
        split: noisy_logits(splits[split].targets_N, strength=strength, seed=5) for split in ("validation", "test")
    }
    return measure(splits, LABELS, logits, temperature=2.0, interpolate_ngrams=interpolate_ngrams)


def test_every_model_is_measured_on_the_same_documents() -> None:
    measurement = measured(interpolate_ngrams=True, noise=0.5)
    assert set(measurement.figures["test"]) == {"classifier", "majority", "tfidf", "naive_bayes", "mixture"}
    for split, number in (("validation", 60), ("test", 90)):
        assert {each.documents for each in measurement.figures[split].values()} == {number}
        for probabilities_NC in measurement.predictions[split].probabilities.values():
            assert probabilities_NC.shape == (number, 3)
            assert np.allclose(probabilities_NC.sum(axis=1), 1)
    assert measurement.mixture is not None
    assert measurement.mixed_with in ("tfidf", "naive_bayes")
    own, mixed = (measurement.figures["validation"][model].cross_entropy for model in ("classifier", "mixture"))
    assert mixed <= own


def test_the_metrics_are_plain_data_with_the_verdict() -> None:
    metrics = json.loads(json_text(measured().metrics()))
    assert metrics["test_accuracy"] == metrics["models"]["classifier"]["test"]["accuracy"]
    assert metrics["verdict"].startswith("No better than TF-IDF")  # which finds each planted word
    assert set(metrics["tests_of_classifier_against"]) == {"majority", "tfidf", "naive_bayes"}
    assert metrics["calibration"]["uncalibrated"]["error"] != metrics["calibration"]["classifier"]["error"]
    assert metrics["mixture"] is None


def test_logits_without_a_signal_are_no_better_than_the_majority_class() -> None:
    measurement = measured(strength=0.0)
    assert measurement.verdict[0].startswith("Worse than TF-IDF")
    assert any("No better than the majority class" in sentence for sentence in measurement.verdict)


def test_without_scikit_learn_the_majority_class_remains_and_a_note_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.feature_extraction.text", None)
    measurement = measured(interpolate_ngrams=True)
    assert set(measurement.figures["test"]) == {"classifier", "majority"}
    assert "pip install 'semblance-halo[classify]'" in measurement.notes[0]
    assert measurement.notes[1].startswith("interpolate_ngrams=true has no effect")
    assert measurement.verdict[0].startswith("Better than the majority class")
