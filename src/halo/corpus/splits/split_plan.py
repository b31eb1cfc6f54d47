"""The plan of the splits: which documents, and which spans of them, make up each split, without duplicates."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from halo.config import SPLITS, DataConfig, SplitConfig
from halo.corpus.dedup.duplicates import Duplicates
from halo.corpus.splits.assignment import assign_splits, cut_points
from halo.corpus.splits.paragraph_spans import ParagraphSpans
from halo.corpus.store.document_table import NOT_GIVEN
from halo.corpus.store.token_store import BLOCK_TOKENS, TokenSpan, TokenStore
from halo.corpus.store.word_table import TokenNumbers
from halo.runtime.array_types import BoolArray, IntArray
from halo.runtime.errors import InputError

log = logging.getLogger(__name__)


class SplitBlock(NamedTuple):
    """A part of a split, small enough to be held in memory: one or more whole paragraphs.

    Attributes:
        tokens: Token numbers as in the store.
        document: For each paragraph the index of its document in the split, ascending.
        ends_document: For each paragraph whether it is the last of its document.
    """

    tokens: TokenNumbers
    document: IntArray
    ends_document: BoolArray


@dataclass
class SplitPlan:
    """The documents of each split, in order, and the parts of them that are left out.

    Attributes:
        documents: For each split indexes of documents in the store.
        partial: For each split the spans of those documents that do not belong to it as a whole.
    """

    documents: dict[str, IntArray]
    partial: dict[str, dict[int, list[TokenSpan]]] = field(default_factory=lambda: {name: {} for name in SPLITS})

    def spans(self, split: str, document: int, store: TokenStore) -> list[TokenSpan]:
        """Returns the spans of a document that belong to a split."""
        return self.partial[split].get(document) or [store.span(document)]

    def blocks(self, split: str, store: TokenStore) -> Iterator[SplitBlock]:
        """Yields the content of a split, several documents or part of one at a time."""
        pieces: list[TokenNumbers] = []
        indexes: list[int] = []
        size = 0
        for index, document in enumerate(self.documents[split].tolist()):
            spans = self.spans(split, document, store)
            for tokens in (tokens for span in spans for tokens in store.blocks(span)):
                if size >= BLOCK_TOKENS:
                    yield _block(pieces, indexes, continues=indexes[-1] == index)
                    pieces, indexes, size = [], [], 0
                pieces.append(tokens)
                indexes.append(index)
                size += len(tokens)
        if pieces:
            yield _block(pieces, indexes, continues=False)


def _block(pieces: Sequence[TokenNumbers], indexes: Sequence[int], *, continues: bool) -> SplitBlock:
    """Joins pieces of documents, each a number of whole paragraphs, to a block.

    Args:
        pieces: The tokens of each piece.
        indexes: The index of the document of each piece.
        continues: Whether the last document continues in the next block.
    """
    tokens = np.concatenate(pieces)
    document = np.repeat(indexes, [len(piece) for piece in pieces])[tokens == 0]
    return SplitBlock(tokens, document, np.append(document[1:] != document[:-1], not continues))


def plan_splits(store: TokenStore, duplicates: Duplicates, config: DataConfig) -> SplitPlan:
    """Returns the documents of each split, without duplicates.

    Documents that were given for a split belong to it, in their order. If fewer than three documents are to be divided,
    each is cut into three contiguous parts at paragraph ends.

    Raises:
        InputError: A document to be cut has fewer than three paragraphs.
    """
    remaining = np.flatnonzero(np.isin(np.arange(len(store)), list(duplicates.documents), invert=True))
    given = store.documents.given_splits[remaining]
    if (given != NOT_GIVEN).any():
        assert (given != NOT_GIVEN).all(), "documents with and without a given split"
        plan = SplitPlan({name: remaining[given == number] for number, name in enumerate(SPLITS)})
    elif len(remaining) < len(SPLITS):
        return _cut_documents(store, remaining, duplicates, config.splits)
    else:
        plan = _assign_documents(store, remaining, config.splits)
    for name in SPLITS:
        for document in plan.documents[name].tolist():
            if document in duplicates.paragraphs:
                spans = ParagraphSpans(store, document).spans_without(duplicates.paragraphs[document])
                plan.partial[name][document] = spans
    return plan


def _assign_documents(store: TokenStore, remaining: IntArray, config: SplitConfig) -> SplitPlan:
    names = list(store.documents.labels)
    label_numbers = store.documents.label_numbers[remaining]
    hashes = store.documents.hashes[remaining]
    splits = assign_splits([names[label] for label in label_numbers.tolist()], hashes, config)
    label_rank = np.argsort(np.argsort(np.array(names, dtype=object)))[label_numbers]
    order = np.lexsort((hashes, label_rank))
    return SplitPlan({name: remaining[order[splits[order] == number]] for number, name in enumerate(SPLITS)})


def _cut_documents(store: TokenStore, remaining: IntArray, duplicates: Duplicates, config: SplitConfig) -> SplitPlan:
    plan = SplitPlan(dict.fromkeys(SPLITS, remaining))
    for document in remaining.tolist():
        source = store.documents.source(document)
        paragraphs = ParagraphSpans(store, document)
        dropped = duplicates.paragraphs.get(document, frozenset())
        kept = [position for position in range(len(paragraphs)) if position not in dropped]
        if len(kept) < len(SPLITS):
            raise InputError(
                f"{source}: a document of {len(kept)} paragraph(s) cannot be divided into "
                "train, validation and test; provide more documents, or separate paragraphs with blank lines"
            )
        log.info("%s: too few documents to divide; cut into contiguous parts at paragraph ends", source)
        first, second = cut_points(paragraphs.words[kept].tolist(), config)
        for name, positions in zip(SPLITS, (kept[:first], kept[first:second], kept[second:]), strict=True):
            plan.partial[name][document] = paragraphs.spans_of(positions)
    return plan
