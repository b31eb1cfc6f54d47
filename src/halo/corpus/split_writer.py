"""Divided draft -> vocabulary of the training split -> ids of every split, written as they are made, and counted."""

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from halo.config import DataConfig, TokenizerConfig
from halo.corpus.cleaning.pipeline import paragraphs
from halo.corpus.splits.division import Block, Division
from halo.corpus.store.array_writer import ArrayWriter
from halo.corpus.store.statistics import LabelCounts
from halo.corpus.store.token_store import TokenStore
from halo.corpus.store.word_table import GLUED, Ids, Indexes
from halo.tokenization.oov_cost import OOVCost
from halo.tokenization.tokenizer import TextTokenizer

WORD_LEVEL = ("word", "whitespace")  # the kinds whose tokens are those of the draft
PARAGRAPH_BREAK = "\n\n"


@dataclass(frozen=True)
class TextCounts:
    """What a text consists of, after cleaning.

    Attributes:
        documents: Number of documents.
        words: Stretches between white space.
        characters: Characters, with white space.
        tokens: Tokens, `<eos>` among them.
        unknown_tokens: Tokens whose word is not in the vocabulary.
        eos_tokens: How many of the tokens are `<eos>`.
        oov_cost: What it costs to spell the words behind the unknown tokens, as `OOVCost` does, in nats.
    """

    documents: int
    words: int
    characters: int
    tokens: int
    unknown_tokens: int
    eos_tokens: int
    oov_cost: float

    @property
    def out_of_vocabulary_rate(self) -> float:
        """Share of the tokens other than `<eos>` whose word is not in the vocabulary."""
        return self.unknown_tokens / max(self.tokens - self.eos_tokens, 1)


class SplitStats(NamedTuple):
    """What was counted while the ids of a split were written.

    Attributes:
        counts: Of the whole split.
        labels: Of the documents of each label.
        types: How often each type occurs: tokens of the draft for kinds of words, else ids.
    """

    counts: TextCounts
    labels: dict[str, LabelCounts]
    types: Indexes


def train_tokenizer(store: TokenStore, division: Division, config: TokenizerConfig) -> TextTokenizer:
    """Returns the tokenizer whose vocabulary comes from the training split, and from nothing else."""
    if config.kind == "bpe":
        lines = (line for block in division.blocks("train", store) for line in store.paragraphs(block.ids))
        return TextTokenizer.train(lines, kind="bpe", min_count=config.min_count, max_size=config.max_size)
    numbers = np.zeros(store.num_types, dtype=np.int64)
    for block in division.blocks("train", store):
        numbers += np.bincount(_numbers(block.ids), minlength=store.num_types)
    counts = Counter({store.strings[number]: int(numbers[number]) for number in np.flatnonzero(numbers) if number})
    if config.kind == "char":
        blocks = division.blocks("train", store)
        counts = _count_characters(counts, sum(_num_spaces(_words_of_paragraphs(block.ids)) for block in blocks))
    return TextTokenizer.of_counts(counts, kind=config.kind, min_count=config.min_count, max_size=config.max_size)


def _count_characters(tokens: Counter[str], spaces: int) -> Counter[str]:
    characters = Counter({" ": spaces} if spaces else {})
    for token, count in tokens.items():
        for character in token:
            characters[character] += count
    return characters


def _numbers(draft_ids: Ids) -> Ids:
    return draft_ids & ~np.uint32(GLUED)


def _words_of_paragraphs(draft_ids: Ids) -> Indexes:
    """Returns the number of words of each of some whole paragraphs."""
    begins = np.concatenate(([0], np.flatnonzero(draft_ids == 0)[:-1] + 1))
    # The end of a paragraph stands apart as a word does.
    words: Indexes = np.add.reduceat(draft_ids < GLUED, begins, dtype=np.int64) - 1
    return words


def _num_spaces(words_of_paragraphs: Indexes) -> int:
    return int(np.maximum(words_of_paragraphs - 1, 0).sum())


