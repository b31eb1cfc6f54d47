"""What is measured of each text."""

import math

import numpy as np
import pytest

from halo.runtime.errors import InputError
from halo.topic_modelling.crossings.measures import MAX_LABELS, label_measure, sentiment_measure, surprisal_measure
from tests.support.tiny_bundles import tiny_bundle


def test_labels_become_columns_and_missing_ones_are_said() -> None:
    found = label_measure(["b", "a", "", "b"])
    assert found is not None
    assert list(found.columns) == ["b", "a"]
    assert np.isnan(found.values_NC[2]).all()
    assert found.values_NC[[0, 1, 3]].tolist() == [[1, 0], [0, 1], [1, 0]]
    assert found.notes == ["1 of 4 texts have no label and are left out."]
    assert label_measure(["a", "a", ""]) is None


def test_rare_labels_are_counted_together() -> None:
    labels = [f"label {number}" for number in range(40) for _ in range(40 - number)]
    found = label_measure(labels)
    assert found is not None
    assert len(found.columns) == MAX_LABELS
    assert found.values_NC.sum() == len(labels)
    assert found.values_NC[:, -1].sum() == sum(40 - number for number in range(MAX_LABELS - 1, 40))


def test_surprisal_is_bits_per_word_of_each_text_by_itself() -> None:
    bundle = tiny_bundle()
    texts = ["the virus spreads", "", "the virus spreads in the air"]
    found = surprisal_measure(bundle, texts)
    assert found.weights_N.tolist() == [3, 0, 6]
    assert math.isnan(found.values_NC[1, 0])
    alone = surprisal_measure(bundle, texts[:1])
    assert found.values_NC[0, 0] == pytest.approx(alone.values_NC[0, 0], rel=1e-5)
    rare = surprisal_measure(bundle, ["the virus spreads xylophonist"])
    assert rare.values_NC[0, 0] == pytest.approx(alone.values_NC[0, 0], rel=1e-5)  # the unknown word is left out
    assert rare.notes[0].startswith("25.0% of the words are outside the vocabulary")


def test_sentiment_is_what_the_classifier_says() -> None:
    def predict(texts: object) -> np.ndarray:
        return np.array([[0.25, 0.75]] * len(texts))  # type: ignore[arg-type]

    found = sentiment_measure(predict, ["negative", "positive"], ["a"] * 1000, is_same_model=True)
    assert found.values_NC.shape == (1000, 2)
    assert any("same language model" in note for note in found.notes)
    assert len(sentiment_measure(predict, ["n", "p"], ["a"], is_same_model=False).notes) == 1
    with pytest.raises(InputError, match="classifier"):
        sentiment_measure(predict, ["one", "two", "three"], ["a"], is_same_model=None)
