"""Draft -> which stretches of it make up each split, without what stands twice."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from halo.config import SPLITS, DataConfig, SplitConfig
from halo.corpus.dedup.duplicates import Duplicates
from halo.corpus.splits.assignment import assign, cut_points
from halo.corpus.store.token_store import BLOCK_TOKENS, NOT_GIVEN, Span, TokenStore
from halo.corpus.store.word_table import GLUED, Ids, Indexes
from halo.runtime.errors import InputError

log = logging.getLogger(__name__)


class Block(NamedTuple):
    """A part of a split, small enough to be held in memory.

    Attributes:
        ids: Numbers of tokens as they stand in the draft: whole paragraphs, at least one.
        document: For each paragraph the place of its document in the split, ascending.
        ends_document: For each paragraph whether it is the last of its document.
    """

    ids: Ids
    document: Indexes
    ends_document: npt.NDArray[np.bool_]


@dataclass
class Division:
    """The documents of each split, in order, and what of them is left out.

    Attributes:
        documents: For each split indexes of documents in the draft.
        parts: For each split the spans of those documents that do not stand there as a whole.
    """

    documents: dict[str, Indexes]
    parts: dict[str, dict[int, list[Span]]] = field(default_factory=lambda: {name: {} for name in SPLITS})

    def spans(self, split: str, document: int, store: TokenStore) -> list[Span]:
        """Returns the stretches of a document that stand in a split."""
        return self.parts[split].get(document) or [store.span(document)]

    def blocks(self, split: str, store: TokenStore) -> Iterator[Block]:
        """Yields what a split holds, some documents or part of one at a time."""
        pieces: list[Ids] = []
        places: list[int] = []
        size = 0
        for place, document in enumerate(self.documents[split].tolist()):
            for ids in (ids for span in self.spans(split, document, store) for ids in store.blocks(span)):
                if size >= BLOCK_TOKENS:
                    yield _block(pieces, places, goes_on=places[-1] == place)
                    pieces, places, size = [], [], 0
                pieces.append(ids)
                places.append(place)
                size += len(ids)
        if pieces:
            yield _block(pieces, places, goes_on=False)


def _block(pieces: Sequence[Ids], places: Sequence[int], *, goes_on: bool) -> Block:
    ids = np.concatenate(pieces)
    document = np.repeat(places, [len(piece) for piece in pieces])[ids == 0]
    return Block(ids, document, np.append(document[1:] != document[:-1], not goes_on))


def divide(store: TokenStore, duplicates: Duplicates, config: DataConfig) -> Division:
    """Returns the documents of each split.

    Documents that were given for a split go there, in their order. Fewer than three documents cannot be divided: then
    each is cut into three contiguous parts at paragraph ends.

    Raises:
        InputError: The text cannot be divided in three.
    """
    left = np.flatnonzero(np.isin(np.arange(len(store)), list(duplicates.documents), invert=True))
    given = store.given_split[left]
    if (given != NOT_GIVEN).any():
        assert (given != NOT_GIVEN).all(), "documents with and without a split of their own"
        division = Division({name: left[given == place] for place, name in enumerate(SPLITS)})
    elif len(left) < len(SPLITS):
        return _cut_documents(store, left, duplicates, config.splits)
    else:
        division = _divide_documents(store, left, config.splits)
    for name in SPLITS:
        for document in division.documents[name].tolist():
            if document in duplicates.paragraphs:
                spans = Paragraphs(store, document).spans_without(duplicates.paragraphs[document])
                division.parts[name][document] = spans
    return division


def _divide_documents(store: TokenStore, left: Indexes, config: SplitConfig) -> Division:
    names = list(store.labels)
    labels = [names[label] for label in store.label[left].tolist()]
    hashes = store.hashes[left]
    places = assign(labels, hashes, config)
    label_rank = np.argsort(np.argsort(np.array(names, dtype=object)))[store.label[left]]
    order = np.lexsort((hashes, label_rank))
    return Division({name: left[order[places[order] == place]] for place, name in enumerate(SPLITS)})


def _cut_documents(store: TokenStore, left: Indexes, duplicates: Duplicates, config: SplitConfig) -> Division:
    division = Division(dict.fromkeys(SPLITS, left))
    for document in left.tolist():
        source = store.source(document)
        paragraphs = Paragraphs(store, document)
        kept = [place for place in range(len(paragraphs.words)) if place not in duplicates.paragraphs.get(document, ())]
        if len(kept) < len(SPLITS):
            raise InputError(
                f"{source}: one document of {len(kept)} paragraph(s) cannot be divided into "
                "train, validation and test; give more documents, or separate paragraphs with blank lines"
            )
        log.info("%s: too few documents to divide; cut into contiguous parts at paragraph ends", source)
        first, second = cut_points(paragraphs.words[kept].tolist(), config)
        for name, places in zip(SPLITS, (kept[:first], kept[first:second], kept[second:]), strict=True):
            division.parts[name][document] = paragraphs.spans_of(places)
    return division


class Paragraphs:
    """Where the paragraphs of one document stand in the draft.

    Attributes:
        ends: What follows the last token of each.
        words: The number of words of each.
    """

    def __init__(self, store: TokenStore, document: int) -> None:
        span = store.span(document)
        ends, words, position = [], [], span.begin
        for ids in store.blocks(span):
            inside = np.flatnonzero(ids == 0) + 1
            begins_word = np.cumsum((ids < GLUED) & (ids != 0))
            words.append(np.diff(begins_word[inside - 1], prepend=0))
            ends.append(inside + position)
            position += len(ids)
        self._begin = span.begin
        self.ends: Indexes = np.concatenate(ends) if ends else np.zeros(0, dtype=np.int64)
        self.words: Indexes = np.concatenate(words) if words else np.zeros(0, dtype=np.int64)

    def spans_of(self, places: Sequence[int]) -> list[Span]:
        """Returns the stretches of some paragraphs, ascending; neighbours make one stretch."""
        spans: list[Span] = []
        for place in places:
            begin = int(self.ends[place - 1]) if place else self._begin
            if spans and spans[-1].end == begin:
                begin = spans.pop().begin
            spans.append(Span(begin, int(self.ends[place])))
        return spans

    def spans_without(self, places: frozenset[int]) -> list[Span]:
        """Returns the stretches of all other paragraphs."""
        return self.spans_of([place for place in range(len(self.ends)) if place not in places])


def require_no_leak(store: TokenStore, duplicates: Duplicates, division: Division) -> None:
    """Sees to it that no long paragraph stands in two splits, where paragraphs are compared at all.

    Only whole documents are looked at: those that are cut hold no repeated paragraph.
    """
    place = np.full(len(store), NOT_GIVEN, dtype=np.int8)
    for number, name in enumerate(SPLITS):
        place[division.documents[name]] = number
    units = store.duplicates.paragraphs
    dropped = {(document, spot) for document, spots in duplicates.paragraphs.items() for spot in spots}
    is_left = np.array(
        [pair not in dropped for pair in zip(units.document.tolist(), units.paragraph.tolist(), strict=True)],
        dtype=bool,
    )
    split = place[units.document]
    chosen = np.flatnonzero(is_left & (split != NOT_GIVEN))
    order = chosen[np.argsort(units.digests[chosen], kind="stable")]
    same = units.digests[order[1:]] == units.digests[order[:-1]]
    leaks = np.flatnonzero(same & (split[order[1:]] != split[order[:-1]]))
    assert not len(leaks), (
        "a paragraph stands in two splits, which is an error of halo: "
        f"{store.source(int(units.document[order[leaks[0]]]))}, paragraph {units.paragraph[order[leaks[0]]] + 1}"
    )
