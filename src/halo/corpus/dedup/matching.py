"""Which of many texts repeat which: equal digests, and pairs with a common band whose exact similarity is high enough.

A text leaves its digest and its band keys here, 88 bytes at a threshold of 0.8. Its set of shingles would take more
room than the text itself, so the few texts that share a band with another are asked for again.
"""

from array import array
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from halo.corpus.cleaning.pipeline import paragraphs
from halo.corpus.dedup.shingles import (
    DIGEST_BYTES,
    SHINGLE_WORDS,
    Counts,
    Hashes,
    Keys,
    jaccard,
    shingle_hashes,
    word_hashes,
)

# A band keeps this many units at most, and a unit is compared with so many at most, the likeliest first: so the cost
# stays linear where thousands of texts come from one template and are alike, but less than the threshold.
MAX_COMPARED = 100
CACHED_SHINGLES = 2**22  # 32 MiB
WHOLE_DOCUMENT = -1  # the place of a document in itself, where a paragraph has its position

TextOf = Callable[[int], str]


class Units:
    """Documents, or paragraphs: where they stand and what they are compared by."""

    def __init__(self, *, bands: int) -> None:
        self._bands = bands
        self._document, self._paragraph, self._words = array("q"), array("i"), array("q")
        self._digests = bytearray()
        self._keys: list[Keys] = []

    def __len__(self) -> int:
        return len(self._document)

    def add(self, document: Counts, paragraph: Counts, words: Counts, digests: Sequence[bytes], keys: Keys) -> None:
        """Adds units; `keys` are their band keys, or have no rows where these are not compared."""
        self._document.frombytes(document.astype(np.int64).tobytes())
        self._paragraph.frombytes(paragraph.astype(np.int32).tobytes())
        self._words.frombytes(words.astype(np.int64).tobytes())
        self._digests += b"".join(digests)
        self._keys.append(keys)

    @property
    def document(self) -> Counts:
        """For each unit the index of its document."""
        return np.frombuffer(self._document, dtype=np.int64)

    @property
    def paragraph(self) -> npt.NDArray[np.int32]:
        """For each unit its position in the document, or `WHOLE_DOCUMENT`."""
        return np.frombuffer(self._paragraph, dtype=np.int32)

    @property
    def words(self) -> Counts:
        """For each unit the number of its words."""
        return np.frombuffer(self._words, dtype=np.int64)

    @property
    def digests(self) -> npt.NDArray[np.bytes_]:
        """For each unit the digest of its text."""
        return np.frombuffer(self._digests, dtype=f"S{DIGEST_BYTES}")

    def colliding(self, units: Counts) -> dict[int, list[int]]:
        """Returns those of `units` that share a band with another of them, each with its band keys."""
        shares = np.zeros(len(units), dtype=bool)
        for band in range(self._bands if len(units) else 0):
            column = np.concatenate([keys[:, band] for keys in self._keys])[units]
            order = np.argsort(column, kind="stable")
            equal = column[order[1:]] == column[order[:-1]]
            shares[order[1:][equal]] = True
            shares[order[:-1][equal]] = True
        chosen = units[shares]
        if not len(chosen):
            return {}
        ends = np.cumsum([len(keys) for keys in self._keys])
        batches = np.searchsorted(ends, chosen, side="right")
        rows = (self._keys[batch][unit - ends[batch]] for unit, batch in zip(chosen, batches, strict=True))
        return {int(unit): row.tolist() for unit, row in zip(chosen, rows, strict=True)}


class ShingleCache:
    """The shingles of the documents that were compared last, from texts that are read again."""

    def __init__(self, text_of: TextOf) -> None:
        self._text_of = text_of
        self._cached: OrderedDict[int, tuple[Hashes, Counts]] = OrderedDict()
        self._size = 0

    def get(self, document: int, paragraph: int) -> Hashes:
        """Returns the shingles of a paragraph, or of a `WHOLE_DOCUMENT` document, sorted and without repetitions."""
        hashes, ends = self._document(document)
        if paragraph == WHOLE_DOCUMENT:
            return np.unique(hashes)
        first = int(ends[paragraph - 1]) if paragraph else 0
        return np.unique(hashes[first : int(ends[paragraph]) - SHINGLE_WORDS + 1])

    def _document(self, document: int) -> tuple[Hashes, Counts]:
        """Returns the shingles of a whole document in order, and up to which word each of its paragraphs goes."""
        if document in self._cached:
            self._cached.move_to_end(document)
            return self._cached[document]
        text = self._text_of(document)
        hashes = shingle_hashes(word_hashes(text))
        self._cached[document] = hashes, np.cumsum([line.count(" ") + 1 for line in paragraphs(text)])
        self._size += len(hashes)
        while self._size > CACHED_SHINGLES and len(self._cached) > 1:
            _, (oldest, _) = self._cached.popitem(last=False)
            self._size -= len(oldest)
        return self._cached[document]


def match(
    units: Units, eligible: Counts, rank: Counts, shingles: ShingleCache, *, similarity: float, repeats_stay: bool
) -> dict[int, tuple[int, float]]:
    """Returns for each unit that repeats another one the unit that is kept in its place, and their similarity.

    Args:
        units: All units.
        eligible: Which of them are compared, ascending.
        rank: For each document its place in the order in which they are preferred.
        shingles: Gives the texts' shingles again.
        similarity: The threshold.
        repeats_stay: Whether units of one document may repeat each other.
    """
    if not len(eligible):
        return {}
    first, group = _group_equal(units, eligible, rank)
    document, paragraph = units.document, units.paragraph

    def may_stand_together(one: int, other: int) -> bool:
        return repeats_stay and bool(document[one] == document[other])

    def compare(one: int, other: int) -> float:
        return jaccard(*(shingles.get(int(document[unit]), int(paragraph[unit])) for unit in (one, other)))

    near: dict[int, tuple[int, float]] = {}
    with_shingles = np.sort(first[units.words[first] >= SHINGLE_WORDS])
    colliding = units.colliding(with_shingles)
    buckets: dict[tuple[int, int], list[int]] = defaultdict(list)
    for unit in sorted(colliding, key=lambda unit: (rank[document[unit]], paragraph[unit])):
        bands = list(enumerate(colliding[unit]))
        shared = Counter(other for band in bands for other in buckets.get(band, ()))
        for other, _ in shared.most_common(MAX_COMPARED):
            if may_stand_together(unit, other):
                continue
            found = compare(unit, other)
            if found >= similarity:
                near[unit] = (other, found)
                break
        else:
            for band in bands:
                if len(buckets[band]) < MAX_COMPARED:
                    buckets[band].append(unit)
    result = dict(near)
    for position in np.flatnonzero(first[group] != eligible):
        unit, kept = int(eligible[position]), int(first[group[position]])
        if kept in near:
            result[unit] = near[kept]
        elif not may_stand_together(unit, kept):
            result[unit] = (kept, 1.0)
    return result


def _group_equal(units: Units, eligible: Counts, rank: Counts) -> tuple[Counts, Counts]:
    """Returns the preferred unit of each group of equal ones, and for each eligible unit the number of its group."""
    _, group = np.unique(units.digests[eligible], return_inverse=True)
    order = np.lexsort((units.paragraph[eligible], rank[units.document[eligible]], group))
    _, begins = np.unique(group[order], return_index=True)
    return eligible[order[begins]], group
