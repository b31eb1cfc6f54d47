"""Near duplicates: planted copies are found on both strands and at any offset; repeats and random sequence stay."""

import numpy as np
import pytest

from halo.corpus.genomes.duplicates.near_duplicates import find_near_duplicates
from halo.corpus.genomes.letters import Letters, reverse_complement
from halo.corpus.genomes.region_plan import Region
from tests.support.genomes import random_bases


def regions_of(train: list[Letters], test: list[Letters]) -> list[Region]:
    named = [("train", letters) for letters in train] + [("test", letters) for letters in test]
    return [Region(f"r{number}", 0, letters, split) for number, (split, letters) in enumerate(named)]


def found(train: list[Letters], test: list[Letters]) -> list[str]:
    result = find_near_duplicates(regions_of(train, test), similarity=0.8, are_dropped=True)
    return [copy.training.record for copy in result.found]


def mutated(letters: Letters, *, every: int) -> Letters:
    changed = letters.copy()
    changed[::every] = reverse_complement(changed[::every])[::-1]  # each becomes its complement
    return changed


def test_random_sequence_has_nothing_in_common() -> None:
    train, test = ([random_bases(3_000, seed=seed) for seed in seeds] for seeds in (range(4), range(10, 12)))
    result = find_near_duplicates(regions_of(train, test), similarity=0.8, are_dropped=True)
    assert result.found == []
    assert result.shared == {"validation": 0.0, "test": 0.0}


@pytest.mark.parametrize("is_reverse", [False, True])
def test_copies_are_found_on_both_strands(is_reverse: bool) -> None:
    original = random_bases(3_000, seed=1)
    copy = mutated(original, every=500)
    copy = reverse_complement(copy) if is_reverse else copy
    assert found([random_bases(3_000, seed=2), copy], [original]) == ["r1"]
    assert found([random_bases(3_000, seed=2), mutated(original, every=40)], [original]) == []


def test_a_copy_at_another_offset_is_found_in_all_its_regions() -> None:
    long = random_bases(9_000, seed=3)
    assert found([long[:3_000], long[3_000:6_000], long[6_000:]], [long[1_500:4_500]]) == ["r0", "r1"]


def test_a_training_read_within_a_test_region_is_found() -> None:
    long = random_bases(9_000, seed=4)
    assert found([long[4_000:4_100], random_bases(100, seed=5)], [long]) == ["r0"]


def test_a_repeat_stays_and_its_share_is_reported() -> None:
    repeat = random_bases(500, seed=6)
    train, test = (np.concatenate([random_bases(2_500, seed=seed), repeat]) for seed in (7, 8))
    result = find_near_duplicates(regions_of([train], [test]), similarity=0.8, are_dropped=True)
    assert result.found == []
    assert result.shared["test"] == pytest.approx(470 / 2_970)


def test_short_regions_are_compared_as_a_whole() -> None:
    short = random_bases(25, seed=9)
    assert found([reverse_complement(short), random_bases(25, seed=10)], [short]) == ["r0"]


def test_what_is_kept_counts_as_shared() -> None:
    original = random_bases(3_000, seed=11)
    regions = regions_of([original], [original])
    assert find_near_duplicates(regions, similarity=0.8, are_dropped=True).shared["test"] == 0
    assert find_near_duplicates(regions, similarity=0.8, are_dropped=False).shared["test"] == 1
