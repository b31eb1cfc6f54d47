"""The order of preference: independent of the order of reading; test before validation before training."""

import itertools

import numpy as np

from halo.corpus.dedup.preference import Preference, order_documents

DIGESTS = [b"c" * 16, b"a" * 16, b"b" * 16, b"a" * 16]


def preference(order: tuple[int, ...], given: list[int]) -> Preference:
    digests = np.array([DIGESTS[number] for number in order], dtype="S16")
    splits = np.array([given[number] for number in order], dtype=np.int8)
    return order_documents(digests, splits, lambda index: ("", "", f"file {order[index]}"))


def test_the_order_does_not_depend_on_the_order_of_reading() -> None:
    for given in ([-1, -1, -1, -1], [0, 1, 2, 0]):
        expected = preference((0, 1, 2, 3), given).rank
        for order in itertools.permutations(range(4)):
            assert preference(order, given).rank.tolist() == expected[list(order)].tolist()


def test_given_test_texts_come_first_and_training_texts_last() -> None:
    found = preference((0, 1, 2, 3), [2, 0, 1, 0])
    assert found.rank.tolist() == [0, 2, 1, 3]
    assert [found.is_kept_whole(document) for document in range(4)] == [True, False, True, False]
    assert [found.given_split(document) for document in range(4)] == ["test", "train", "validation", "train"]
    assert not found.is_divided
    assert preference((0, 1, 2, 3), [-1] * 4).is_divided


def test_only_documents_of_one_held_out_split_may_repeat_each_other() -> None:
    found = preference((0, 1, 2, 3), [2, 2, 1, 0])
    pairs = [pair for pair in itertools.combinations(range(4), 2) if found.in_same_held_out_split(*pair)]
    assert pairs == [(0, 1)]