class SplitWriter:
    """Writes the ids of a split, where its documents begin and their labels, and counts what it holds.

    Args:
        store: The text.
        division: What of it stands in which split.
        tokenizer: What makes ids of it.
        eos: Where `<eos>` stands, see `TokenizerConfig`.
    """

    def __init__(self, store: TokenStore, division: Division, tokenizer: TextTokenizer, *, eos: str) -> None:
        self._draft = store
        self._division = division
        self._tokenizer = tokenizer
        self._eos = eos
        self._is_word_level = tokenizer.kind in WORD_LEVEL
        self._table = self._id_of_each_token() if self._is_word_level else np.zeros(0, dtype=np.uint32)
        self._dtype = np.uint16 if tokenizer.vocab_size <= np.iinfo(np.uint16).max + 1 else np.uint32
        oov_cost = OOVCost(tokenizer)
        self._space_cost = oov_cost.of_token(" ") if tokenizer.kind == "char" else 0.0
        costs = (oov_cost.of_token(token) for token in store.strings[1:])
        self._oov_costs = np.fromiter(itertools.chain([0.0], costs), dtype=np.float64, count=store.num_types)

    def _id_of_each_token(self) -> Ids:
        vocabulary = self._tokenizer.vocabulary()
        ids = [vocabulary.get(token, self._tokenizer.unk_id) for token in self._draft.strings[1:]]
        return np.array([self._tokenizer.eos_id, *ids], dtype=np.uint32)

    def write(self, split: str, folder: Path) -> SplitStats:
        """Writes SPLIT.npy, SPLIT.offsets.npy and SPLIT.labels.npy.

        They hold the ids; where documents begin in them, with the end of the last; and the number of each document's
        label among `TokenStore.labels`.

        Raises:
            OSError: The disk is full.
        """
        label = self._draft.label[self._division.documents[split]].astype(np.int64)
        lengths = np.zeros(len(label), dtype=np.int64)
        tally = _SplitCounter(self._draft.num_types, self._tokenizer.vocab_size, len(self._draft.labels))
        with ArrayWriter(folder / f"{split}.npy", self._dtype) as file:
            for block in self._division.blocks(split, self._draft):
                ids, ends = self._encode(block.ids)
                assert ids.max() < self._tokenizer.vocab_size, "an id beyond the vocabulary"
                tally.add(block, ids, ends, label[block.document], self._tokenizer.unk_id)
                if not self._is_word_level:
                    tally.id_types += np.bincount(ids, minlength=len(tally.id_types))
                inner_ends = np.flatnonzero(~block.ends_document) if self._eos == "document" else ()
                tokens = np.diff(ends, prepend=0)
                if len(inner_ends):
                    ids = np.delete(ids, ends[inner_ends] - 1)
                    tokens[inner_ends] -= 1
                first = block.document[0]
                added = np.bincount(block.document - first, tokens).astype(np.int64)
                lengths[first : first + len(added)] += added
                file.append(ids)
        with ArrayWriter(folder / f"{split}.offsets.npy", np.int64) as file:
            file.append(np.concatenate(([0], np.cumsum(lengths))))
        with ArrayWriter(folder / f"{split}.labels.npy", np.min_scalar_type(len(self._draft.labels))) as file:
            file.append(label)
        return self._written(label, int(lengths.sum()), tally)

    def _encode(self, draft_ids: Ids) -> tuple[Ids, Indexes]:
        """Returns the ids of whole paragraphs, each with an `<eos>`, and where each ends."""
        if self._is_word_level:
            return self._table[_numbers(draft_ids)], np.flatnonzero(draft_ids == 0) + 1
        encoded = self._tokenizer.encode_batch(list(self._draft.paragraphs(draft_ids)))
        ends = np.cumsum([len(paragraph) + 1 for paragraph in encoded])
        ids = np.full(ends[-1], self._tokenizer.eos_id, dtype=np.uint32)
        for end, paragraph in zip(ends.tolist(), encoded, strict=True):
            ids[end - 1 - len(paragraph) : end - 1] = paragraph
        return ids, ends

    def _written(self, label: Indexes, num_tokens: int, tally: "_SplitCounter") -> SplitStats:
        documents = np.bincount(label, minlength=len(self._draft.labels))
        labels = {
            name: LabelCounts(
                documents=int(documents[number]),
                words=int(tally.words[number]),
                tokens=int(tally.tokens[number]),
                unknown_tokens=int(tally.unknown[number]),
            )
            for name, number in sorted(self._draft.labels.items())
            if documents[number]
        }
        is_literal_end = self._table[1:] == self._tokenizer.eos_id  # in a text of kind whitespace
        literal_ends = int(tally.draft_types[1:][is_literal_end].sum()) if self._is_word_level else 0
        characters = np.array([0, *map(len, self._draft.strings[1:])], dtype=np.int64)
        oov_cost = self._oov_costs * tally.draft_types
        counts = TextCounts(
            documents=len(label),
            words=int(tally.words.sum()),
            characters=int(characters @ tally.draft_types) + tally.spaces + len(PARAGRAPH_BREAK) * tally.breaks,
            tokens=num_tokens,
            unknown_tokens=int(tally.unknown.sum()),
            eos_tokens=num_tokens - int(tally.tokens.sum()) + literal_ends,
            # An exact sum: it must not depend on the order in which types were met.
            oov_cost=math.fsum([*oov_cost[oov_cost > 0].tolist(), self._space_cost * tally.spaces]),
        )
        types = tally.draft_types if self._is_word_level else tally.id_types
        types[0 if self._is_word_level else self._tokenizer.eos_id] = 0
        return SplitStats(counts, labels, types)


