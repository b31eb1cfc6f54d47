"""Documents and paragraphs that stand twice, exactly or nearly: found before the split, so that nothing leaks.

Two texts are compared in lower case with single spaces. They are exact duplicates where that form is the same, and near
duplicates where the Jaccard similarity of their sets of shingles, runs of eight consecutive words, reaches the
threshold (Broder 1997, "On the resemblance and containment of documents").

    words -> hashes -> digest                                   equal digests: one of them is kept
                    -> shingles -> MinHash -> band keys         a common band: both are read again, and their exact
    `sign`, where the text is                                   similarity decides; `DuplicateFinder.finish`

While texts stream by, a unit (a document, or a paragraph long enough) leaves its digest and its band keys, 88 bytes at
a threshold of 0.8; sets of shingles would need more room than the text. So the few units with a common band are asked
for once more. Others are never compared, which makes the cost linear (Leskovec, Rajaraman and Ullman, "Mining of
massive datasets", chapter 3): a pair just at the threshold is missed once in 10,000 times, a more similar one more
rarely.
"""

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from halo.config import SPLITS, DuplicatesConfig
from halo.corpus.dedup.matching import WHOLE_DOCUMENT, ShingleCache, TextOf, Units, match
from halo.corpus.dedup.shingles import DIGEST_BYTES, Counts, Keys, band_keys, num_bands
from halo.corpus.dedup.signatures import Signatures

IdentityOf = Callable[[int], tuple[str, str, str]]


@dataclass(frozen=True)
class Dropped:
    """A document or paragraph that was dropped, and the one that is kept in its place.

    Attributes:
        unit: `document` or `paragraph`.
        kind: `exact` or `near`.
        source: Of the document that it was dropped from.
        paragraph: Its number there, from 1; 0 for a whole document.
        kept_source: Of the document that keeps it.
        kept_paragraph: Its number there, from 1; 0 for a whole document.
        similarity: Jaccard similarity to the kept one; 1 for exact ones.
    """

    unit: str
    kind: str
    source: str
    paragraph: int
    kept_source: str
    kept_paragraph: int
    similarity: float


@dataclass(frozen=True)
class Duplicates:
    """What is to be dropped. Documents are meant by their index in the order of adding.

    Attributes:
        documents: The documents that are dropped, those among them of which every paragraph is.
        paragraphs: For a document the positions of its paragraphs that are dropped, from 0.
        dropped: All of them, for people to read, in the order of their sources.
    """

    documents: frozenset[int]
    paragraphs: dict[int, frozenset[int]]
    dropped: tuple[Dropped, ...]

    def counts(self) -> dict[str, int]:
        """Returns how many were dropped of each kind, such as `{"exact documents": 2}`; without those of none."""
        return dict(sorted(Counter(f"{item.kind} {item.unit}s" for item in self.dropped).items()))


class _OpenDocument(NamedTuple):
    """The last document of a batch, which may go on in the next."""

    words: int
    digest: bytes
    minhash: Keys


