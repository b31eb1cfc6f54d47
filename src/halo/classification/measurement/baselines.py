"""What a classifier has to beat: the majority class, and linear models of words and pairs of words.

The linear models are those of scikit-learn, from the extra `classify`; everything chosen is chosen on validation.

Shape letters: N documents, C classes, F features.
"""

import logging
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.classification.measurement.calibration import apply_temperature, fit_temperature, log_probabilities
from halo.classification.measurement.figures import SMALLEST_PROBABILITY, Floats, cross_entropy
from halo.runtime.errors import packages_of_extra

TFIDF_STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
NAIVE_BAYES_STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
"""The inverse regularisation strengths C among which validation chooses; log-count ratios are large features."""
MAX_WORDS = 2
"""Features are words and sequences of up to this number of words."""
WORD = r"\S+"
"""Texts arrive as tokens between spaces, so that punctuation and words of one letter count as words."""
SMOOTHING = 1.0  # of the counts of naive Bayes, as Wang and Manning have it
MAX_ITERATIONS = 1000

Train = tuple[Sequence[str], npt.NDArray[Any]]
"""Texts and their classes."""

log = logging.getLogger(__name__)


class BaselineModel(NamedTuple):
    """A fitted baseline.

    Attributes:
        predict: Returns the probability of each class for each text, shape (N, C).
        strength: The inverse regularisation strength C that validation has chosen.
        temperature: The temperature fitted on validation.
        num_features: Number of features.
    """

    predict: Callable[[Sequence[str]], Floats]
    strength: float
    temperature: float
    num_features: int


def majority_probabilities(train_targets_N: npt.NDArray[Any], num_documents: int, num_classes: int) -> Floats:
    """Returns the share of each class in the training text, for every document.

    The predicted class is the majority class, so that a classifier that has learned nothing from the text is as good.

    >>> majority_probabilities(np.array([0, 1, 1, 1]), num_documents=1, num_classes=2).tolist()
    [[0.25, 0.75]]
    """
    shares_C = np.bincount(train_targets_N.astype(np.int64), minlength=num_classes) / len(train_targets_N)
    return np.tile(shares_C, (num_documents, 1))


def fit_tfidf(train: Train, validation: Train, num_classes: int) -> BaselineModel:
    """Returns a logistic regression on TF-IDF weights of words and pairs of words.

    The weights are sublinear, 1 + ln(count), times the smoothed inverse document frequency, and of length 1.

    Args:
        train: Texts and classes to learn from.
        validation: Those on which the regularisation and the temperature are chosen.
        num_classes: Number of classes; one that is absent from `train` gets the probability 0.

    Raises:
        InputError: scikit-learn is not installed.
    """
    with packages_of_extra("classify", purpose="the TF-IDF baseline"):
        from sklearn.feature_extraction.text import TfidfVectorizer
    vectorizer = TfidfVectorizer(
        sublinear_tf=True, ngram_range=(1, MAX_WORDS), token_pattern=WORD, lowercase=False, dtype=np.float64
    )
    return _fit(vectorizer, _fit_logistic, TFIDF_STRENGTHS, train=train, validation=validation, num_classes=num_classes)


def fit_naive_bayes_regression(train: Train, validation: Train, num_classes: int) -> BaselineModel:
    """Returns logistic regressions on naive Bayes log-count ratios of words and pairs of words, one for each class.

    These are the features of NBSVM (Wang and Manning 2012, Baselines and Bigrams); logistic loss in the place of the
    hinge loss gives probabilities. Each class is told from all others; the probabilities are scaled to sum to 1.

    Args:
        train: As for `fit_tfidf`.
        validation: As for `fit_tfidf`.
        num_classes: Number of classes.

    Raises:
        InputError: scikit-learn is not installed.
    """
    with packages_of_extra("classify", purpose="the NBSVM baseline"):
        from sklearn.feature_extraction.text import CountVectorizer
    vectorizer = CountVectorizer(
        binary=True, ngram_range=(1, MAX_WORDS), token_pattern=WORD, lowercase=False, dtype=np.float64
    )
    return _fit(
        vectorizer, _fit_ratios, NAIVE_BAYES_STRENGTHS, train=train, validation=validation, num_classes=num_classes
    )


