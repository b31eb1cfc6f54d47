"""Documents and paragraphs that stand twice, exactly or nearly: found before the split, so that nothing leaks.

Two texts are compared in lower case with single spaces. They are exact duplicates where that form is the same, and near
duplicates where the Jaccard similarity of their sets of shingles, runs of eight consecutive words, reaches the
threshold (Broder 1997, "On the resemblance and containment of documents").

    add(document), one by one            finish(text_of)
      words -> hashes of shingles          equal digests: one of them is kept
            -> MinHash -> band keys        a common band: both are read again, and their exact similarity decides
            -> digest

While texts stream by, a unit (a document, or a paragraph long enough) leaves its digest and its band keys, 88 bytes at
a threshold of 0.8; sets of shingles would need more room than the text. So the few units with a common band are asked
for once more. Others are never compared, which makes the cost linear (Leskovec, Rajaraman and Ullman, "Mining of
massive datasets", chapter 3): a pair just at the threshold is missed once in 10,000 times, a more similar one more
rarely.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from halo.config import DuplicatesConfig
from halo.text.cleaning import paragraphs
from halo.text.matching import WHOLE, ShingleCache, TextOf, Units, match
from halo.text.shingles import Counts, digest, normalise, num_bands, shingle_hashes, shingles_inside
from halo.text.sources import Document
from halo.text.splitting import SPLITS

BATCH_CHARACTERS = 2**20


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

    def remaining(self, index: int, text: str) -> str:
        """Returns what is left of the text of document `index`; empty where nothing is."""
        if index in self.documents:
            return ""
        places = self.paragraphs.get(index, frozenset())
        if not places:
            return text
        return "\n\n".join(line for place, line in enumerate(paragraphs(text)) if place not in places)

    def counts(self) -> dict[str, int]:
        """Returns how many were dropped of each kind, such as `{"exact documents": 2}`; without those of none."""
        return dict(sorted(Counter(f"{item.kind} {item.unit}s" for item in self.dropped).items()))


def find_duplicates(documents: Sequence[Document], config: DuplicatesConfig) -> Duplicates:
    """Returns what is to be dropped from documents that are all at hand; see `DuplicateFinder`."""
    finder = DuplicateFinder(config)
    for document in documents:
        finder.add(document)
    return finder.finish(lambda index: documents[index].text)


def repeated_text(texts: Iterable[Iterable[str]], config: DuplicatesConfig) -> str | None:
    """Returns a paragraph that stands in two of the groups of texts though duplicates were dropped, or None.

    Args:
        texts: For each split the texts of its documents.
        config: Says from how many words on a paragraph counts; where paragraphs are left alone, none is looked for.
    """
    home: dict[bytes, int] = {}
    for split, group in enumerate(texts if config.paragraphs else ()):
        for line in (line for text in group for line in normalise(text)):
            is_long = line.count(" ") + 1 >= config.min_paragraph_words
            if is_long and home.setdefault(digest(line), split) != split:
                return line
    return None


class DuplicateFinder:
    """Finds the documents and paragraphs that stand twice, in one pass over the texts and a second look at a few.

    Which of several duplicates is kept depends on their content, not on the order of reading: the documents are ordered
    by their digests, which is an arbitrary but fixed order, and those with the same digest by exact form, label and
    source. In that order documents, then the paragraphs of those that are left, are dropped where they duplicate one
    that was kept; so no two that were kept duplicate each other. A paragraph stays in the document that keeps it as
    often as it stands there, and is dropped from all others.

    Documents of fewer than eight words have no shingles and are compared exactly only; so are short paragraphs.
    Documents without any word are left alone.
    """

    def __init__(self, config: DuplicatesConfig) -> None:
        self._config = config
        bands = num_bands(config.similarity)
        self._documents, self._paragraphs = Units(bands=bands), Units(bands=bands)
        self._names: list[tuple[bytes, str, str]] = []
        self._num_paragraphs = array("q")
        self._batch: list[list[str]] = []
        self._batch_characters = 0

    def add(self, document: Document) -> None:
        """Takes the next document; its text is cleaned, so that what cleaning makes alike is found."""
        text = document.text
        lines = normalise(text)
        words = [line.count(" ") + 1 for line in lines]
        index = len(self._names)
        self._names.append((digest(text), document.label, document.source))
        self._num_paragraphs.append(len(lines))
        self._documents.add(index, WHOLE, " ".join(lines), sum(words))
        for place, line in enumerate(lines):
            if words[place] >= self._config.min_paragraph_words:
                self._paragraphs.add(index, place, line, words[place])
        self._batch.append(lines)
        self._batch_characters += len(text)
        if self._batch_characters >= BATCH_CHARACTERS:
            self._hash_batch()

    def _hash_batch(self) -> None:
        """Makes the band keys of many units at once: one by one, short ones would cost more in calls than in work."""
        lines = [line for document in self._batch for line in document]
        hashes = shingle_hashes(" ".join(lines))
        words = np.array([line.count(" ") + 1 for line in lines], dtype=np.int64)
        document = np.repeat(np.arange(len(self._batch)), [len(document) for document in self._batch])
        if self._config.documents:
            totals = np.bincount(document, words, len(self._batch)).astype(np.int64)
            self._documents.add_keys(shingles_inside(hashes, totals, np.full(len(totals), True)), totals)
        if self._config.paragraphs:
            is_long = words >= self._config.min_paragraph_words
            self._paragraphs.add_keys(shingles_inside(hashes, words, is_long), words[is_long])
        self._batch, self._batch_characters = [], 0

    def finish(self, text_of: TextOf) -> Duplicates:
        """Returns what is to be dropped.

        Args:
            text_of: Returns the text of the document with the index that it is given, as it was added. It is asked
                for the units that share a band with another, in no order.
        """
        self._hash_batch()
        rank, shingles = self._rank(), ShingleCache(text_of)
        similarity = self._config.similarity
        documents: dict[int, tuple[int, float]] = {}
        if self._config.documents:
            with_words = np.flatnonzero(self._documents.words)
            documents = match(self._documents, with_words, rank, shingles, similarity=similarity, repeats_stay=False)
        repeated: dict[int, tuple[int, float]] = {}
        emptied: set[int] = set()
        if self._config.paragraphs:
            left = np.flatnonzero(np.isin(self._paragraphs.document, list(documents), invert=True))
            # Fewer documents than splits will be cut into parts, and then a repetition within one could leak as well.
            for repeats_stay in (True, False):
                repeated = match(
                    self._paragraphs, left, rank, shingles, similarity=similarity, repeats_stay=repeats_stay
                )
                emptied = self._emptied(repeated)
                if len(rank) - len(documents) - len(emptied) >= len(SPLITS):
                    break
        return self._result(documents, repeated, emptied)

    def _rank(self) -> Counts:
        """Returns for each document its place in an order that does not depend on the order of adding."""
        digests = self._documents.digests.tolist()
        order = sorted(range(len(digests)), key=lambda index: (digests[index], *self._names[index]))
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        return rank

    def _emptied(self, repeated: dict[int, tuple[int, float]]) -> set[int]:
        """Returns the documents of which every paragraph is repeated elsewhere."""
        counts = Counter(int(self._paragraphs.document[unit]) for unit in repeated)
        return {document for document, count in counts.items() if count == self._num_paragraphs[document]}

    def _result(
        self, documents: dict[int, tuple[int, float]], repeated: dict[int, tuple[int, float]], emptied: set[int]
    ) -> Duplicates:
        places: dict[int, set[int]] = {}
        for unit in repeated:
            document, place = int(self._paragraphs.document[unit]), int(self._paragraphs.paragraph[unit])
            places.setdefault(document, set()).add(place)
        dropped = [
            *(self._describe("document", self._documents, unit, *kept) for unit, kept in documents.items()),
            *(self._describe("paragraph", self._paragraphs, unit, *kept) for unit, kept in repeated.items()),
        ]
        return Duplicates(
            documents=frozenset({*documents, *emptied}),
            paragraphs={document: frozenset(found) for document, found in places.items()},
            dropped=tuple(sorted(dropped, key=lambda item: (item.unit, item.source, item.paragraph))),
        )

    def _describe(self, name: str, units: Units, unit: int, kept: int, similarity: float) -> Dropped:
        def source(unit: int) -> str:
            return self._names[int(units.document[unit])][-1]

        return Dropped(
            unit=name,
            kind="exact" if units.digests[unit] == units.digests[kept] else "near",
            source=source(unit),
            paragraph=int(units.paragraph[unit]) + 1,
            kept_source=source(kept),
            kept_paragraph=int(units.paragraph[kept]) + 1,
            similarity=similarity,
        )
