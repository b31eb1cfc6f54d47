"""What the figures of a classifier mean, in sentences."""

from collections.abc import Mapping
from typing import NamedTuple

from halo.classification.measurement.figures import Figures
from halo.classification.measurement.paired_tests import LEVEL, PairedTest, smallest_telling_lead
from halo.runtime.errors import counted
from halo.scoring.comparison.statistics import show_p_value

CLASSIFIER, MAJORITY, TFIDF, NAIVE_BAYES, MIXTURE = "classifier", "majority", "tfidf", "naive_bayes", "mixture"
NAMES = {
    CLASSIFIER: "classifier",
    MIXTURE: "with n-grams",
    TFIDF: "TF-IDF + regression",
    NAIVE_BAYES: "NBSVM",
    MAJORITY: "majority class",
}
"""The names of the models in tables, in their order."""
LONG_NAMES = {
    CLASSIFIER: "the classifier",
    MIXTURE: "the classifier interpolated with n-grams",
    TFIDF: "TF-IDF with logistic regression",
    NAIVE_BAYES: "NBSVM",
    MAJORITY: "the majority class",
}
FEW_DOCUMENTS = 200
"""With fewer documents the verdict says how large a lead has to be."""


class MixtureTest(NamedTuple):
    """The paired test of a mixture against the n-gram model in it.

    Attributes:
        mixed_with: The n-gram model.
        test: The test.
    """

    mixed_with: str
    test: PairedTest


def verdict(
    figures: Mapping[str, Figures],
    tests: Mapping[str, PairedTest],
    *,
    mixture: MixtureTest | None = None,
    hint: str = "",
    noun: str = "test document",
) -> list[str]:
    """Returns whether the classifier is any better than its baselines, as sentences of which the first is the verdict.

    Args:
        figures: The figures of each model on the test documents.
        tests: For each other model the paired test of the classifier against it.
        mixture: The test of the mixture against the n-gram model in it; None if there is no mixture.
        hint: What to do where there are few documents; empty if nothing.
        noun: What the documents are called.
    """
    own = figures[CLASSIFIER]
    rival = TFIDF if TFIDF in tests else MAJORITY
    sentences = [f"{compared(tests[rival], rival)} on {counted(own.documents, noun)}."]
    low, high = own.accuracy_interval
    sentences.append(
        f"The classifier is right on {own.accuracy:.1%} of them (95% interval {low:.1%} to {high:.1%}), "
        f"{LONG_NAMES[rival]} on {figures[rival].accuracy:.1%}; exact McNemar test {_p(tests[rival])}."
    )
    for model in (NAIVE_BAYES, MAJORITY):
        if model != rival and model in tests and not is_better(tests[model]):
            sentences.append(f"{compared(tests[model], model)}; {_p(tests[model])}.")
    if mixture is not None:
        sentences.append(_mixture_sentence(figures, tests[MIXTURE], mixture))
    if own.documents < FEW_DOCUMENTS:
        sentences.append(few_documents(own.documents, hint=hint, noun=noun))
    return sentences


def compared(test: PairedTest, name: str) -> str:
    """Returns whether the classifier is better than another model, the beginning of a sentence.

    Args:
        test: The paired test of the classifier against the model.
        name: The model.
    """
    return f"{_degree(test).capitalize()} than {LONG_NAMES[name]}"


def is_better(test: PairedTest) -> bool:
    """Returns whether the first model is right more often than the second one, by more than chance."""
    return test.accuracy > 0 and test.accuracy_p_value < LEVEL


def few_documents(number: int, *, hint: str, noun: str = "test document") -> str:
    """Returns how large a lead has to be before it can be told from chance.

    >>> print(few_documents(15, hint="folds=5 measures all 150"))
    15 test documents show only a lead of 6 documents (40 percentage points) or more; folds=5 measures all 150.
    >>> print(few_documents(4, hint=""))
    4 test documents are too few to tell any two classifiers apart.
    """
    lead, ending = smallest_telling_lead(), f"; {hint}." if hint else "."
    if number < lead:
        documents = counted(number, f"{noun} is", f"{noun}s are")
        return f"{documents} too few to tell any two classifiers apart{ending}"
    points = f"{100 * lead / number:.0f} percentage points"
    return f"{number} {noun}s show only a lead of {lead} documents ({points}) or more{ending}"


def _mixture_sentence(figures: Mapping[str, Figures], against: PairedTest, mixture: MixtureTest) -> str:
    """Returns whether the mixture is better than each of its parts.

    Args:
        figures: The figures of each model.
        against: The paired test of the classifier against the mixture.
        mixture: The paired test of the mixture against the n-gram model.
    """
    own = against._replace(accuracy=-against.accuracy)
    than_classifier = f"{_degree(own)} than alone ({_p(own)})"
    than_ngrams = f"{_degree(mixture.test)} than {LONG_NAMES[mixture.mixed_with]} alone ({_p(mixture.test)})"
    accuracy = figures[MIXTURE].accuracy
    return f"Interpolated with n-grams it is right on {accuracy:.1%}: {than_classifier}, {than_ngrams}."


def _degree(test: PairedTest) -> str:
    if is_better(test):
        return "better"
    return "worse" if test.accuracy < 0 and test.accuracy_p_value < LEVEL else "no better"


def _p(test: PairedTest) -> str:
    return f"p={show_p_value(test.accuracy_p_value)}".replace("=<", "<")
