"""What is kept of the cleaned text of each held-out document: its hash, its length, and the cost of its unknown words.

With these, models with different tokenizers are compared in bits per character, document by document.

Shape letters: D documents.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

HASH_BYTES = 16
"""Enough that two different texts never have the same hash."""

HashArray = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class DocumentTexts:
    """Facts about the cleaned texts of the documents of a split.

    Attributes:
        hashes: The beginning of the SHA-256 hash of each text, shape (D, HASH_BYTES).
        characters: Number of characters of each text, shape (D,).
        oov_cost: Cost of spelling the unknown words of each text, see `OOVCost`, in nats, shape (D,).
    """

    hashes: HashArray
    characters: npt.NDArray[np.int64]
    oov_cost: npt.NDArray[np.float64]

    def save(self, file: Path) -> None:
        """Writes the facts as arrays.

        Raises:
            OSError: The disk is full.
        """
        with file.open("wb") as target:
            np.savez(target, hashes=self.hashes, characters=self.characters, oov_cost=self.oov_cost)

    @classmethod
    def load(cls, file: Path) -> "DocumentTexts":
        """Returns the facts that `save` wrote."""
        with np.load(file, allow_pickle=False) as saved:
            return cls(saved["hashes"], saved["characters"], saved["oov_cost"])


def hash_array(digests: list[bytes]) -> HashArray:
    """Returns the beginnings of SHA-256 digests as an array, shape (D, HASH_BYTES)."""
    return np.frombuffer(b"".join(each[:HASH_BYTES] for each in digests), dtype=np.uint8).reshape(-1, HASH_BYTES)
