"""Shingle hashes: equal for equal runs of words, the same in every process."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.corpus.dedup.shingles import digest, jaccard, shingle_hashes, shingles_within, unit_hashes


def words(name: str, number: int) -> list[str]:
    return [f"{name}{i}" for i in range(number)]


def test_case_and_white_space_make_no_difference_to_a_digest() -> None:
    assert digest(unit_hashes("One  two\nTHREE")) == digest(unit_hashes("one two three"))
    assert digest(unit_hashes("one two")) != digest(unit_hashes("two one"))


def test_shingles_across_the_border_of_two_passages_are_left_out() -> None:
    first, second = words("a", 9), words("b", 10)
    together = shingle_hashes(unit_hashes(" ".join([*first, *second])))
    sizes = np.array([9, 10])
    inside = shingles_within(together, sizes, np.array([True, True]))
    separate = [shingle_hashes(unit_hashes(" ".join(each))) for each in (first, second)]
    assert inside.tolist() == np.concatenate(separate).tolist()
    assert shingles_within(together, sizes, np.array([False, True])).tolist() == separate[1].tolist()


def test_jaccard_is_intersection_over_union() -> None:
    one, other = np.array([1, 2, 3], dtype=np.uint64), np.array([2, 3, 4, 5], dtype=np.uint64)
    assert jaccard(one, other) == pytest.approx(2 / 5)
    assert jaccard(one[:0], one[:0]) == 0


@given(st.lists(st.sampled_from(["a", "b", "ab", "é", "日", "x" * 40, "x" * 39 + "y"]), max_size=60))
def test_shingle_hashes_are_equal_where_the_shingles_are(content: list[str]) -> None:
    hashes = shingle_hashes(unit_hashes(" ".join(content)))
    runs = [tuple(content[i : i + 8]) for i in range(max(len(content) - 7, 0))]
    assert len(hashes) == len(runs)
    assert [np.flatnonzero(hashes == value)[0] for value in hashes] == [runs.index(run) for run in runs]


def test_shingle_hashes_of_different_runs_differ() -> None:
    hashes = shingle_hashes(unit_hashes(" ".join(words("a", 5000))))
    assert len(np.unique(hashes)) == 4993


def test_shingle_hashes_are_the_same_in_every_process() -> None:
    hashes = shingle_hashes(unit_hashes("one two three four five six seven eight nine"))
    assert [hex(value) for value in hashes] == ["0xe9bb832f225e36d3", "0x18e381d624bd1a57"]
