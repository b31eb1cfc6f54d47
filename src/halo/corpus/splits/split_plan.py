"""The plan of the splits: which documents, and which spans of them, make up each split, without duplicates."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from halo.config import SPLITS, DataConfig, SplitConfig
from halo.corpus.dedup.duplicates import Duplicates, Example, count_by_kind, settings_that_keep
from halo.corpus.splits.assignment import assign_splits
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
    each is cut into three contiguous parts at paragraph ends, or is training text if it has fewer paragraphs.

    Raises:
        InputError: No document has enough paragraphs to be cut, or a part of all of them duplicates the others.
    """
    remaining = np.flatnonzero(np.isin(np.arange(len(store)), list(duplicates.documents), invert=True))
    given = store.documents.given_splits[remaining]
    if (given != NOT_GIVEN).any():
        assert (given != NOT_GIVEN).all(), "documents with and without a given split"
        plan = SplitPlan({name: remaining[given == number] for number, name in enumerate(SPLITS)})
        if not len(plan.documents["train"]):
            raise InputError(
                f"{config.source}: nothing is left of the training text, since all of it duplicates the given "
                "validation and test text; give different texts, or set "
                f"{settings_that_keep(count_by_kind(duplicates.dropped))}"
            )
    elif len(remaining) < len(SPLITS):
        plan = _cut_documents(store, remaining, duplicates, config.splits)
        if not all(len(plan.documents[name]) for name in SPLITS):
            raise _indivisible_error(store, remaining, duplicates, config)
        for document in remaining.tolist():
            is_cut = document in plan.documents["validation"] or document in plan.documents["test"]
            what = "cut into contiguous parts at paragraph ends" if is_cut else "used for training as a whole"
            log.info("%s: too few documents to divide; %s", store.documents.source(document), what)
        return plan
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
    plan = SplitPlan({})
    documents: dict[str, list[int]] = {name: [] for name in SPLITS}
    for document in remaining.tolist():
        paragraphs = ParagraphSpans(store, document)
        first, second = paragraphs.cuts(config)
        dropped = duplicates.paragraphs.get(document, frozenset())
        for name, (begin, end) in zip(SPLITS, ((0, first), (first, second), (second, len(paragraphs))), strict=True):
            positions = [position for position in range(begin, end) if position not in dropped]
            if positions:
                documents[name].append(document)
                plan.partial[name][document] = paragraphs.spans_of(positions)
    plan.documents = {name: np.array(found, dtype=np.int64) for name, found in documents.items()}
    return plan


def _indivisible_error(
    store: TokenStore, remaining: IntArray, duplicates: Duplicates, config: DataConfig
) -> InputError:
    """Returns the error for a text of which too little is left, or with too few paragraphs, to be divided."""
    if duplicates.dropped:
        counts = count_by_kind(duplicates.dropped)
        listed = ", ".join(f"{number:,} {kind}" for kind, number in counts.items())
        return InputError(
            f"{config.source}: too little is left to be divided into train, validation and test, since duplicates were "
            f"dropped ({listed}; the text has {len(store):,} documents){_as_in(duplicates.example)}; keep them with "
            f"{settings_that_keep(counts)}"
        )
    most = max(len(ParagraphSpans(store, document)) for document in remaining.tolist())
    return InputError(
        f"{config.source}: {len(remaining)} document(s) of at most {most} paragraph(s) cannot be divided into train, "
        "validation and test; break the text into three paragraphs or lines or more, provide three documents or more, "
        "or give data.train_path, data.validation_path and data.test_path"
    )


def _as_in(example: Example | None) -> str:
    if example is None or example.dropped == example.kept:
        return "" if example is None else f", such as {example.kept!r}"
    return f", such as {example.dropped!r}, which resembles {example.kept!r}"
