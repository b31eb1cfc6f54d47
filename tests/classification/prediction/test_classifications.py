"""Each text gets the label that it gets alone; texts without words, or without known words, are told apart."""

import math

import pytest

from halo.classification.prediction.classifications import Classification, as_classification, classify_texts
from halo.classification.probabilities import predict
from tests.support.opened_classifiers import tiny_classifier, word_classifier

TEXTS = ["the virus spreads", "", "so  fast zyzzyva", "😀", "zyzzyva", "The doctors don't know why. " * 40]


def test_every_text_has_the_probabilities_that_it_has_alone() -> None:
    classifier = tiny_classifier(labels=("a", "b c", "ü"))
    classified = classify_texts(classifier, TEXTS)
    assert [each.found is None for each in classified] == [False, True, False, True, False, False]
    assert [each.has_known_word for each in classified] == [True, False, True, False, False, True]
    for text, each in zip(TEXTS, classified, strict=True):
        if each.found is not None:
            assert [*each.found.probabilities] == ["a", "b c", "ü"]
            assert [*each.found.probabilities.values()] == pytest.approx(predict(classifier, [text])[0], abs=1e-6)
            assert each.found.probability == max(each.found.probabilities.values())


def test_a_planted_word_decides() -> None:
    classifier = word_classifier({"virus": 3.0})
    found = [each.found for each in classify_texts(classifier, ["the virus", "the air"])]
    assert [each.label for each in found if each is not None] == ["good", "bad"]
    assert found[0] is not None
    assert found[0].probability == pytest.approx(1 / (1 + math.exp(-3)), abs=1e-6)


def test_no_text_has_no_label() -> None:
    assert classify_texts(tiny_classifier(), []) == []


def test_entropy_is_that_of_the_probabilities() -> None:
    assert as_classification("ab", (1.0, 0.0)).entropy_bits == 0.0
    assert as_classification("abcd", [0.25] * 4) == Classification("a", 0.25, dict.fromkeys("abcd", 0.25))
    assert as_classification("abcd", [0.25] * 4).entropy_bits == 2.0
