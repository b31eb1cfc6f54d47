"""The table of passages (documents, or paragraphs) that are compared, and the shingles of those that are read again.

A passage takes 88 bytes here at a threshold of 0.8: its digest, its band keys and its location. Its set of shingles
would take more room than the text itself, so the few texts that share a band with another are read a second time.
"""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from halo.corpus.cleaning.white_space import paragraphs
from halo.corpus.dedup.minhash import BandKeys
from halo.corpus.dedup.shingles import DIGEST_BYTES, SHINGLE_UNITS, ShingleHashes, shingle_hashes, unit_hashes
from halo.runtime.array_types import IntArray

MAX_CACHED_SHINGLES = 2**22  # 32 MiB
WHOLE_DOCUMENT = -1  # in place of the position of a paragraph

TextOf = Callable[[int], str]


class PassageTable:
    """Documents, or paragraphs: their location, length, digest and band keys.

    Args:
        bands: Number of bands of each passage.
    """

    def __init__(self, *, bands: int) -> None:
        self._bands = bands
        self._document, self._position, self._units = array("q"), array("i"), array("q")
        self._digests = bytearray()
        self._keys: list[BandKeys] = []

    def __len__(self) -> int:
        return len(self._document)

    def add(
        self, document: IntArray, position: IntArray, units: IntArray, digests: Sequence[bytes], keys: BandKeys
    ) -> None:
        """Adds passages.

        Args:
            document: Index of the document of each passage.
            position: Position of each paragraph in its document, from 0, or `WHOLE_DOCUMENT`.
            units: Number of units of each passage.
            digests: Digest of each passage.
            keys: Band keys of each passage; without rows where this kind of passage is not compared.
        """
        self._document.frombytes(document.astype(np.int64).tobytes())
        self._position.frombytes(position.astype(np.int32).tobytes())
        self._units.frombytes(units.astype(np.int64).tobytes())
        self._digests += b"".join(digests)
        self._keys.append(keys)

    @property
    def document(self) -> IntArray:
        """For each passage the index of its document."""
        return np.frombuffer(self._document, dtype=np.int64)

    @property
    def position(self) -> npt.NDArray[np.int32]:
        """For each passage its position in the document, or `WHOLE_DOCUMENT`."""
        return np.frombuffer(self._position, dtype=np.int32)

    @property
    def units(self) -> IntArray:
        """For each passage its number of units."""
        return np.frombuffer(self._units, dtype=np.int64)

    @property
    def digests(self) -> npt.NDArray[np.bytes_]:
        """For each passage the digest of its text."""
        return np.frombuffer(self._digests, dtype=f"S{DIGEST_BYTES}")

    def colliding(self, passages: IntArray) -> dict[int, list[int]]:
        """Returns those of `passages` that share a band key with another of them, each with its band keys."""
        shares = np.zeros(len(passages), dtype=bool)
        for band in range(self._bands if len(passages) else 0):
            column = np.concatenate([keys[:, band] for keys in self._keys])[passages]
            order = np.argsort(column, kind="stable")
            equal = column[order[1:]] == column[order[:-1]]
            shares[order[1:][equal]] = True
            shares[order[:-1][equal]] = True
        chosen = passages[shares]
        if not len(chosen):
            return {}
        ends = np.cumsum([len(keys) for keys in self._keys])
        batches = np.searchsorted(ends, chosen, side="right")
        rows = (self._keys[batch][passage - ends[batch]] for passage, batch in zip(chosen, batches, strict=True))
        return {int(passage): row.tolist() for passage, row in zip(chosen, rows, strict=True)}


class ShingleCache:
    """The shingles of the most recently compared documents, whose texts are read again for this.

    Args:
        text_of: Returns the cleaned text of a document, given its index.
    """

    def __init__(self, text_of: TextOf) -> None:
        self._text_of = text_of
        self._cached: OrderedDict[int, tuple[ShingleHashes, IntArray]] = OrderedDict()
        self._size = 0

    def get(self, document: int, position: int) -> ShingleHashes:
        """Returns the shingles of a paragraph or of a `WHOLE_DOCUMENT`, sorted and without repetitions."""
        hashes, ends = self._document(document)
        if position == WHOLE_DOCUMENT:
            return np.unique(hashes)
        first = int(ends[position - 1]) if position else 0
        return np.unique(hashes[first : int(ends[position]) - SHINGLE_UNITS + 1])

    def _document(self, document: int) -> tuple[ShingleHashes, IntArray]:
        """Returns the shingles of a document in order, and the end of each of its paragraphs in units."""
        if document in self._cached:
            self._cached.move_to_end(document)
            return self._cached[document]
        text = self._text_of(document)
        units = [unit_hashes(line) for line in paragraphs(text)]
        hashes = shingle_hashes(np.concatenate(units))
        self._cached[document] = hashes, np.cumsum(list(map(len, units)))
        self._size += len(hashes)
        while self._size > MAX_CACHED_SHINGLES and len(self._cached) > 1:
            _, (oldest, _) = self._cached.popitem(last=False)
            self._size -= len(oldest)
        return self._cached[document]
