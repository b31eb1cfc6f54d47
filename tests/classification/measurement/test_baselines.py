"""Baselines find planted words, and nothing in shuffled labels."""

import sys

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from halo.classification.measurement.baselines import (
    TFIDF_STRENGTHS,
    WORD,
    BaselineModel,
    fit_naive_bayes_regression,
    fit_tfidf,
    majority_probabilities,
)
from halo.runtime.errors import InputError
from tests.support.labelled_texts import labelled_split

FITS = [fit_tfidf, fit_naive_bayes_regression]


def fitted(fit: object, *, num_classes: int, shuffled: bool = False) -> tuple[BaselineModel, float]:
    """Returns a baseline and its accuracy on further texts."""
    train, validation, test = (
        labelled_split(number, seed=number, num_classes=num_classes) for number in (150, 60, 200)
    )
    targets_N = np.random.default_rng(0).permutation(train.targets_N) if shuffled else train.targets_N
    model = fit((train.texts, targets_N), (validation.texts, validation.targets_N), num_classes)  # type: ignore[operator]
    probabilities_NC = model.predict(test.texts)
    assert np.allclose(probabilities_NC.sum(axis=1), 1)
    return model, float((probabilities_NC.argmax(axis=1) == test.targets_N).mean())


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("num_classes", [2, 3])
def test_planted_words_are_found(fit: object, num_classes: int) -> None:
    assert fitted(fit, num_classes=num_classes)[1] > 0.97


@pytest.mark.parametrize("fit", FITS)
def test_shuffled_labels_give_chance(fit: object) -> None:
    assert fitted(fit, num_classes=3, shuffled=True)[1] == pytest.approx(1 / 3, abs=0.12)


def test_tfidf_is_that_of_scikit_learn_with_the_strength_that_validation_prefers() -> None:
    train, validation = (labelled_split(number, seed=number, noise=0.3) for number in (120, 100))
    model = fit_tfidf((train.texts, train.targets_N), (validation.texts, validation.targets_N), 3)
    vectorizer = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), token_pattern=WORD)
    features = vectorizer.fit_transform(train.texts)
    accuracies = {}
    for strength in TFIDF_STRENGTHS:
        reference = LogisticRegression(C=strength, max_iter=1000).fit(features, train.targets_N)
        accuracies[strength] = reference.score(vectorizer.transform(validation.texts), validation.targets_N)
    assert accuracies[model.strength] == max(accuracies.values())
    assert model.num_features == features.shape[1]


@pytest.mark.parametrize("fit", FITS)
def test_a_class_that_is_absent_from_training_is_hardly_possible(fit: object) -> None:
    train, validation = (labelled_split(60, seed=seed, num_classes=2) for seed in (0, 1))
    model = fit((train.texts, train.targets_N), (validation.texts, validation.targets_N), 3)  # type: ignore[operator]
    assert model.predict(["lovely", "never seen before"])[:, 2].max() < 1e-3


@pytest.mark.parametrize("fit", FITS)
def test_training_documents_of_one_class_give_this_class(fit: object) -> None:
    model = fit((["one text", "another one"], np.array([1, 1])), (["one"], np.array([0])), 2)  # type: ignore[operator]
    assert model.predict(["one", "text"]).argmax(axis=1).tolist() == [1, 1]


def test_the_majority_class_has_its_share_in_training() -> None:
    assert majority_probabilities(np.array([2, 2, 0]), 2, 3).tolist() == [[1 / 3, 0, 2 / 3]] * 2


def test_a_missing_scikit_learn_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.feature_extraction.text", None)
    with pytest.raises(InputError, match=r"pip install 'semblance-halo\[classify\]'"):
        fit_tfidf((["a"], np.array([0])), (["a"], np.array([0])), 2)
