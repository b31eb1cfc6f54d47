"""A served classifier gives labels and words, and explains no text that is too long for it."""

import pytest

from halo.api.classifier import Classifier
from halo.runtime.errors import InputError
from halo.serving.answers.classification_fields import MAX_EXPLAINED_WORDS
from halo.serving.answers.served_classifier import ServedClassifier
from tests.support.opened_classifiers import word_classifier

SERVED = ServedClassifier("labels", Classifier(word_classifier({"virus": 3.0})))


def test_every_text_has_its_label_and_words_on_request() -> None:
    answer = SERVED.classify(["The Virus, see", "why"], explain=True)
    assert answer.model == "labels"
    assert [(each.index, each.label) for each in answer.data] == [(0, "good"), (1, "bad")]
    assert [[word.text for word in each.words or []] for each in answer.data] == [["The", "Virus,", "see"], ["why"]]
    assert SERVED.classify(["why"], explain=False).data[0].words is None


def test_long_texts_are_classified_and_not_explained() -> None:
    text = "virus " * (MAX_EXPLAINED_WORDS + 1)
    assert SERVED.classify([text], explain=False).data[0].label == "good"
    with pytest.raises(InputError, match="explain=true: a text of 501 words; at most 500"):
        SERVED.classify([text], explain=True)


def test_it_says_what_it_is() -> None:
    entry = SERVED.entry()
    assert entry.id == "labels"
    assert entry.labels == ["bad", "good"]
    assert entry.vocabulary > 2
