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

from halo.text.cleaning import paragraphs

Hashes = npt.NDArray[np.uint64]
Keys = npt.NDArray[np.uint32]
Counts = npt.NDArray[np.int64]

SHINGLE_WORDS = 8
BAND_ROWS = 3
DIGEST_BYTES = 16
MISS_PROBABILITY = 1e-4
LONGEST_WORD = 4000  # bytes; a digest stands for longer ones, which bounds the memory of a step
_CHUNK_BYTES = 2**16  # what the powers and running sums of one step hold: small enough for the processor's cache
_SEED = 20230512

_generator = np.random.Generator(np.random.PCG64(_SEED))
_BYTE_VALUES: Hashes = _generator.integers(0, 2**64, 256, dtype=np.uint64)
_BASE, _MIX_1, _MIX_2 = (int(value) | 1 for value in _generator.integers(0, 2**64, 3, dtype=np.uint64))


def normalise(text: str) -> list[str]:
    r"""Returns the paragraphs of `text` in the form in which they are compared: lower case, single spaces.

    >>> normalise("The  News\n\nof TODAY")
    ['the news', 'of today']
    """
    return paragraphs(text.lower())


def digest(text: str) -> bytes:
    """Returns 16 bytes that in practice no two texts share."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()


def shingle_hashes(text: str) -> Hashes:
    """Returns a hash for each run of eight consecutive words of `text`, in order, repeated ones repeated.

    The hash of a run is a polynomial of its bytes modulo 2^64, taken as the difference of two running sums (as in Karp
    and Rabin 1987) and mixed; so a run costs the same however long its words are.

    Args:
        text: Words that are separated by single spaces.

    Returns:
        Shape (number of words - 7,), or (0,) for fewer than eight words.
    """
    buffer, starts, ends = _words(text)
    if len(buffer) > LONGEST_WORD and (ends - starts).max() > LONGEST_WORD:
        short = (word if len(word) <= LONGEST_WORD // 4 else digest(word).hex() for word in text.split(" "))
        buffer, starts, ends = _words(" ".join(short))
    number = len(starts) - SHINGLE_WORDS + 1
    hashes = np.empty(max(number, 0), dtype=np.uint64)
    first = 0
    while first < number:
        reach = int(np.searchsorted(ends, starts[first] + _CHUNK_BYTES)) - SHINGLE_WORDS + 1
        last = min(max(reach, first + 1), number)
        low, high = int(starts[first]), int(ends[last + SHINGLE_WORDS - 2])
        powers, inverses = _powers(1 << (high - low).bit_length())
        sums = np.zeros(high - low + 1, dtype=np.uint64)
        np.cumsum(_BYTE_VALUES[buffer[low:high]] * powers[: high - low], out=sums[1:])
        begin = starts[first:last] - low
        end = ends[first + SHINGLE_WORDS - 1 : last + SHINGLE_WORDS - 1] - low
        hashes[first:last] = _mix((sums[end] - sums[begin]) * inverses[begin])
        first = last
    return hashes


def _words(text: str) -> tuple[npt.NDArray[np.uint8], Counts, Counts]:
    """Returns the bytes of a text, and where in them its words begin and end."""
    buffer = np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)
    spaces = np.flatnonzero(buffer == ord(" "))
    return buffer, np.concatenate(([0], spaces + 1)), np.append(spaces, len(buffer))


@functools.cache  # of powers of two
def _powers(number: int) -> tuple[Hashes, Hashes]:
    """Returns the powers of the base, and of its inverse, modulo 2^64, from the 0th on."""
    inverse = pow(_BASE, -1, 2**64)
    powers = np.full(number, _BASE, dtype=np.uint64)
    inverses = np.full(number, inverse, dtype=np.uint64)
    powers[0] = inverses[0] = 1
    return np.cumprod(powers, dtype=np.uint64), np.cumprod(inverses, dtype=np.uint64)


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


def band_keys(hashes: Hashes, lengths: Counts, *, bands: int) -> Keys:
    """Returns the keys of the bands of each unit's MinHash signature, shape (units, bands).

    Args:
        hashes: The shingles of the units, one after another.
        lengths: How many of them belong to each unit. The keys of a unit without any mean nothing.
        bands: Number of bands.
    """
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(hashes, offsets, bands * BAND_ROWS, _SEED)
    signatures = np.array(matrix.to_rows(), dtype=np.uint64).reshape(len(lengths), bands, BAND_ROWS)
    keys = np.zeros((len(lengths), bands), dtype=np.uint64)
    for row in range(BAND_ROWS):
        keys = _mix(keys + signatures[:, :, row] + np.uint64(1))
    return (keys >> np.uint64(32)).astype(np.uint32)
