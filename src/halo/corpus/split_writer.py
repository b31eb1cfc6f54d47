"""Writer of the token ids of each split, with the counts of what was written."""

import hashlib
import itertools
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np

from halo.corpus.splits.split_plan import SplitBlock, SplitPlan
from halo.corpus.store.array_writer import ArrayWriter
from halo.corpus.store.document_texts import DocumentTexts, hash_array
from halo.corpus.store.statistics_file import LabelCounts
from halo.corpus.store.token_store import TokenStore
from halo.corpus.store.word_table import TokenNumbers, without_glue
from halo.corpus.text_counts import TextCounts
from halo.corpus.tokenizer_training import num_spaces, words_per_paragraph
from halo.runtime.array_types import IntArray
from halo.tokenization.oov_cost import OOVCost
from halo.tokenization.tokenizer import TextTokenizer, TokenIds

WORD_LEVEL = ("word", "whitespace")  # the kinds whose tokens are those of the store
PARAGRAPH_BREAK = "\n\n"


class SplitStats(NamedTuple):
    """Counts of a split, made while its ids were written.

    Attributes:
        counts: Counts of the whole split.
        labels: Counts of the documents of each label.
        type_counts: Number of occurrences of each type, without `<eos>`: of each token number of the store for kinds of
            words, else of each token id.
    """

    counts: TextCounts
    labels: dict[str, LabelCounts]
    type_counts: IntArray


class SplitWriter:
    """Writes the ids of each split, the offsets of its documents and their labels, and counts its content.

    Args:
        store: The cleaned text.
        plan: The content of each split.
        tokenizer: The tokenizer that was trained on the training split.
        eos: Where `<eos>` is placed, see `TokenizerConfig`.
    """

    def __init__(self, store: TokenStore, plan: SplitPlan, tokenizer: TextTokenizer, *, eos: str) -> None:
        self._store = store
        self._plan = plan
        self._tokenizer = tokenizer
        self._eos = eos
        self._is_word_level = tokenizer.kind in WORD_LEVEL
        self._id_of_token = self._ids_of_tokens() if self._is_word_level else np.zeros(0, dtype=np.uint32)
        self._dtype = np.uint16 if tokenizer.vocab_size <= np.iinfo(np.uint16).max + 1 else np.uint32
        oov_cost = OOVCost(tokenizer)
        self._space_cost = oov_cost.of_token(" ") if tokenizer.kind == "char" else 0.0
        costs = (oov_cost.of_token(token) for token in store.token_strings[1:])
        self._oov_costs = np.fromiter(itertools.chain([0.0], costs), dtype=np.float64, count=store.num_types)

    def _ids_of_tokens(self) -> TokenIds:
        """Returns the id of each token number of the store."""
        vocabulary = self._tokenizer.vocabulary()
        ids = [vocabulary.get(token, self._tokenizer.unk_id) for token in self._store.token_strings[1:]]
        return np.array([self._tokenizer.eos_id, *ids], dtype=np.uint32)

    def write(self, split: str, folder: Path) -> SplitStats:
        """Writes SPLIT.npy, SPLIT.offsets.npy and SPLIT.labels.npy, and returns the counts of the split.

        The files hold the ids; the index of the first id of each document, with the number of ids; and the number of
        each document's label among `DocumentTable.labels`. A split that is not for training also gets
        SPLIT.documents.npz, see `DocumentTexts`.

        Raises:
            OSError: The disk is full.
        """
        labels = self._store.documents.labels
        label = self._store.documents.label_numbers[self._plan.documents[split]].astype(np.int64)
        counter = _SplitCounter(self._store.num_types, self._tokenizer.vocab_size, len(labels))
        lengths = self._write_ids(split, folder / f"{split}.npy", label, counter)
        with ArrayWriter(folder / f"{split}.offsets.npy", np.int64) as file:
            file.append(np.concatenate(([0], np.cumsum(lengths))))
        with ArrayWriter(folder / f"{split}.labels.npy", np.min_scalar_type(len(labels))) as file:
            file.append(label)
        if split != "train":
            self._document_texts(split).save(folder / f"{split}.documents.npz")
        return self._stats(label, int(lengths.sum()), counter)

    def _write_ids(self, split: str, path: Path, label: IntArray, counter: "_SplitCounter") -> IntArray:
        """Writes the ids of a split, adds them to `counter`, and returns the number of ids of each document."""
        lengths = np.zeros(len(label), dtype=np.int64)
        with ArrayWriter(path, self._dtype) as file:
            for block in self._plan.blocks(split, self._store):
                ids, ends = self._encode(block.tokens)
                assert ids.max() < self._tokenizer.vocab_size, "an id beyond the vocabulary"
                counter.add(block, ids, ends, label[block.document], self._tokenizer.unk_id)
                if not self._is_word_level:
                    counter.id_counts += np.bincount(ids, minlength=len(counter.id_counts))
                inner_ends = np.flatnonzero(~block.ends_document) if self._eos == "document" else ()
                num_ids = np.diff(ends, prepend=0)
                if len(inner_ends):
                    ids = np.delete(ids, ends[inner_ends] - 1)
                    num_ids[inner_ends] -= 1
                first = block.document[0]
                added = np.bincount(block.document - first, num_ids).astype(np.int64)
                lengths[first : first + len(added)] += added
                file.append(ids)
        return lengths

    def _document_texts(self, split: str) -> DocumentTexts:
        digests, characters, oov_costs = [], [], []
        for document in self._plan.documents[split].tolist():
            digest, length, cost, separator = hashlib.sha256(), 0, 0.0, ""
            for span in self._plan.spans(split, document, self._store):
                for tokens in self._store.blocks(span):
                    text = separator + PARAGRAPH_BREAK.join(self._store.paragraphs(tokens))
                    digest.update(text.encode("utf-8", "surrogatepass"))
                    spaces = num_spaces(words_per_paragraph(tokens))
                    costs = self._oov_costs[without_glue(tokens)]
                    cost += math.fsum([*costs[costs > 0].tolist(), self._space_cost * spaces])
                    length += len(text)
                    separator = PARAGRAPH_BREAK
            digests.append(digest.digest())
            characters.append(length)
            oov_costs.append(cost)
        return DocumentTexts(hash_array(digests), np.array(characters, np.int64), np.array(oov_costs))

    def _encode(self, tokens: TokenNumbers) -> tuple[TokenIds, IntArray]:
        """Returns the ids of whole paragraphs, each followed by `<eos>`, and the index after the end of each."""
        if self._is_word_level:
            return self._id_of_token[without_glue(tokens)], np.flatnonzero(tokens == 0) + 1
        encoded = self._tokenizer.encode_batch(list(self._store.paragraphs(tokens)))
        ends = np.cumsum([len(paragraph) + 1 for paragraph in encoded])
        ids = np.full(ends[-1], self._tokenizer.eos_id, dtype=np.uint32)
        for end, paragraph in zip(ends.tolist(), encoded, strict=True):
            ids[end - 1 - len(paragraph) : end - 1] = paragraph
        return ids, ends

    def _stats(self, label: IntArray, num_tokens: int, counter: "_SplitCounter") -> SplitStats:
        is_literal_eos = self._id_of_token[1:] == self._tokenizer.eos_id  # in a text of kind whitespace
        literal_eos = int(counter.token_counts[1:][is_literal_eos].sum()) if self._is_word_level else 0
        characters = np.array([0, *map(len, self._store.token_strings[1:])], dtype=np.int64)
        oov_cost = self._oov_costs * counter.token_counts
        breaks = len(PARAGRAPH_BREAK) * counter.breaks
        counts = TextCounts(
            documents=len(label),
            words=int(counter.words.sum()),
            characters=int(characters @ counter.token_counts) + counter.spaces + breaks,
            tokens=num_tokens,
            unknown_tokens=int(counter.unknown.sum()),
            eos_tokens=num_tokens - int(counter.tokens.sum()) + literal_eos,
            # An exact sum: it must not depend on the order in which types were encountered.
            oov_cost=math.fsum([*oov_cost[oov_cost > 0].tolist(), self._space_cost * counter.spaces]),
        )
        type_counts = counter.token_counts if self._is_word_level else counter.id_counts
        type_counts[0 if self._is_word_level else self._tokenizer.eos_id] = 0
        return SplitStats(counts, self._label_counts(label, counter), type_counts)

    def _label_counts(self, label: IntArray, counter: "_SplitCounter") -> dict[str, LabelCounts]:
        labels = self._store.documents.labels
        documents = np.bincount(label, minlength=len(labels))
        return {
            name: LabelCounts(
                documents=int(documents[number]),
                words=int(counter.words[number]),
                tokens=int(counter.tokens[number]),
                unknown_tokens=int(counter.unknown[number]),
            )
            for name, number in sorted(labels.items())
            if documents[number]
        }


