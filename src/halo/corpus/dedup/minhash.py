"""MinHash signatures of sets of shingles, and their band keys for locality-sensitive hashing.

Bands are compared by sorting, in `PassageTable.colliding`, and not by rensa's `RMinHashLSH` (0.5). Its digest matrices
can neither be pickled nor rebuilt from rows, which signatures from worker processes and of documents read in pieces
require; for a matrix it only reports whether a passage has a candidate, not which; and with 200,000 passages of 13
bands it took 210 MB and 4.0 s, whereas sorting takes 50 MB and 0.8 s.
"""

import math

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

from halo.corpus.dedup.shingles import HASH_SEED, SHINGLE_UNITS, ShingleHashes, mix_bits
from halo.runtime.array_types import IntArray

MinHashes = npt.NDArray[np.uint32]
"""MinHash signatures, shape (passages, BAND_ROWS * bands)."""

BandKeys = npt.NDArray[np.uint32]
"""Hashes of the bands of signatures, shape (passages, bands)."""

BAND_ROWS = 3
MISS_PROBABILITY = 1e-4


def num_bands(similarity: float) -> int:
    """Returns the number of bands that miss a pair of this similarity with at most `MISS_PROBABILITY`.

    A band of three signature values agrees with probability similarity^3 (Leskovec et al., chapter 3). Bands this short
    produce more candidates that turn out to be different, which costs time; longer ones would have to be more numerous,
    which costs memory for every passage.

    >>> num_bands(0.8)
    13
    """
    agree = similarity**BAND_ROWS
    return 1 if agree >= 1 else math.ceil(math.log(MISS_PROBABILITY) / math.log1p(-agree))


def minhash(shingles: ShingleHashes, num_units: IntArray, *, bands: int) -> MinHashes:
    """Returns the MinHash signature of each passage, shape (passages, 3 * bands).

    The signature of a text in two pieces is the elementwise minimum of theirs.

    Args:
        shingles: The shingles of the passages, one passage after another.
        num_units: Number of units of each passage. With fewer than eight there is no shingle, and the signature has no
            meaning.
        bands: Number of bands that the signatures will be cut into.
    """
    lengths = np.maximum(num_units - SHINGLE_UNITS + 1, 0)
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(shingles, offsets, bands * BAND_ROWS, HASH_SEED)
    return np.array(matrix.to_rows(), dtype=np.uint32).reshape(len(num_units), bands * BAND_ROWS)


def band_keys(signatures: MinHashes) -> BandKeys:
    """Returns one key for each band of each MinHash signature, shape (passages, bands)."""
    by_band = signatures.reshape(len(signatures), signatures.shape[1] // BAND_ROWS, BAND_ROWS).astype(np.uint64)
    keys = np.zeros(by_band.shape[:2], dtype=np.uint64)
    for row in range(BAND_ROWS):
        keys = mix_bits(keys + by_band[:, :, row] + np.uint64(1))
    return (keys >> np.uint64(32)).astype(np.uint32)