class _SplitCounter:
    """Sums over the blocks of a split; words, tokens (without `<eos>`) and unknown tokens for each label."""

    def __init__(self, num_types: int, vocab_size: int, num_labels: int) -> None:
        self.draft_types = np.zeros(num_types, dtype=np.int64)
        self.id_types = np.zeros(vocab_size, dtype=np.int64)  # of kinds that are not those of the draft
        self.words, self.tokens, self.unknown = np.zeros((3, num_labels), dtype=np.int64)
        self.spaces = self.breaks = 0

    def add(self, block: Block, ids: Ids, ends: Indexes, label: Indexes, unk_id: int) -> None:
        """Adds a block: its ids, where its paragraphs end in them, and the label of each paragraph."""
        self.draft_types += np.bincount(_numbers(block.ids), minlength=len(self.draft_types))
        words = _words_of_paragraphs(block.ids)
        unknown = np.add.reduceat(ids == unk_id, np.concatenate(([0], ends[:-1])), dtype=np.int64)
        for total, values in (
            (self.words, words),
            (self.tokens, np.diff(ends, prepend=0) - 1),
            (self.unknown, unknown),
        ):
            np.add(total, np.bincount(label, values, len(total)).astype(np.int64), out=total)
        self.spaces += _num_spaces(words)
        self.breaks += len(block.document) - int(block.ends_document.sum())


class EncodedDocuments(NamedTuple):
    """Documents one after another.

    Attributes:
        ids: Token ids, shape (num_tokens,).
        offsets: Where each document begins in them, and the end, shape (documents + 1,).
    """

    ids: Ids
    offsets: Indexes


def encode_documents(texts: Sequence[str], tokenizer: TextTokenizer, config: DataConfig) -> EncodedDocuments:
    """Returns the ids of cleaned documents one after another, with `<eos>` where `config.tokenizer.eos` says.

    A document without text has no `<eos>` either, unless `config.documents` is `every_line`.
    """
    blank = [""] if config.documents == "every_line" else []
    pieces = [paragraphs(text) or blank for text in texts]
    encoded = iter(tokenizer.encode_batch(list(itertools.chain.from_iterable(pieces))))
    ids: list[int] = []
    offsets = [0]
    for document in pieces:
        for position, _ in enumerate(document, start=1):
            ids += next(encoded)
            if config.tokenizer.eos == "paragraph" or position == len(document):
                ids.append(tokenizer.eos_id)
        offsets.append(len(ids))
    return EncodedDocuments(np.array(ids, dtype=np.uint32), np.array(offsets, dtype=np.int64))


def count_text(texts: Sequence[str], ids: Ids, tokenizer: TextTokenizer) -> TextCounts:
    """Returns what cleaned documents and their ids consist of."""
    unknown_tokens = int((ids == tokenizer.unk_id).sum())
    return TextCounts(
        documents=len(texts),
        words=sum(len(text.split()) for text in texts),
        characters=sum(map(len, texts)),
        tokens=len(ids),
        unknown_tokens=unknown_tokens,
        eos_tokens=int((ids == tokenizer.eos_id).sum()),
        oov_cost=_oov_costs(texts, tokenizer) if unknown_tokens else 0.0,
    )


def _oov_costs(texts: Sequence[str], tokenizer: TextTokenizer) -> float:
    oov_cost = OOVCost(tokenizer)
    return math.fsum(
        oov_cost.of_token(token) for text in texts for line in paragraphs(text) for token in tokenizer.tokens(line)
    )
