"""Deduplication of documents and paragraphs, exact and near, before the split, so that no text leaks between splits.

Texts are compared in lower case as sequences of units: words, or characters where no spaces separate words, see
`halo.corpus.dedup.units`. Two are exact duplicates if their units are the same, and near duplicates if the Jaccard
similarity of their sets of shingles, runs of eight consecutive units, reaches the threshold (Broder 1997, "On the
resemblance and containment of documents").

    units -> hashes -> digest                                   equal digests: one of them is kept
                    -> shingles -> MinHash -> band keys         a common band: both are read again, and their exact
    `compute_signatures`, where the text is cleaned             similarity decides; `DuplicateFinder.find`

While texts stream by, only the digest, band keys and location of each passage (a document, or a paragraph that is long
enough) are kept, 88 bytes at a threshold of 0.8; sets of shingles would need more room than the text. So the few
passages with a common band are read once more. Others are never compared, which makes the cost linear (Leskovec,
Rajaraman and Ullman, "Mining of massive datasets", chapter 3): a pair exactly at the threshold is missed once in 10,000
times, a more similar one more rarely.
"""

import hashlib
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from halo.config import SPLITS, DuplicatesConfig
from halo.corpus.dedup.duplicates import DuplicatePassage, Duplicates, Example
from halo.corpus.dedup.excerpts import differing_excerpts
from halo.corpus.dedup.minhash import MinHashes, band_keys, num_bands
from halo.corpus.dedup.passage_matching import Match, Matches, match_passages
from halo.corpus.dedup.passages import WHOLE_DOCUMENT, PassageTable, ShingleCache, TextOf
from halo.corpus.dedup.preference import TRAIN, IdentityOf, Preference, order_documents
from halo.corpus.dedup.shingles import DIGEST_BYTES, SHINGLE_UNITS
from halo.corpus.dedup.signatures import BatchSignatures
from halo.runtime.array_types import IntArray

CutOf = Callable[[int], Sequence[int]]


class _OpenDocument(NamedTuple):
    """The last document of a batch, which may continue in the next."""

    units: int
    digest: bytes
    minhashes: MinHashes


