"""Canonical k-mers of sequences, sampled by their hash: what two regions of either strand have in common.

A k-mer and its reverse complement count as one: the smaller of their codes (Marçais and Kingsford 2011). Of a large
genome only k-mers with a small hash are kept, the same ones in every sequence (FracMinHash, Irber et al. 2022), so that
shares of them estimate shares of all.

Shape letters: L letters of a sequence, N its k-mers, S those that are kept.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from halo.corpus.dedup.shingles import mix_bits
from halo.corpus.genomes.letters import BASES, CASE_BIT, Letters
from halo.runtime.array_types import BoolArray, IntArray

KMER_LENGTH = 31
"""Long enough that hardly any k-mer of a large genome occurs twice by chance; fits into 64 bits."""
MAX_KMERS = 8_000_000
"""The number of k-mers that is kept at most, about."""

BATCH_LETTERS = 2**22

Hashes = npt.NDArray[np.uint64]

_NO_BASE = 4
_CODES = np.full(256, _NO_BASE, dtype=np.uint8)
for _code, _base in enumerate(BASES):  # the complement of code c is 3 - c
    _CODES[[_base, _base | CASE_BIT]] = _code


def sampling_scale(num_bases: int) -> int:
    """Returns the number s such that one in s k-mers is kept of a genome of this size.

    >>> sampling_scale(5_000_000), sampling_scale(3_000_000_000)
    (1, 375)
    """
    return -(-num_bases // MAX_KMERS) or 1


class RegionKmers(NamedTuple):
    """The sampled k-mers of regions.

    Attributes:
        hashes: Their hashes, those of a region ascending and different, shape (S,).
        region: Index of the region of each, ascending, shape (S,).
        sizes: Number of those of each region.
    """

    hashes: Hashes
    region: IntArray
    sizes: IntArray

    def of(self, is_chosen: BoolArray) -> "RegionKmers":
        """Returns the k-mers of chosen regions alone; `sizes` stays as it is."""
        is_kept = is_chosen[self.region]
        return self._replace(hashes=self.hashes[is_kept], region=self.region[is_kept])

    def share_in(self, others: "RegionKmers") -> npt.NDArray[np.float64]:
        """Returns the share of the k-mers of each region that occur in any of the other regions."""
        number = np.bincount(self.region[np.isin(self.hashes, others.hashes)], minlength=len(self.sizes))
        return np.asarray(number / np.maximum(self.sizes, 1), dtype=np.float64)


def region_kmers(regions: Sequence[Letters], *, scale: int = 1) -> RegionKmers:
    """Returns the different canonical 31-mers of regions; those with a letter other than A, C, G and T are left out.

    Args:
        regions: The letters of each region.
        scale: One in so many k-mers is kept.
    """
    parts = []
    first = 0
    while first < len(regions):
        last, size = first, 0
        while last < len(regions) and size < BATCH_LETTERS:
            size += len(regions[last]) + 1
            last += 1
        parts.append(_batch(regions[first:last], first, scale))
        first = last
    hashes = np.concatenate([hashes for hashes, _ in parts]) if parts else np.zeros(0, dtype=np.uint64)
    region = np.concatenate([region for _, region in parts]) if parts else np.zeros(0, dtype=np.int64)
    return RegionKmers(hashes, region, np.bincount(region, minlength=len(regions)))


def _batch(regions: Sequence[Letters], first: int, scale: int) -> tuple[Hashes, IntArray]:
    """Returns the hashes and the region numbers of some regions, the first of which has the number `first`."""
    separator = np.frombuffer(b"N", dtype=np.uint8)
    letters = np.concatenate([part for each in regions for part in (each, separator)])
    codes, starts = kmer_codes(letters)
    hashes = mix_bits(codes)
    if scale > 1:
        is_kept = hashes < np.uint64(2**64 // scale)
        hashes, starts = hashes[is_kept], starts[is_kept]
    ends = np.cumsum([len(each) + 1 for each in regions])
    region = first + np.searchsorted(ends, starts, side="right")
    order = np.lexsort((hashes, region))
    hashes, region = hashes[order], region[order]
    is_new = np.ones(len(hashes), dtype=bool)
    is_new[1:] = (hashes[1:] != hashes[:-1]) | (region[1:] != region[:-1])
    return hashes[is_new], region[is_new]


def kmer_codes(letters: Letters) -> tuple[Hashes, IntArray]:
    """Returns the code of each canonical 31-mer without other letters, and the index at which it begins.

    A code has two bits for each base. Codes of 2, 4, 8 and 16 bases are made of two halves each, and 31 of 16, 8, 4, 2
    and 1.
    """
    codes_L = _CODES[letters].astype(np.uint64)
    size = len(codes_L) - KMER_LENGTH + 1
    if size < 1:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    forward, reverse = {1: codes_L & np.uint64(3)}, {1: np.uint64(3) - (codes_L & np.uint64(3))}
    for half in (1, 2, 4, 8):
        shift = np.uint64(2 * half)
        forward[2 * half] = forward[half][:-half] << shift | forward[half][half:]
        reverse[2 * half] = reverse[half][half:] << shift | reverse[half][:-half]
    forward_N, reverse_N = np.zeros((2, size), dtype=np.uint64)
    place = 0
    for length in (16, 8, 4, 2, 1):
        part = slice(place, place + size)
        forward_N = forward_N << np.uint64(2 * length) | forward[length][part]
        reverse_N = reverse_N | reverse[length][part] << np.uint64(2 * place)
        place += length
    num_others = np.concatenate(([0], np.cumsum(codes_L == _NO_BASE)))
    (starts,) = np.nonzero(num_others[KMER_LENGTH:] == num_others[:-KMER_LENGTH])
    return np.minimum(forward_N, reverse_N)[starts], starts
