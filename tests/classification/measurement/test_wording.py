"""The verdict says better, no better and worse, and how little few documents allow."""

import numpy as np

from halo.classification.measurement.figures import classification_figures
from halo.classification.measurement.paired_tests import compare_predictions
from halo.classification.measurement.wording import MixtureTest, verdict

TARGETS = np.zeros(400, dtype=np.int64)


def guesses(right: int, number: int) -> np.ndarray:
    """Returns predictions of which the first ones are right."""
    classes = np.array([0] * right + [1] * (number - right))
    chosen: np.ndarray = np.eye(2)[classes]
    return chosen


def told(own: np.ndarray, hint: str = "", **others: np.ndarray) -> list[str]:
    targets_N = TARGETS[: len(own)]
    figures = {model: classification_figures(each, targets_N) for model, each in {"classifier": own, **others}.items()}
    tests = {model: compare_predictions(own, each, targets_N) for model, each in others.items()}
    return verdict(figures, tests, hint=hint)


def test_a_better_classifier_is_called_better() -> None:
    sentences = told(guesses(360, 400), tfidf=guesses(300, 400), majority=guesses(200, 400))
    assert sentences[0] == "Better than TF-IDF with logistic regression on 400 test documents."
    assert "90.0%" in sentences[1]
    assert "p<0.001" in sentences[1]
    assert len(sentences) == 2  # nothing about the majority, nor about few documents


def test_a_worse_classifier_is_called_worse() -> None:
    assert told(guesses(300, 400), tfidf=guesses(360, 400))[0].startswith("Worse than TF-IDF")


def test_no_difference_is_called_no_better_and_few_documents_are_said_to_decide_little() -> None:
    sentences = told(guesses(11, 15), "folds=5 measures all 150", tfidf=guesses(10, 15), majority=guesses(9, 15))
    assert sentences[0] == "No better than TF-IDF with logistic regression on 15 test documents."
    assert sentences[2] == "No better than the majority class; p=0.500."
    assert sentences[-1].endswith("a lead of 6 documents (40 percentage points) or more; folds=5 measures all 150.")


def test_without_tfidf_the_rival_is_the_majority_class() -> None:
    assert (
        told(guesses(360, 400), majority=guesses(200, 400))[0]
        == "Better than the majority class on 400 test documents."
    )


def test_a_mixture_is_compared_with_both_of_its_parts() -> None:
    own, ngrams, mixed = guesses(300, 400), guesses(358, 400), guesses(360, 400)
    figures = {
        model: classification_figures(each, TARGETS)
        for model, each in {"classifier": own, "tfidf": ngrams, "mixture": mixed}.items()
    }
    tests = {
        model: compare_predictions(own, each, TARGETS) for model, each in {"tfidf": ngrams, "mixture": mixed}.items()
    }
    against = MixtureTest("tfidf", compare_predictions(mixed, ngrams, TARGETS))
    assert (
        "Interpolated with n-grams it is right on 90.0%: better than alone (p<0.001), no better than TF-IDF with "
        "logistic regression alone (p=0.500)."
    ) in verdict(figures, tests, mixture=against)
