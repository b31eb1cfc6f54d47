"""DNA as numbers: A, C, G and T are 0 to 3, and every other letter is `UNKNOWN`.

Shape letters: P positions of a sequence.
"""

import numpy as np
import numpy.typing as npt

from halo.corpus.genomes import letters

BASES = "ACGT"
UNKNOWN = 4
"""The code of N and of all other letters, which are never predicted and end the context of what follows."""
UNIFORM_BITS = 2.0
"""Bits per base of a model that knows nothing: log2 of four bases."""

Codes = npt.NDArray[np.uint8]

_CODES = np.full(256, UNKNOWN, dtype=np.uint8)
for _code, _base in enumerate(BASES):
    _CODES[[ord(_base), ord(_base.lower())]] = _code


def codes_of(sequence: str) -> Codes:
    """Returns the code of each letter, shape (P,), of capitals and small letters alike.

    >>> codes_of("ACgtN").tolist()
    [0, 1, 2, 3, 4]
    """
    return _CODES[np.frombuffer(sequence.encode("ascii", "replace"), dtype=np.uint8)]


def reverse_complement(sequence: str) -> str:
    """Returns the other strand, read in its own direction; IUPAC letters have complements too.

    >>> reverse_complement("AACgRN")
    'NYcGTT'
    """
    return letters.reverse_complement(np.frombuffer(sequence.encode("ascii"), dtype=np.uint8)).tobytes().decode("ascii")
