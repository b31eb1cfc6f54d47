"""Words that decide are found where they stand in the text, and the others tell nothing."""

import math

import pytest

from halo.classification.prediction.classifications import classify_texts
from halo.classification.prediction.telling_words import listed, strongest, telling_words
from tests.support.opened_classifiers import tiny_classifier, word_classifier


def test_planted_words_are_found_with_their_sign() -> None:
    text = "So 😀 the  Virus, spreads fast!"
    words = telling_words(word_classifier({"virus": 3.0, "fast": -1.0}), text, "good")
    assert [text[word.start : word.end] for word in words] == [word.text for word in words]
    weights = {word.text: word.weight for word in words}
    assert weights["Virus,"] == pytest.approx(3.0, abs=1e-4)
    assert weights["fast!"] == pytest.approx(-1.0, abs=1e-4)
    assert [weights[each] for each in ("So", "😀", "the", "spreads")] == pytest.approx([0.0] * 4, abs=1e-4)
    assert [word.text for word in strongest(words)] == ["Virus,", "fast!"]


def test_a_weight_is_what_the_word_changes() -> None:
    classifier = tiny_classifier()
    words = telling_words(classifier, "the virus spreads fast", "good")
    (whole, without) = (
        each.found.probabilities["good"]
        for each in classify_texts(classifier, ["the virus spreads fast", "the spreads fast"])
        if each.found is not None
    )
    odds = whole / (1 - whole) / (without / (1 - without))
    assert words[1].weight == pytest.approx(math.log(odds), abs=1e-5)


@pytest.mark.parametrize("kind", ["char", "bpe"])
def test_words_of_several_tokens_are_left_out_as_a_whole(kind: str) -> None:
    words = telling_words(tiny_classifier(kind=kind), "the virus\n\nspreads", "bad")
    assert [(word.text, word.start, word.end) for word in words] == [
        ("the", 0, 3),
        ("virus", 4, 9),
        ("spreads", 11, 18),
    ]
    assert all(word.weight for word in words)


def test_a_text_of_one_word_is_explained_by_it() -> None:
    (word,) = telling_words(word_classifier({"virus": 3.0}), "virus", "good")
    assert word[:3] == ("virus", 0, 5)
    assert word.weight == pytest.approx(3.0, abs=1e-4)
    assert listed([]) == ""