Predict = Callable[[Any], Floats]
"""Features of texts -> the probability of each class."""
Fit = Callable[[Any, npt.NDArray[Any], int, float], Predict]
"""Features, classes, number of classes and strength -> the fitted model."""


def _fit(
    vectorizer: Any, fit: Fit, strengths: Sequence[float], *, train: Train, validation: Train, num_classes: int
) -> BaselineModel:
    """Returns the model with the highest accuracy on validation, and of several the lowest cross-entropy."""
    features_NF, targets_N = vectorizer.fit_transform(train[0]), train[1]
    held_out_NF = vectorizer.transform(validation[0])
    best: tuple[tuple[float, float], Predict, float, float] | None = None
    for strength in strengths:
        predict = fit(features_NF, targets_N, num_classes, strength)
        probabilities_NC = predict(held_out_NF)
        temperature = fit_temperature(log_probabilities(probabilities_NC), validation[1])
        accuracy = float((probabilities_NC.argmax(axis=1) == validation[1]).mean())
        loss = cross_entropy(apply_temperature(probabilities_NC, temperature), validation[1])
        if best is None or (-accuracy, loss) < best[0]:
            best = ((-accuracy, loss), predict, strength, temperature)
    assert best is not None
    _, chosen, strength, temperature = best

    def predict_texts(texts: Sequence[str]) -> Floats:
        return apply_temperature(chosen(vectorizer.transform(texts)), temperature)

    return BaselineModel(predict_texts, strength, temperature, int(features_NF.shape[1]))


def _fit_logistic(features_NF: Any, targets_N: npt.NDArray[Any], num_classes: int, strength: float) -> Predict:
    """Fits one regression of all classes that occur; the others get the probability 0."""
    from sklearn.linear_model import LogisticRegression

    present = np.unique(targets_N)
    if len(present) < 2:  # nothing to tell apart
        return lambda features: majority_probabilities(targets_N, features.shape[0], num_classes)
    model = LogisticRegression(C=strength, max_iter=MAX_ITERATIONS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the weakest regularisation has not quite converged
        model.fit(features_NF, targets_N)

    def predict(features: Any) -> Floats:
        probabilities_NC = np.zeros((features.shape[0], num_classes))
        probabilities_NC[:, model.classes_] = model.predict_proba(features)
        return probabilities_NC

    return predict


def _fit_ratios(features_NF: Any, targets_N: npt.NDArray[Any], num_classes: int, strength: float) -> Predict:
    """Fits a regression on log-count ratios for each class that occurs; two classes need only one."""
    present = [int(each) for each in np.unique(targets_N)]
    if len(present) < 2:
        return _fit_logistic(features_NF, targets_N, num_classes, strength)
    parts: list[tuple[int, Floats, Predict]] = []
    for index in present[1:] if len(present) == 2 else present:
        is_class_N = targets_N == index
        inside_F, outside_F = (
            SMOOTHING + np.asarray(features_NF[chosen_N].sum(axis=0)).ravel() for chosen_N in (is_class_N, ~is_class_N)
        )
        ratios_F = np.log(inside_F / inside_F.sum()) - np.log(outside_F / outside_F.sum())
        predict_one = _fit_logistic(features_NF.multiply(ratios_F).tocsr(), is_class_N.astype(np.int64), 2, strength)
        parts.append((index, ratios_F, predict_one))

    def predict(features: Any) -> Floats:
        probabilities_NC = np.zeros((features.shape[0], num_classes))
        for index, ratios_F, predict_one in parts:
            own_N = predict_one(features.multiply(ratios_F).tocsr())[:, 1]
            probabilities_NC[:, index] = np.maximum(own_N, SMALLEST_PROBABILITY)  # so that a row has a sum
        if len(present) == 2:
            probabilities_NC[:, present[0]] = 1 - probabilities_NC[:, present[1]]
        scaled_NC: Floats = probabilities_NC / probabilities_NC.sum(axis=1, keepdims=True)
        return scaled_NC

    return predict