class _SplitCounter:
    """Sums over the blocks of a split; words, tokens (without `<eos>`) and unknown tokens for each label.

    Attributes:
        token_counts: Number of occurrences of each token number of the store.
        id_counts: Number of occurrences of each id, for kinds whose tokens are not those of the store.
        words: Number of words of each label.
        tokens: Number of tokens of each label, without `<eos>`.
        unknown: Number of unknown tokens of each label.
        spaces: Number of spaces within paragraphs.
        breaks: Number of paragraph breaks within documents.
    """

    def __init__(self, num_types: int, vocab_size: int, num_labels: int) -> None:
        self.token_counts = np.zeros(num_types, dtype=np.int64)
        self.id_counts = np.zeros(vocab_size, dtype=np.int64)
        self.words, self.tokens, self.unknown = np.zeros((3, num_labels), dtype=np.int64)
        self.spaces = self.breaks = 0

    def add(self, block: SplitBlock, ids: TokenIds, ends: IntArray, label: IntArray, unk_id: int) -> None:
        """Adds a block.

        Args:
            block: The block.
            ids: Its ids.
            ends: For each paragraph the index after its last id.
            label: For each paragraph the number of its label.
            unk_id: The id of `<unk>`.
        """
        self.token_counts += np.bincount(without_glue(block.tokens), minlength=len(self.token_counts))
        words = words_per_paragraph(block.tokens)
        unknown = np.add.reduceat(ids == unk_id, np.concatenate(([0], ends[:-1])), dtype=np.int64)
        for total, values in (
            (self.words, words),
            (self.tokens, np.diff(ends, prepend=0) - 1),
            (self.unknown, unknown),
        ):
            np.add(total, np.bincount(label, values, len(total)).astype(np.int64), out=total)
        self.spaces += num_spaces(words)
        self.breaks += len(block.document) - int(block.ends_document.sum())
