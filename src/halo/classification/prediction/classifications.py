"""Texts -> their labels with probabilities.

Shape letters: N texts, C labels.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from halo.classification.classifier_bundle import ClassifierBundle
from halo.classification.probabilities import encode_texts, predict_documents


class Classification(NamedTuple):
    """The label of a text, and how sure the classifier is.

    Attributes:
        label: The most probable label.
        probability: Its probability.
        probabilities: The probability of each label, in the classifier's order; they sum to 1.
    """

    label: str
    probability: float
    probabilities: Mapping[str, float]

    @property
    def entropy_bits(self) -> float:
        """The entropy of the probabilities in bits: 0 for certain, log2 of the number of labels for no idea.

        >>> Classification("a", 0.5, {"a": 0.5, "b": 0.5}).entropy_bits
        1.0
        """
        return -math.fsum(each * math.log2(each) for each in self.probabilities.values() if each > 0) + 0.0


class ClassifiedText(NamedTuple):
    """What a classifier says about a text.

    Attributes:
        found: Its label; None if nothing is left of the text after cleaning.
        has_known_word: Whether the vocabulary has any of its words.
    """

    found: Classification | None
    has_known_word: bool


def classify_texts(classifier: ClassifierBundle, texts: Sequence[str]) -> list[ClassifiedText]:
    """Returns the label of each text.

    Args:
        classifier: The classifier.
        texts: Texts as they stand in files; they are cleaned and tokenized like the training text.
    """
    documents = encode_texts(classifier, texts)
    unknown = {classifier.tokenizer.unk_id, classifier.tokenizer.eos_id}
    with_words = [number for number, ids in enumerate(documents) if {*ids.tolist()} - {classifier.tokenizer.eos_id}]
    classified = [ClassifiedText(None, has_known_word=False)] * len(texts)
    if with_words:
        probabilities_NC = predict_documents(classifier, [documents[number] for number in with_words])
        for number, probabilities_C in zip(with_words, probabilities_NC.tolist(), strict=True):
            found = as_classification(classifier.labels, probabilities_C)
            has_known_word = bool({*documents[number].tolist()} - unknown)
            classified[number] = ClassifiedText(found, has_known_word=has_known_word)
    return classified


def as_classification(labels: Iterable[str], probabilities_C: Iterable[float]) -> Classification:
    """Returns the most probable label, of equally probable ones the first.

    >>> as_classification(("no", "yes"), (0.25, 0.75)).label
    'yes'
    """
    probabilities = dict(zip(labels, probabilities_C, strict=True))
    label = max(probabilities, key=probabilities.__getitem__)
    return Classification(label, probabilities[label], probabilities)
