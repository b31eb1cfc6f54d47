import math

import numpy as np
import pytest

from halo.topic_modelling.stability import counterparts, measure_stability, over_seeds, similarities


def test_the_same_topics_in_another_order_are_stable() -> None:
    first, topics = [[1, 2], [3, 4], [5, 6]], np.array([0, 1, 2, 0])
    found = measure_stability([first, [[5, 6], [1, 2], [3, 4]]], [topics, (topics + 1) % 3])
    assert found.jaccard.mean == 1
    assert found.rand.mean == pytest.approx(1)
    assert found.found_again_K.tolist() == [1, 1, 1]


def test_a_topic_that_only_one_seed_finds_is_not_found_again() -> None:
    other = [[1, 2, 3], [7, 8, 9]]
    found = measure_stability([[[1, 2, 3], [4, 5, 6]], other, other], [np.array([0, 1])] * 3)
    assert found.found_again_K.tolist() == [2, 0]


def test_assignment_is_the_best_in_all_and_not_topic_by_topic() -> None:
    # Topic 0 is most like the first counterpart, which topic 1 needs more.
    similarity = similarities([[1, 2], [1, 2, 3, 4]], [[1, 2, 3, 4], [1, 9]])
    assert similarity.round(2).tolist() == [[0.5, 0.33], [1.0, 0.2]]
    assert counterparts(similarity).tolist() == [1, 0]


def test_a_topic_of_the_same_words_and_other_units_is_not_found_again() -> None:
    words = [[1, 2], [3, 4]]
    found = measure_stability([words, words], [np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 1, 0, 0, 1])])
    assert found.jaccard.mean == 1
    assert found.found_again_K.tolist() == [0, 0]


def test_a_single_seed_has_no_stability() -> None:
    found = measure_stability([[[1], [2]]], [np.array([0, 1])])
    assert math.isnan(found.jaccard.mean)
    assert math.isnan(over_seeds([1.0]).low)
    assert over_seeds([1.0]).mean == 1
