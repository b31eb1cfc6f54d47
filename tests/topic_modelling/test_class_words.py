import numpy as np
from scipy import sparse

from halo.topic_modelling.class_words import top_words, word_weights


def test_weights_are_share_times_log_of_rarity() -> None:
    counts = sparse.csr_matrix([[2, 1, 0], [0, 1, 0], [0, 2, 2]])
    weights = word_weights(counts, np.array([[1, 0], [1, 0], [0, 1]]))
    assert np.isclose(weights[0, 0], 2 / 4 * np.log(1 + 4 / 2))
    assert np.isclose(weights[1, 1], 2 / 4 * np.log(1 + 4 / 4))
    assert top_words(weights, 5) == [[0, 1], [2, 1]]


def test_a_topic_without_units_has_no_words() -> None:
    weights = word_weights(sparse.csr_matrix([[1, 1]]), np.array([[1.0, 0.0]]))
    assert top_words(weights, 5) == [[0, 1], []]


def test_a_text_between_topics_counts_for_both() -> None:
    weights = word_weights(sparse.csr_matrix([[1, 0], [0, 1], [1, 1]]), np.array([[1, 0], [0, 1], [0.5, 0.5]]))
    assert np.allclose(weights[0], weights[1][::-1])
    assert (weights > 0).all()
