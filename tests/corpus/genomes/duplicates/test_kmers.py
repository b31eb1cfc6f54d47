"""k-mers: those of both strands are the same, as a plain loop finds them; samples estimate shares."""

import numpy as np
import pytest

from halo.corpus.genomes.duplicates.kmers import KMER_LENGTH, kmer_codes, region_kmers
from halo.corpus.genomes.letters import reverse_complement
from tests.support.genomes import random_bases


def test_codes_are_those_of_a_plain_loop() -> None:
    letters = random_bases(300, seed=3)
    letters[[40, 200]] = ord("N")
    expected = {}
    for start in range(len(letters) - KMER_LENGTH + 1):
        kmer = letters[start : start + KMER_LENGTH]
        if b"N" not in kmer.tobytes():
            smaller = min(kmer.tobytes(), reverse_complement(kmer).tobytes())
            expected[start] = sum("ACGT".index(chr(base)) * 4**place for place, base in enumerate(reversed(smaller)))
    codes, starts = kmer_codes(letters)
    assert dict(zip(starts.tolist(), codes.tolist(), strict=True)) == expected


def test_a_strand_and_its_reverse_complement_have_the_same_kmers() -> None:
    letters = random_bases(2_000, seed=4)
    found = region_kmers([letters, reverse_complement(letters), letters[:20]])
    assert found.sizes.tolist() == [1_970, 1_970, 0]
    assert np.array_equal(found.hashes[found.region == 0], found.hashes[found.region == 1])


def test_regions_have_no_kmers_across_their_ends_in_batches_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    regions = [random_bases(length, seed=length) for length in (100, 31, 30, 500)]
    whole = region_kmers(regions)
    assert whole.sizes.tolist() == [70, 1, 0, 470]
    monkeypatch.setattr("halo.corpus.genomes.duplicates.kmers.BATCH_LETTERS", 50)
    assert all(np.array_equal(mine, other) for mine, other in zip(region_kmers(regions), whole, strict=True))


def test_a_sample_estimates_the_share_in_common() -> None:
    first = random_bases(40_000, seed=5)
    second = np.concatenate([first[:20_000], random_bases(20_000, seed=6)])
    sampled = [region_kmers([each], scale=20) for each in (first, second)]
    assert sampled[0].sizes[0] == pytest.approx(2_000, rel=0.1)
    assert sampled[0].share_in(sampled[1])[0] == pytest.approx(0.5, abs=0.05)
