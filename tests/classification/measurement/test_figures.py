"""Accuracy, F1 and confusion against scikit-learn and known answers."""

import numpy as np
import pytest
from sklearn import metrics

from halo.classification.measurement.figures import classification_figures, cross_entropy, macro_f1
from tests.support.labelled_texts import noisy_logits


def one_hot(classes: list[int], num_classes: int) -> np.ndarray:
    return np.eye(num_classes)[classes]


@pytest.mark.parametrize("num_classes", [2, 7])
def test_the_figures_are_those_of_scikit_learn(num_classes: int) -> None:
    targets_N = np.random.default_rng(0).integers(num_classes, size=200)
    logits_NC = noisy_logits(targets_N, strength=1.0, seed=1, num_classes=num_classes)
    probabilities_NC = np.exp(logits_NC) / np.exp(logits_NC).sum(axis=1, keepdims=True)
    predicted_N = probabilities_NC.argmax(axis=1)
    figures = classification_figures(probabilities_NC, targets_N)
    assert figures.accuracy == pytest.approx(metrics.accuracy_score(targets_N, predicted_N))
    assert figures.macro_f1 == pytest.approx(metrics.f1_score(targets_N, predicted_N, average="macro"))
    assert figures.cross_entropy == pytest.approx(metrics.log_loss(targets_N, probabilities_NC))
    assert np.array_equal(figures.confusion_CC, metrics.confusion_matrix(targets_N, predicted_N))
    wanted = metrics.precision_recall_fscore_support(targets_N, predicted_N)
    found = [[getattr(each, name) for each in figures.classes] for name in ("precision", "recall", "f1", "support")]
    assert np.allclose(found, wanted)
    assert figures.macro_f1_interval is not None
    assert figures.macro_f1_interval.low < figures.macro_f1 < figures.macro_f1_interval.high
    assert figures.accuracy_interval.low < figures.accuracy < figures.accuracy_interval.high


def test_a_model_that_names_one_class_only_has_no_precision_for_the_others() -> None:
    figures = classification_figures(one_hot([0, 0, 0, 0], 3), np.array([0, 0, 1, 1]))
    first, second, third = figures.classes
    assert (first.precision, first.recall, first.predicted) == (0.5, 1.0, 4)
    assert (second.precision, second.recall, second.f1) == (None, 0.0, 0.0)
    assert (third.precision, third.recall, third.f1, third.support) == (None, None, None, 0)
    assert figures.macro_f1 == pytest.approx((2 / 3 + 0) / 2)  # the absent class does not count


def test_perfect_predictions_have_an_interval_that_wilson_bounds_below_one() -> None:
    figures = classification_figures(one_hot([0, 1, 0], 2), np.array([0, 1, 0]))
    assert (figures.accuracy, figures.macro_f1, figures.cross_entropy) == (1.0, 1.0, 0.0)
    assert figures.accuracy_interval.low < 0.6


def test_one_document_has_no_interval_of_macro_f1() -> None:
    figures = classification_figures(one_hot([1], 2), np.array([1]))
    assert (figures.macro_f1, figures.macro_f1_interval) == (1.0, None)


def test_a_probability_of_zero_keeps_the_cross_entropy_finite() -> None:
    assert 20 < cross_entropy(one_hot([1], 2), np.array([0])) < 30


def test_the_macro_f1_of_guesses_that_are_all_wrong_is_zero() -> None:
    assert macro_f1(np.array([1, 2]), np.array([0, 1]), 3) == 0
