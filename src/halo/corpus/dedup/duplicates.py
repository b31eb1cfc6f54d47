"""The result of deduplication: which documents and paragraphs are dropped, and which are kept in their place."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True)
class DuplicatePassage:
    """A document or paragraph that duplicates another one, and the one that is kept in its place or beside it.

    Attributes:
        unit: `document` or `paragraph`.
        kind: `exact` or `near`.
        source: The document that it is in.
        paragraph: Its number there, from 1; 0 for a whole document.
        kept_source: The document of the other one.
        kept_paragraph: Its number there, from 1; 0 for a whole document.
        kept_split: The split that this document was given for; empty if the text is divided.
        similarity: Jaccard similarity of the two; 1 for exact duplicates.
    """

    unit: str
    kind: str
    source: str
    paragraph: int
    kept_source: str
    kept_paragraph: int
    kept_split: str
    similarity: float


class Example(NamedTuple):
    """Excerpts of two duplicates, by which a user can judge whether one of them should be dropped.

    Attributes:
        dropped: Of the dropped one.
        kept: Of the kept one, from the same place.
    """

    dropped: str
    kept: str


@dataclass(frozen=True)
class Duplicates:
    """The documents and paragraphs to drop. Documents are given by their index in the order in which they were added.

    Attributes:
        documents: The documents to drop, including those in which every paragraph is a duplicate.
        paragraphs: For each document with duplicate paragraphs the positions of these, from 0.
        dropped: All dropped passages, sorted by unit, source and paragraph.
        shared: The passages that a given validation text has in common with the given test text, sorted likewise.
        num_documents: Number of all documents; of those for training if they were given for it.
        num_units: Number of units of these.
        num_dropped_units: Number of units of the dropped documents and paragraphs.
        example: Excerpts of the two least similar passages of which one is dropped.
        kept_documents: For each document that is dropped as a whole the one that it repeats.
    """

    documents: frozenset[int]
    paragraphs: dict[int, frozenset[int]]
    dropped: tuple[DuplicatePassage, ...]
    shared: tuple[DuplicatePassage, ...] = ()
    num_documents: int = 0
    num_units: int = 0
    num_dropped_units: int = 0
    example: Example | None = None
    kept_documents: Mapping[int, int] = field(default_factory=dict)


def count_by_kind(passages: Iterable[DuplicatePassage]) -> dict[str, int]:
    """Returns the number of passages of each kind, such as `{"exact documents": 2}`; kinds without any are absent."""
    return dict(sorted(Counter(f"{item.kind} {item.unit}s" for item in passages).items()))


def settings_that_keep(counts: Mapping[str, int]) -> str:
    """Returns the settings with which what was dropped is kept.

    >>> settings_that_keep({"exact paragraphs": 2})
    'data.duplicates.paragraphs=false'

    Args:
        counts: The number of dropped passages of each kind, see `count_by_kind`.
    """
    # Where documents are not compared, their paragraphs still are.
    units = ["documents", "paragraphs"] if any("documents" in kind for kind in counts) else ["paragraphs"]
    off = " ".join(f"data.duplicates.{unit}=false" for unit in units)
    if not any(kind.startswith("near") for kind in counts):
        return off
    return f"{off}, or data.duplicates.similarity=1 to drop exact copies only"
