"""Shingles, the runs of eight consecutive words of a text, as 64-bit hashes, and MinHash signatures of sets of them.

Shingles and what two sets of them say about two texts are Broder's (1997, "On the resemblance and containment of
documents"). The hashes are the same on every machine and in every process, unlike Python's own.
"""

import functools
import hashlib
import math

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

Hashes = npt.NDArray[np.uint64]
Keys = npt.NDArray[np.uint32]
Counts = npt.NDArray[np.int64]

SHINGLE_WORDS = 8
BAND_ROWS = 3
DIGEST_BYTES = 16
MISS_PROBABILITY = 1e-4
_SEED = 20230512

_generator = np.random.Generator(np.random.PCG64(_SEED))
_BASE, _MIX_1, _MIX_2 = (int(value) | 1 for value in _generator.integers(0, 2**64, 3, dtype=np.uint64))


def word_hash(word: str) -> int:
    """Returns 64 bits that in practice no two words share; capitals and small letters are the same."""
    lowered = word.lower().encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(lowered, digest_size=8).digest(), "little")


@functools.lru_cache(maxsize=2**18)
def _cached_word_hash(word: str) -> int:
    return word_hash(word)


def word_hashes(text: str) -> Hashes:
    """Returns the hash of each stretch between white space, shape (number of words,)."""
    words = text.split()
    return np.fromiter(map(_cached_word_hash, words), dtype=np.uint64, count=len(words))


def digest(words: Hashes) -> bytes:
    """Returns 16 bytes that in practice no two sequences of words share."""
    return hashlib.blake2b(words.tobytes(), digest_size=DIGEST_BYTES).digest()


def shingle_hashes(words: Hashes) -> Hashes:
    """Returns a hash for each run of eight consecutive words, in order, repeated ones repeated.

    The hash of a run is a polynomial of the hashes of its words modulo 2^64 (as in Karp and Rabin 1987), mixed.

    Args:
        words: The hashes of the words.

    Returns:
        Shape (number of words - 7,), or (0,) for fewer than eight words.
    """
    number = max(len(words) - SHINGLE_WORDS + 1, 0)
    hashes = np.zeros(number, dtype=np.uint64)
    for position in range(SHINGLE_WORDS if number else 0):
        hashes *= np.uint64(_BASE)
        hashes += words[position : position + number]
    return _mix(hashes)


def _mix(values: Hashes) -> Hashes:
    """Returns values of which every bit depends on every bit, in the manner of MurmurHash's last step."""
    values = (values ^ (values >> np.uint64(32))) * np.uint64(_MIX_1)
    values = (values ^ (values >> np.uint64(29))) * np.uint64(_MIX_2)
    return values ^ (values >> np.uint64(32))


def shingles_inside(hashes: Hashes, num_words: Counts, chosen: npt.NDArray[np.bool_]) -> Hashes:
    """Returns the hashes of those shingles that lie wholly inside one of the chosen units.

    Args:
        hashes: Of a text that consists of the units one after another.
        num_words: Words of each unit.
        chosen: For each unit whether it is wanted.
    """
    unit_of_word = np.repeat(np.arange(len(num_words)), num_words)
    begins, ends = unit_of_word[: len(hashes)], unit_of_word[SHINGLE_WORDS - 1 :]
    inside: Hashes = hashes[(begins == ends) & chosen[begins]]
    return inside


def jaccard(one: Hashes, other: Hashes) -> float:
    """Returns shared / all of two sorted arrays without repetitions, 0 where both are empty."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / max(len(one) + len(other) - shared, 1)


def num_bands(similarity: float) -> int:
    """Returns how many bands find a pair of this similarity but for `MISS_PROBABILITY` (Leskovec et al., chapter 3).

    A band of three signature values agrees with a probability of similarity^3. Three is little: the pairs that are
    compared in vain cost time, but a longer band would need more of them, and memory for every unit.

    >>> num_bands(0.8)
    13
    """
    agree = similarity**BAND_ROWS
    return 1 if agree >= 1 else math.ceil(math.log(MISS_PROBABILITY) / math.log1p(-agree))


def minhash(hashes: Hashes, num_words: Counts, *, bands: int) -> Keys:
    """Returns the MinHash signature of each unit, shape (units, 3 * bands).

    The signature of a text in two pieces is the minimum of theirs.

    Args:
        hashes: The shingles of the units, one after another.
        num_words: Words of each unit. Fewer than eight have no shingle, and their signature means nothing.
        bands: Number of bands that keys are to be made for.
    """
    lengths = np.maximum(num_words - SHINGLE_WORDS + 1, 0)
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(hashes, offsets, bands * BAND_ROWS, _SEED)
    return np.array(matrix.to_rows(), dtype=np.uint32).reshape(len(num_words), bands * BAND_ROWS)


def band_keys(signatures: Keys) -> Keys:
    """Returns the keys of the bands of MinHash signatures, shape (units, bands)."""
    by_band = signatures.reshape(len(signatures), signatures.shape[1] // BAND_ROWS, BAND_ROWS).astype(np.uint64)
    keys = np.zeros(by_band.shape[:2], dtype=np.uint64)
    for row in range(BAND_ROWS):
        keys = _mix(keys + by_band[:, :, row] + np.uint64(1))
    return (keys >> np.uint64(32)).astype(np.uint32)
