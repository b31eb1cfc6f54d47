"""Unit and shingle hashes: a shingle is a run of eight consecutive units (words, see `units`), as a 64-bit hash.

Shingles, and what two sets of them reveal about two texts, are from Broder (1997), "On the resemblance and containment
of documents". The hashes are the same on every machine and in every process, unlike Python's own.
"""

import functools
import hashlib
import itertools

import numpy as np
import numpy.typing as npt

from halo.corpus.dedup.units import split_units
from halo.runtime.array_types import BoolArray, IntArray

UnitHashes = npt.NDArray[np.uint64]
ShingleHashes = npt.NDArray[np.uint64]

SHINGLE_UNITS = 8
DIGEST_BYTES = 16
HASH_SEED = 20230512

_generator = np.random.Generator(np.random.PCG64(HASH_SEED))
_BASE, _MULTIPLIER_1, _MULTIPLIER_2 = (int(value) | 1 for value in _generator.integers(0, 2**64, 3, dtype=np.uint64))


def hashes_of_word(word: str) -> list[int]:
    """Returns a 64-bit hash of each unit of a word, which in practice no other unit has; case is ignored."""
    return [_hash(unit) for unit in split_units(word)]


def _hash(unit: str) -> int:
    lowered = unit.lower().encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(lowered, digest_size=8).digest(), "little")


@functools.lru_cache(maxsize=2**18)
def _cached_hashes_of_word(word: str) -> list[int]:
    return hashes_of_word(word)


def unit_hashes(text: str) -> UnitHashes:
    """Returns the hash of each unit of the whitespace-separated words of a text, shape (number of units,)."""
    hashes = itertools.chain.from_iterable(map(_cached_hashes_of_word, text.split()))
    return np.fromiter(hashes, dtype=np.uint64)


def digest(units: UnitHashes) -> bytes:
    """Returns a digest of 16 bytes, which in practice no other sequence of units has."""
    return hashlib.blake2b(units.tobytes(), digest_size=DIGEST_BYTES).digest()


def shingle_hashes(units: UnitHashes) -> ShingleHashes:
    """Returns the hash of each run of eight consecutive units, in order, with repetitions.

    The hash of a run is a polynomial of the hashes of its units modulo 2^64 (Karp and Rabin 1987), then mixed.

    Args:
        units: The hashes of the units.

    Returns:
        Shape (number of units - 7,), or (0,) for fewer than eight units.
    """
    number = max(len(units) - SHINGLE_UNITS + 1, 0)
    hashes = np.zeros(number, dtype=np.uint64)
    for position in range(SHINGLE_UNITS if number else 0):
        hashes *= np.uint64(_BASE)
        hashes += units[position : position + number]
    return mix_bits(hashes)


def mix_bits(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Returns hashes in which every bit depends on every bit of the input, as in the final step of MurmurHash."""
    values = (values ^ (values >> np.uint64(32))) * np.uint64(_MULTIPLIER_1)
    values = (values ^ (values >> np.uint64(29))) * np.uint64(_MULTIPLIER_2)
    return values ^ (values >> np.uint64(32))


def shingles_within(shingles: ShingleHashes, num_units: IntArray, chosen: BoolArray) -> ShingleHashes:
    """Returns the shingles that lie entirely within one of the chosen passages.

    Args:
        shingles: The shingles of a text that consists of the passages one after another.
        num_units: Number of units of each passage.
        chosen: Whether each passage is chosen.
    """
    passage_of_unit = np.repeat(np.arange(len(num_units)), num_units)
    first, last = passage_of_unit[: len(shingles)], passage_of_unit[SHINGLE_UNITS - 1 :]
    inside: ShingleHashes = shingles[(first == last) & chosen[first]]
    return inside


def jaccard(one: ShingleHashes, other: ShingleHashes) -> float:
    """Returns the Jaccard similarity (intersection over union) of two sorted arrays without repetitions.

    The similarity of two empty arrays is 0.
    """
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / max(len(one) + len(other) - shared, 1)
