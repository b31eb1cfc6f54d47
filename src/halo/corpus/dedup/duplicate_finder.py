"""Deduplication of documents and paragraphs, exact and near, before the split, so that no text leaks between splits.

Texts are compared in lower case with single spaces. Two are exact duplicates if this form is the same, and near
duplicates if the Jaccard similarity of their sets of shingles, runs of eight consecutive words, reaches the threshold
(Broder 1997, "On the resemblance and containment of documents").

    words -> hashes -> digest                                   equal digests: one of them is kept
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
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from halo.config import SPLITS, DuplicatesConfig
from halo.corpus.dedup.duplicates import DroppedPassage, Duplicates
from halo.corpus.dedup.minhash import MinHashes, band_keys, num_bands
from halo.corpus.dedup.passage_matching import Match, match_passages
from halo.corpus.dedup.passages import WHOLE_DOCUMENT, PassageTable, ShingleCache, TextOf
from halo.corpus.dedup.shingles import DIGEST_BYTES
from halo.corpus.dedup.signatures import BatchSignatures
from halo.runtime.array_types import IntArray

IdentityOf = Callable[[int], tuple[str, str, str]]


class _OpenDocument(NamedTuple):
    """The last document of a batch, which may continue in the next."""

    words: int
    digest: bytes
    minhashes: MinHashes


class DuplicateFinder:
    """Finds duplicate documents and paragraphs in one pass over the texts and a second look at a few of them.

    Which of several duplicates is kept depends on their content, not on the order of reading: documents are ordered by
    their digests, which is an arbitrary but fixed order. In that order, documents, then the paragraphs of the remaining
    ones, are dropped if they duplicate one that was kept; so no two that were kept duplicate each other. A paragraph
    that is repeated within the document that keeps it stays there as often as it occurs, and is dropped from all
    others.

    Documents of fewer than eight words have no shingles and are only compared exactly; so are short paragraphs.
    Documents without any words are never dropped.

    Attributes:
        paragraphs: The table of the paragraphs that are long enough to be compared.
    """

    def __init__(self, config: DuplicatesConfig) -> None:
        self._config = config
        bands = num_bands(config.similarity)
        self._documents, self.paragraphs = PassageTable(bands=bands), PassageTable(bands=bands)
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
            batch.paragraph_words,
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
        words, digests, minhashes = batch.document_words.copy(), list(batch.document_digests), batch.document_minhashes
        if continues and self._open is not None:
            words[0] += self._open.words
            digests[0] = hashlib.blake2b(self._open.digest + digests[0], digest_size=DIGEST_BYTES).digest()
            minhashes = np.concatenate((np.minimum(minhashes[:1], self._open.minhashes), minhashes[1:]))
        elif self._open is not None:
            self._close_document()
        first = len(self._documents)
        complete = np.arange(first, first + len(words) - 1)
        position = np.full(len(complete), WHOLE_DOCUMENT)
        self._documents.add(complete, position, words[:-1], digests[:-1], band_keys(minhashes[:-1]))
        self._open = _OpenDocument(int(words[-1]), digests[-1], minhashes[-1:])

    def _close_document(self) -> None:
        if self._open is not None:
            document = np.array([len(self._documents)])
            position, words = np.array([WHOLE_DOCUMENT]), np.array([self._open.words])
            self._documents.add(document, position, words, [self._open.digest], band_keys(self._open.minhashes))
            self._open = None

    def find(self, text_of: TextOf, identity_of: IdentityOf) -> Duplicates:
        """Returns the duplicates among all documents that were added.

        Args:
            text_of: Returns the cleaned text of a document, given its index. It is called for the documents of the
                passages that share a band with another, in no particular order.
            identity_of: Returns what distinguishes a document from others with the same words, its source last.
        """
        self._close_document()
        rank, shingles = self._rank(identity_of), ShingleCache(text_of)
        similarity = self._config.similarity
        documents: dict[int, Match] = {}
        if self._config.documents:
            documents = match_passages(
                self._documents,
                np.flatnonzero(self._documents.words),
                rank,
                shingles,
                similarity=similarity,
                keep_repeats_within_document=False,
            )
        paragraphs: dict[int, Match] = {}
        emptied: set[int] = set()
        if self._config.paragraphs:
            remaining = np.flatnonzero(np.isin(self.paragraphs.document, list(documents), invert=True))
            # Fewer documents than splits will be cut into parts, where a repetition within one could leak as well.
            for keep_repeats in (True, False):
                paragraphs = match_passages(
                    self.paragraphs,
                    remaining,
                    rank,
                    shingles,
                    similarity=similarity,
                    keep_repeats_within_document=keep_repeats,
                )
                emptied = self._emptied(paragraphs)
                if len(rank) - len(documents) - len(emptied) >= len(SPLITS):
                    break
        return self._result(documents, paragraphs, emptied, identity_of)

    def _rank(self, identity_of: IdentityOf) -> IntArray:
        """Returns for each document its position in an order that does not depend on the order of adding."""
        digests = self._documents.digests
        order = np.argsort(digests, kind="stable")
        equal = np.flatnonzero(digests[order[1:]] == digests[order[:-1]])
        for run in np.split(equal, np.flatnonzero(np.diff(equal) > 1) + 1) if len(equal) else ():
            tied = slice(int(run[0]), int(run[-1]) + 2)
            order[tied] = sorted(order[tied].tolist(), key=identity_of)
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        return rank

    def _emptied(self, paragraphs: dict[int, Match]) -> set[int]:
        """Returns the documents of which every paragraph is dropped."""
        counts = Counter(int(self.paragraphs.document[passage]) for passage in paragraphs)
        return {document for document, count in counts.items() if count == self._num_paragraphs[document]}

    def _result(
        self,
        documents: dict[int, Match],
        paragraphs: dict[int, Match],
        emptied: set[int],
        identity_of: IdentityOf,
    ) -> Duplicates:
        positions: dict[int, set[int]] = {}
        for passage in paragraphs:
            document, position = int(self.paragraphs.document[passage]), int(self.paragraphs.position[passage])
            positions.setdefault(document, set()).add(position)

        def dropped_passage(unit: str, table: PassageTable, passage: int, match: Match) -> DroppedPassage:
            kept = match.kept
            return DroppedPassage(
                unit=unit,
                kind="exact" if table.digests[passage] == table.digests[kept] else "near",
                source=identity_of(int(table.document[passage]))[-1],
                paragraph=int(table.position[passage]) + 1,
                kept_source=identity_of(int(table.document[kept]))[-1],
                kept_paragraph=int(table.position[kept]) + 1,
                similarity=match.similarity,
            )

        dropped = [
            *(dropped_passage("document", self._documents, passage, match) for passage, match in documents.items()),
            *(dropped_passage("paragraph", self.paragraphs, passage, match) for passage, match in paragraphs.items()),
        ]
        return Duplicates(
            documents=frozenset({*documents, *emptied}),
            paragraphs={document: frozenset(found) for document, found in positions.items()},
            dropped=tuple(sorted(dropped, key=lambda item: (item.unit, item.source, item.paragraph))),
        )
