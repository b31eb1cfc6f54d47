"""The result of deduplication: which documents and paragraphs are dropped, and which are kept in their place."""

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class DroppedPassage:
    """A document or paragraph that is dropped, and the one that is kept in its place.

    Attributes:
        unit: `document` or `paragraph`.
        kind: `exact` or `near`.
        source: The document that it is dropped from.
        paragraph: Its number there, from 1; 0 for a whole document.
        kept_source: The document that keeps it.
        kept_paragraph: Its number there, from 1; 0 for a whole document.
        similarity: Jaccard similarity to the kept one; 1 for exact duplicates.
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
    """The documents and paragraphs to drop. Documents are given by their index in the order in which they were added.

    Attributes:
        documents: The documents to drop, including those in which every paragraph is a duplicate.
        paragraphs: For each document with duplicate paragraphs the positions of these, from 0.
        dropped: All dropped passages, sorted by unit, source and paragraph.
    """

    documents: frozenset[int]
    paragraphs: dict[int, frozenset[int]]
    dropped: tuple[DroppedPassage, ...]

    def counts(self) -> dict[str, int]:
        """Returns the number dropped of each kind, such as `{"exact documents": 2}`; kinds without any are absent."""
        return dict(sorted(Counter(f"{item.kind} {item.unit}s" for item in self.dropped).items()))
