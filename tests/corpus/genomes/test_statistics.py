"""Statistics of a genome: bases by letter, GC content, counts of labels."""

import pytest

from halo.corpus.genomes.statistics import base_counts, gc_content, genome_statistics, unknown_share
from tests.support.genomes import random_bases


def test_base_counts_have_the_bases_first() -> None:
    letters = random_bases(1_000, seed=1, letters=b"ACGGN")
    counts = base_counts([letters, letters])
    assert list(counts) == ["A", "C", "G", "T", "N"]
    assert counts["T"] == 0
    assert sum(counts.values()) == 2_000
    assert gc_content(counts) == pytest.approx(0.75, abs=0.05)
    assert unknown_share(counts) == pytest.approx(0.2, abs=0.05)
    assert gc_content({}) == unknown_share({}) == 0


def test_labels_are_counted_by_record() -> None:
    regions = {split: [("chr1", random_bases(60, seed=1)), ("chr2", random_bases(30, seed=2))] for split in ("train",)}
    regions |= {"validation": regions["train"][:1], "test": regions["train"][1:]}
    counts = {split: {"words": 0, "unknown_tokens": 0} for split in regions}
    found = genome_statistics(
        regions, {"AAA": 7, "CCC": 0}, labels=["chr1", "chr2"], counts=counts, token_length=3, letters_read=90
    )
    assert {label: each.tokens for label, each in found.labels["train"].items()} == {"chr1": 20, "chr2": 10}
    assert list(found.labels["test"]) == ["chr2"]
    assert (found.types, found.frequent) == (1, [("AAA", 7)])
    assert found.beginnings["test"] == [random_bases(30, seed=2).tobytes().decode()]
