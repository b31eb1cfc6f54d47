"""Regions of the training split that repeat validation or test regions, on either strand.

Two kinds of training regions are dropped: those of whose k-mers at least the share `similarity` occurs in validation
and test, and those that hold a tenth or more of a held-out region of which at least that share occurs in the training
split: a copy that begins elsewhere lies in several regions. Shorter repeats are part of every genome, such as ribosomal
RNA operons and insertion elements; they stay, and their share is reported.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from halo.config import SPLITS
from halo.corpus.genomes.duplicates.kmers import KMER_LENGTH, RegionKmers, region_kmers, sampling_scale
from halo.corpus.genomes.letters import reverse_complement
from halo.corpus.genomes.region_plan import Region

PART_OF_A_COPY = 0.1


class NearDuplicate(NamedTuple):
    """A training region that repeats a held-out one.

    Attributes:
        training: The training region.
        held_out: The validation or test region that has most in common with it.
        share: The share of the k-mers of the smaller of the two that both have.
    """

    training: Region
    held_out: Region
    share: float


class NearDuplicates(NamedTuple):
    """What the training split has in common with the others.

    Attributes:
        found: The training regions that repeat validation or test regions, in their order.
        shared: For validation and test the share of their different k-mers that also occur in the training split, after
            these regions are dropped if they are.
    """

    found: list[NearDuplicate]
    shared: dict[str, float]


def find_near_duplicates(regions: Sequence[Region], *, similarity: float, are_dropped: bool) -> NearDuplicates:
    """Returns the training regions that repeat validation or test regions, and what else is shared.

    Args:
        regions: The regions of all splits.
        similarity: The share of its k-mers from which a region repeats another.
        are_dropped: Whether the training regions that are found will be dropped.
    """
    scale = sampling_scale(sum(map(len, regions)))
    mine = [region for region in regions if region.split == "train"]
    theirs = [region for region in regions if region.split != "train"]
    train, held_out = (region_kmers([each.letters for each in part], scale=scale) for part in (mine, theirs))
    partners = _partners(train, held_out, similarity)
    short = {_canonical(region): number for number, region in enumerate(theirs) if len(region) < KMER_LENGTH}
    for number, region in enumerate(mine):
        if len(region) < KMER_LENGTH and (twin := short.get(_canonical(region))) is not None:
            partners[number] = (twin, 1.0)
    found = [NearDuplicate(mine[number], theirs[twin], share) for number, (twin, share) in sorted(partners.items())]
    is_kept = np.ones(len(mine), dtype=bool)
    if are_dropped:
        is_kept[[*partners]] = False
    remaining = np.unique(train.of(is_kept).hashes)
    shared = {}
    for split in SPLITS[1:]:
        different = np.unique(held_out.of(np.array([region.split == split for region in theirs], dtype=bool)).hashes)
        shared[split] = float(np.isin(different, remaining).mean()) if len(different) else 0.0
    return NearDuplicates(found, shared)


def _partners(train: RegionKmers, held_out: RegionKmers, similarity: float) -> dict[int, tuple[int, float]]:
    """Returns for each training region that repeats held-out ones the most similar one, and their similarity."""
    repeats = train.share_in(held_out) >= similarity
    is_copied = held_out.share_in(train) >= similarity
    # Of these regions alone: the pairs that share some repeat would be too many in a large genome.
    shared = _shared_counts(train.of(repeats), held_out) | _shared_counts(train, held_out.of(is_copied))
    partners: dict[int, tuple[int, float]] = {}
    for (mine, other), number in sorted(shared.items()):
        is_part = is_copied[other] and number >= PART_OF_A_COPY * held_out.sizes[other]
        share = float(number / min(train.sizes[mine], held_out.sizes[other]))
        if (repeats[mine] or is_part) and share > partners.get(mine, (0, 0.0))[1]:
            partners[mine] = (other, share)
    return partners


def _shared_counts(ours: RegionKmers, theirs: RegionKmers) -> dict[tuple[int, int], int]:
    """Returns the number of k-mers that each pair of regions has in common; pairs without any are absent."""
    order = np.argsort(ours.hashes, kind="stable")
    first = np.searchsorted(ours.hashes[order], theirs.hashes, side="left")
    numbers = np.searchsorted(ours.hashes[order], theirs.hashes, side="right") - first
    other = np.repeat(theirs.region, numbers)
    within = np.arange(len(other)) - np.repeat(np.cumsum(numbers) - numbers, numbers)
    mine = ours.region[order[np.repeat(first, numbers) + within]]
    size = max(len(theirs.sizes), 1)
    keys, counts = np.unique(mine * size + other, return_counts=True)
    pairs = zip((keys // size).tolist(), (keys % size).tolist(), strict=True)
    return dict(zip(pairs, counts.tolist(), strict=True))


def _canonical(region: Region) -> bytes:
    return min(region.letters.tobytes(), reverse_complement(region.letters).tobytes())
