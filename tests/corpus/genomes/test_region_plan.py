"""Regions: they cover a record once, lie in one split, and have a gap between splits."""

import itertools

import numpy as np
import pytest

from halo.config import SPLITS, SplitConfig
from halo.corpus.genomes.region_plan import Region, assign, cut_gaps, divide, region_length
from halo.runtime.errors import InputError
from tests.support.genomes import genome_config, random_bases

FRACTIONS = SplitConfig(train=0.8, validation=0.1, test=0.1, validation_ratio=None, seed=0)


def piece(length: int, record: str = "chr1", start: int = 0) -> Region:
    return Region(record, start, random_bases(length, seed=length))


@pytest.mark.parametrize("token_length", [1, 6])
def test_regions_are_multiples_of_a_token_and_cover_a_piece(token_length: int) -> None:
    whole = piece(10_003, start=7)
    regions = divide([whole], 999, token_length)
    assert len(regions) == 10
    assert all(len(region) % token_length == 0 for region in regions)
    joined = np.concatenate([region.letters for region in regions])
    assert np.array_equal(joined, whole.letters[: len(joined)])
    assert len(whole) - len(joined) == len(whole) % token_length
    assert [region.start for region in regions] == [7, *(region.end for region in regions[:-1])]


def test_the_usual_length_suits_the_genome() -> None:
    config = genome_config()
    assert region_length(4_938_920, config, 1) == 19_755
    assert region_length(48_502, config, 1) == 4_000
    assert region_length(3_000_000_000, config, 6) == 49_998
    assert region_length(48_502, genome_config("gap=0"), 1) == 194
    assert region_length(48_502, genome_config("region_length=5000"), 3) == 4_998


def test_splits_have_their_share_of_the_bases_and_gaps_between_them() -> None:
    regions = divide([piece(500_000), piece(100_000, "plasmid")], 2_000, 1)
    assign(regions, genome_config(), FRACTIONS)
    shares = {name: sum(len(region) for region in regions if region.split == name) / 600_000 for name in SPLITS}
    assert shares == pytest.approx({"train": 0.8, "validation": 0.1, "test": 0.1}, abs=0.01)
    held_out = sum(len(region) for region in regions if region.split == "test")
    left_out = cut_gaps(regions, 300, 1)
    assert sum(map(len, regions)) == 600_000 - left_out
    assert held_out == sum(len(region) for region in regions if region.split == "test"), "test regions stay whole"
    for before, after in itertools.pairwise(regions):
        if before.record == after.record:
            assert after.start - before.end == (0 if before.split == after.split else 300)


def test_records_stay_whole_and_the_longest_are_for_training() -> None:
    records = [("chr1", 50_000), ("chr2", 20_000), ("p1", 9_000), ("p2", 8_000), ("p3", 100)]
    regions = divide([piece(length, name) for name, length in records], 2_000, 1)
    assign(regions, genome_config("split_by=record"), FRACTIONS)
    splits = {name: {region.split for region in regions if region.record == name} for name, _ in records}
    assert all(len(each) == 1 for each in splits.values())
    assert splits["chr1"] == {"train"}
    assert set.union(*splits.values()) == set(SPLITS)
    assert cut_gaps(regions, 300, 1) == 0


def test_given_splits_are_kept() -> None:
    regions = [Region("a", 0, random_bases(100, seed=1), "test"), Region("b", 0, random_bases(100, seed=2), "train")]
    assign(regions, genome_config(), FRACTIONS)
    assert [region.split for region in regions] == ["test", "train"]


@pytest.mark.parametrize(("by", "remedy"), [("region", "data.genome.gap=48"), ("record", "split_by=region")])
def test_a_tiny_genome_is_refused_with_settings_that_suit_it(by: str, remedy: str) -> None:
    regions = divide([piece(4_800)], 4_000, 1)
    with pytest.raises(InputError, match=f"1 {by} of 4,800 bases in all cannot be divided.*{remedy}"):
        assign(regions, genome_config(f"split_by={by}"), FRACTIONS)
