from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from halo.classification.probabilities import encode_texts, predict, predict_documents, softmax
from halo.runtime.errors import InputError
from tests.support.tiny_classifiers import saved_classifier

TEXTS = ["The film was good.", "bad", "the plot\n\nwas very long " * 40]


def test_rows_sum_to_one_and_do_not_depend_on_the_other_texts(tmp_path: Path) -> None:
    classifier = saved_classifier(tmp_path / "bundle")
    together = predict(classifier, TEXTS)
    assert together.dtype == np.float64
    np.testing.assert_allclose(together.sum(1), 1)
    np.testing.assert_allclose(together, np.concatenate([predict(classifier, [text]) for text in TEXTS]), rtol=1e-5)
    assert predict(classifier, []).shape == (0, 2)


def test_a_temperature_flattens_the_probabilities(tmp_path: Path) -> None:
    classifier = saved_classifier(tmp_path / "bundle")
    flat = predict(replace(classifier, temperature=1e6), TEXTS)
    np.testing.assert_allclose(flat, 0.5, atol=1e-5)


def test_an_empty_text_is_named(tmp_path: Path) -> None:
    classifier = saved_classifier(tmp_path / "bundle")
    with pytest.raises(InputError, match="text 2 of 2: '<br/>' contains no words after cleaning"):
        predict(classifier, ["good", "<br/>"])


def test_documents_have_the_probabilities_of_their_texts(tmp_path: Path) -> None:
    classifier = saved_classifier(tmp_path / "bundle")
    documents = encode_texts(classifier, [*TEXTS, "<br/>"])
    assert [len(ids) > 0 for ids in documents] == [True, True, True, False]
    np.testing.assert_allclose(predict_documents(classifier, documents[:3]), predict(classifier, TEXTS), rtol=1e-6)


def test_softmax_of_large_logits_is_finite() -> None:
    np.testing.assert_allclose(softmax(np.array([[1e4, 0.0, -1e4]])), [[1, 0, 0]])