class DuplicateFinder:
    """Finds the documents and paragraphs that stand twice, in one pass over the texts and a second look at a few.

    Which of several duplicates is kept depends on their content, not on the order of reading: the documents are ordered
    by their digests, which is an arbitrary but fixed order. In that order documents, then the paragraphs of those that
    are left, are dropped where they duplicate one that was kept; so no two that were kept duplicate each other. A
    paragraph stays in the document that keeps it as often as it stands there, and is dropped from all others.

    Documents of fewer than eight words have no shingles and are compared exactly only; so are short paragraphs.
    Documents without any word are left alone.
    """

    def __init__(self, config: DuplicatesConfig) -> None:
        self._config = config
        bands = num_bands(config.similarity)
        self._documents, self.paragraphs = Units(bands=bands), Units(bands=bands)
        self._num_paragraphs = array("q")
        self._open: _OpenDocument | None = None

    def add(self, batch: Signatures, *, continues: bool = False) -> None:
        """Takes the next documents.

        Args:
            batch: Their signatures, made of cleaned text, so that what cleaning makes alike is found.
            continues: Whether the first of them goes on with the last document of the batch before.
        """
        first = len(self._num_paragraphs) - 1 if continues else len(self._num_paragraphs)
        offset = self._num_paragraphs[first] if continues else 0
        place = batch.place + np.where(batch.document == 0, offset, 0)
        self.paragraphs.add(
            batch.document + first, place, batch.paragraph_words, batch.paragraph_digests, batch.paragraph_keys
        )
        if continues:
            self._num_paragraphs[first] += int(batch.num_paragraphs[0])
            self._num_paragraphs.extend(batch.num_paragraphs[1:].tolist())
        else:
            self._num_paragraphs.extend(batch.num_paragraphs.tolist())
        self._add_documents(batch, continues=continues)

    def _add_documents(self, batch: Signatures, *, continues: bool) -> None:
        """Adds all documents but the last, which may go on in the next batch."""
        words, digests, signatures = batch.words.copy(), list(batch.digests), batch.minhash
        if continues and self._open is not None:
            words[0] += self._open.words
            digests[0] = hashlib.blake2b(self._open.digest + digests[0], digest_size=DIGEST_BYTES).digest()
            signatures = np.concatenate((np.minimum(signatures[:1], self._open.minhash), signatures[1:]))
        elif self._open is not None:
            self._close()
        first = len(self._documents)
        whole = np.arange(first, first + len(words) - 1)
        self._documents.add(
            whole, np.full(len(whole), WHOLE_DOCUMENT), words[:-1], digests[:-1], band_keys(signatures[:-1])
        )
        self._open = _OpenDocument(int(words[-1]), digests[-1], signatures[-1:])

    def _close(self) -> None:
        if self._open is not None:
            at = np.array([len(self._documents)])
            words = np.array([self._open.words])
            self._documents.add(
                at, np.array([WHOLE_DOCUMENT]), words, [self._open.digest], band_keys(self._open.minhash)
            )
            self._open = None

    def finish(self, text_of: TextOf, identity_of: IdentityOf) -> Duplicates:
        """Returns what is to be dropped.

        Args:
            text_of: Returns the cleaned text of the document with the index that it is given. It is asked for the units
                that share a band with another, in no order.
            identity_of: Returns what tells a document from others with the same words, its source last.
        """
        self._close()
        rank, shingles = self._rank(identity_of), ShingleCache(text_of)
        similarity = self._config.similarity
        documents: dict[int, tuple[int, float]] = {}
        if self._config.documents:
            with_words = np.flatnonzero(self._documents.words)
            documents = match(self._documents, with_words, rank, shingles, similarity=similarity, repeats_stay=False)
        repeated: dict[int, tuple[int, float]] = {}
        emptied: set[int] = set()
        if self._config.paragraphs:
            left = np.flatnonzero(np.isin(self.paragraphs.document, list(documents), invert=True))
            # Fewer documents than splits will be cut into parts, and then a repetition within one could leak as well.
            for repeats_stay in (True, False):
                repeated = match(
                    self.paragraphs, left, rank, shingles, similarity=similarity, repeats_stay=repeats_stay
                )
                emptied = self._emptied(repeated)
                if len(rank) - len(documents) - len(emptied) >= len(SPLITS):
                    break
        return self._result(documents, repeated, emptied, identity_of)

    def _rank(self, identity_of: IdentityOf) -> Counts:
        """Returns for each document its place in an order that does not depend on the order of adding."""
        digests = self._documents.digests
        order = np.argsort(digests, kind="stable")
        equal = np.flatnonzero(digests[order[1:]] == digests[order[:-1]])
        for run in np.split(equal, np.flatnonzero(np.diff(equal) > 1) + 1) if len(equal) else ():
            tied = slice(int(run[0]), int(run[-1]) + 2)
            order[tied] = sorted(order[tied].tolist(), key=identity_of)
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        return rank

    def _emptied(self, repeated: dict[int, tuple[int, float]]) -> set[int]:
        """Returns the documents of which every paragraph is repeated elsewhere."""
        counts = Counter(int(self.paragraphs.document[unit]) for unit in repeated)
        return {document for document, count in counts.items() if count == self._num_paragraphs[document]}

    def _result(
        self,
        documents: dict[int, tuple[int, float]],
        repeated: dict[int, tuple[int, float]],
        emptied: set[int],
        identity_of: IdentityOf,
    ) -> Duplicates:
        places: dict[int, set[int]] = {}
        for unit in repeated:
            document, place = int(self.paragraphs.document[unit]), int(self.paragraphs.paragraph[unit])
            places.setdefault(document, set()).add(place)

        def describe(name: str, units: Units, unit: int, kept: int, similarity: float) -> Dropped:
            return Dropped(
                unit=name,
                kind="exact" if units.digests[unit] == units.digests[kept] else "near",
                source=identity_of(int(units.document[unit]))[-1],
                paragraph=int(units.paragraph[unit]) + 1,
                kept_source=identity_of(int(units.document[kept]))[-1],
                kept_paragraph=int(units.paragraph[kept]) + 1,
                similarity=similarity,
            )

        dropped = [
            *(describe("document", self._documents, unit, *kept) for unit, kept in documents.items()),
            *(describe("paragraph", self.paragraphs, unit, *kept) for unit, kept in repeated.items()),
        ]
        return Duplicates(
            documents=frozenset({*documents, *emptied}),
            paragraphs={document: frozenset(found) for document, found in places.items()},
            dropped=tuple(sorted(dropped, key=lambda item: (item.unit, item.source, item.paragraph))),
        )