class DuplicateFinder:
    """Finds duplicate documents and paragraphs in one pass over the texts and a second look at a few of them.

    Which of several duplicates is kept depends on their content, not on the order of reading, see `order_documents`.
    In this order, documents, then the paragraphs of the remaining ones, are dropped if they duplicate one that was
    kept; so no two that were kept duplicate each other. A paragraph that is repeated within the document that keeps it
    stays there as often as it occurs, and is dropped from all others; if that document will be cut, it stays in the
    first part that it occurs in.

    Texts that were given for validation and test stay whole, whatever they repeat: what they share with the training
    text is dropped from the training text, and what they share with each other is reported.

    Documents of fewer than eight units, such as "yes" in a dialogue, have no shingles and are never dropped; nor are
    paragraphs of fewer words than `min_paragraph_words`.

    Attributes:
        config: Which passages are compared, and from which similarity they count as duplicates.
        documents: The table of the documents.
        paragraphs: The table of the paragraphs that are long enough to be compared.
    """

    def __init__(self, config: DuplicatesConfig) -> None:
        self.config = config
        bands = num_bands(config.similarity)
        self.documents, self.paragraphs = PassageTable(bands=bands), PassageTable(bands=bands)
        self._num_paragraphs = array("q")
        self._open: _OpenDocument | None = None

    def add(self, batch: BatchSignatures, *, continues: bool = False) -> None:
        """Adds the next documents.

        Args:
            batch: Their signatures, computed from cleaned text, so that texts that cleaning makes equal are found.
            continues: Whether the first of them continues the last document of the batch before.
        """
        first = len(self._num_paragraphs) - 1 if continues else len(self._num_paragraphs)
        offset = self._num_paragraphs[first] if continues else 0
        self.paragraphs.add(
            batch.paragraph_document + first,
            batch.paragraph_position + np.where(batch.paragraph_document == 0, offset, 0),
            batch.paragraph_units,
            batch.paragraph_digests,
            batch.paragraph_keys,
        )
        if continues:
            self._num_paragraphs[first] += int(batch.num_paragraphs[0])
            self._num_paragraphs.extend(batch.num_paragraphs[1:].tolist())
        else:
            self._num_paragraphs.extend(batch.num_paragraphs.tolist())
        self._add_documents(batch, continues=continues)

    def _add_documents(self, batch: BatchSignatures, *, continues: bool) -> None:
        """Adds all documents but the last, which may continue in the next batch."""
        units, digests, minhashes = batch.document_units.copy(), list(batch.document_digests), batch.document_minhashes
        if continues and self._open is not None:
            units[0] += self._open.units
            digests[0] = hashlib.blake2b(self._open.digest + digests[0], digest_size=DIGEST_BYTES).digest()
            minhashes = np.concatenate((np.minimum(minhashes[:1], self._open.minhashes), minhashes[1:]))
        elif self._open is not None:
            self._close_document()
        first = len(self.documents)
        complete = np.arange(first, first + len(units) - 1)
        position = np.full(len(complete), WHOLE_DOCUMENT)
        self.documents.add(complete, position, units[:-1], digests[:-1], band_keys(minhashes[:-1]))
        self._open = _OpenDocument(int(units[-1]), digests[-1], minhashes[-1:])

    def _close_document(self) -> None:
        if self._open is not None:
            document = np.array([len(self.documents)])
            position, units = np.array([WHOLE_DOCUMENT]), np.array([self._open.units])
            self.documents.add(document, position, units, [self._open.digest], band_keys(self._open.minhashes))
            self._open = None

    def find(
        self,
        text_of: TextOf,
        identity_of: IdentityOf,
        *,
        given_splits: npt.NDArray[np.int8] | None = None,
        cut_of: CutOf = lambda _: (),
    ) -> Duplicates:
        """Returns the duplicates among all documents that were added.

        Args:
            text_of: Returns the cleaned text of a document, given its index. It is called for the documents of the
                passages that share a band with another, in no particular order.
            identity_of: Returns what distinguishes a document from others with the same units, its source last.
            given_splits: For each document the split that it was given for, see `Preference`; None: all documents are
                still to be divided.
            cut_of: Returns the positions of the paragraphs at which a document will be cut if there are fewer documents
                than splits.
        """
        self._close_document()
        if given_splits is None:
            given_splits = np.full(len(self.documents), -1, dtype=np.int8)
        preference = order_documents(self.documents.digests, given_splits, identity_of)
        shingles = ShingleCache(text_of)
        documents = Matches({}, {})
        if self.config.documents:
            documents = match_passages(
                self.documents,
                np.flatnonzero(self.documents.units >= SHINGLE_UNITS),
                preference,
                shingles,
                similarity=self.config.similarity,
                groups=np.arange(len(self.documents)),
            )
        paragraphs = self._match_paragraphs(documents, preference, shingles, cut_of)
        return self._result(documents, paragraphs, preference, identity_of, text_of)

    def _match_paragraphs(
        self, documents: Matches, preference: Preference, shingles: ShingleCache, cut_of: CutOf
    ) -> Matches:
        """Returns the duplicates among the paragraphs of the documents that remain."""
        if not self.config.paragraphs:
            return Matches({}, {})
        remaining = np.flatnonzero(np.isin(self.paragraphs.document, list(documents.dropped), invert=True))
        match = partial(
            match_passages, self.paragraphs, remaining, preference, shingles, similarity=self.config.similarity
        )
        matches = match(groups=self.paragraphs.document)
        num_remaining = len(self.documents) - len(documents.dropped) - len(self._emptied(matches.dropped))
        if num_remaining < len(SPLITS) and preference.is_divided:
            # The documents will be cut, and then a paragraph may only be repeated within one part.
            matches = match(groups=self._parts_of_paragraphs(cut_of))
        return matches

    def _parts_of_paragraphs(self, cut_of: CutOf) -> IntArray:
        """Returns for each paragraph a number of the part of its document that it is in."""
        document, position = self.paragraphs.document, self.paragraphs.position
        cuts = {number: cut_of(number) for number in np.unique(document).tolist()}
        places = zip(document.tolist(), position.tolist(), strict=True)
        parts = [bisect_right(cuts[number], place) for number, place in places]
        return document * len(SPLITS) + np.array(parts, dtype=np.int64)

    def _emptied(self, paragraphs: dict[int, Match]) -> set[int]:
        """Returns the documents of which every paragraph is dropped."""
        counts = Counter(int(self.paragraphs.document[passage]) for passage in paragraphs)
        return {document for document, count in counts.items() if count == self._num_paragraphs[document]}

    def _result(
        self,
        documents: Matches,
        paragraphs: Matches,
        preference: Preference,
        identity_of: IdentityOf,
        text_of: TextOf,
    ) -> Duplicates:
        positions: dict[int, set[int]] = {}
        for passage in paragraphs.dropped:
            document, position = int(self.paragraphs.document[passage]), int(self.paragraphs.position[passage])
            positions.setdefault(document, set()).add(position)

        def duplicate_passage(unit: str, table: PassageTable, passage: int, match: Match) -> DuplicatePassage:
            kept = match.kept
            return DuplicatePassage(
                unit=unit,
                kind="exact" if table.digests[passage] == table.digests[kept] else "near",
                source=identity_of(int(table.document[passage]))[-1],
                paragraph=int(table.position[passage]) + 1,
                kept_source=identity_of(int(table.document[kept]))[-1],
                kept_paragraph=int(table.position[kept]) + 1,
                kept_split=preference.given_split(int(table.document[kept])),
                similarity=match.similarity,
            )

        def listed(documents: Mapping[int, Match], paragraphs: Mapping[int, Match]) -> tuple[DuplicatePassage, ...]:
            passages = [
                *(duplicate_passage("document", self.documents, *item) for item in documents.items()),
                *(duplicate_passage("paragraph", self.paragraphs, *item) for item in paragraphs.items()),
            ]
            return tuple(sorted(passages, key=lambda item: (item.unit, item.source, item.paragraph)))

        may_lose = preference.given_splits <= TRAIN
        elsewhere = {  # of documents that are not shared as a whole
            passage: match
            for passage, match in paragraphs.shared.items()
            if int(self.paragraphs.document[passage]) not in documents.shared
        }
        return Duplicates(
            documents=frozenset({*documents.dropped, *self._emptied(paragraphs.dropped)}),
            paragraphs={document: frozenset(found) for document, found in positions.items()},
            dropped=listed(documents.dropped, paragraphs.dropped),
            shared=listed(documents.shared, elsewhere),
            num_documents=int(may_lose.sum()),
            num_units=int(self.documents.units[may_lose].sum()),
            num_dropped_units=sum(int(self.documents.units[passage]) for passage in documents.dropped)
            + sum(int(self.paragraphs.units[passage]) for passage in paragraphs.dropped),
            example=self._example(documents.dropped, paragraphs.dropped, text_of),
            kept_documents={document: match.kept for document, match in documents.dropped.items()},
        )

    def _example(
        self, documents: Mapping[int, Match], paragraphs: Mapping[int, Match], text_of: TextOf
    ) -> Example | None:
        """Returns excerpts of the two least similar passages of which one is dropped."""
        if not documents and not paragraphs:
            return None
        candidates = [
            (match.similarity, passage, match.kept, table)
            for table, matches in ((self.documents, documents), (self.paragraphs, paragraphs))
            for passage, match in matches.items()
        ]
        _, passage, kept, table = min(candidates, key=lambda item: item[0])

        def text(index: int) -> str:
            document, position = text_of(int(table.document[index])), int(table.position[index])
            return document if position == WHOLE_DOCUMENT else document.split("\n\n")[position]

        return differing_excerpts(text(passage), text(kept))
