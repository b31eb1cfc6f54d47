"""Cleaning and tokenization of a batch of raw documents; runs in every worker process.

text --clean--> paragraphs --split at spaces--> words --WordTable--> tokens, numbered within the batch
                                                  |
                                                  +--> hashes --> signatures, by which duplicates are found
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from halo.config import SPLITS, DataConfig
from halo.corpus.cleaning.pipeline import CleaningCounts, clean_counted, clean_together
from halo.corpus.cleaning.white_space import count_paragraphs, lines_to_paragraphs
from halo.corpus.dedup.signatures import BatchSignatures, compute_signatures
from halo.corpus.store.document_hashes import content_hash
from halo.corpus.store.statistics_file import CleaningExample
from halo.corpus.store.word_table import GLUED, PARAGRAPH_END, TokenNumbers, WordTable, without_glue
from halo.runtime.array_types import IntArray
from halo.tokenization.token_rules import word_splitter

GROUP_CHARACTERS = 2**14  # where the overhead of a cleaning step becomes small
EXAMPLES_PER_BATCH = 20
_EXAMPLES_PER_STEP = 10
_EXAMINED_LINES = 200
_MAX_EXAMPLE_CHARACTERS = 2000
_COMMON_STEPS = {"case", "white_space"}  # these change nearly every line, which makes poor examples


class TokenizedBatch(NamedTuple):
    """A batch of documents, cleaned and tokenized.

    Attributes:
        tokens: The different tokens; the first is the end of a paragraph.
        token_numbers: The tokens of all documents, one document after another, as indexes of `tokens`, with the bit
            `GLUED` if there is no space before the token; 0 at the end of each paragraph.
        lengths: Number of tokens of each document.
        hashes: Hash of the raw text of each document, see `content_hash`.
        signatures: Digests and signatures of the documents and their paragraphs.
        num_words: Number of words of all documents together.
        num_characters: Number of characters of all raw texts together.
        cleaning_counts: Number of changes by each cleaning step, and of each removed character.
        cleaning_examples: Lines before and after cleaning.
        num_raw_paragraphs: Number of paragraphs of each document before cleaning.
    """

    tokens: list[str]
    token_numbers: TokenNumbers
    lengths: IntArray
    hashes: list[bytes]
    signatures: BatchSignatures
    num_words: int
    num_characters: int
    cleaning_counts: CleaningCounts
    cleaning_examples: list[CleaningExample]
    num_raw_paragraphs: list[int]


class BatchTokenizer:
    """Cleans documents, splits them into tokens, and computes their signatures.

    Args:
        config: The settings of the text.
        lines_are_paragraphs: Whether each line is a paragraph in documents that have too few paragraphs to be divided
            into splits.
    """

    def __init__(self, config: DataConfig, *, lines_are_paragraphs: bool) -> None:
        self._config = config
        self._lines_are_paragraphs = lines_are_paragraphs
        self._table = WordTable(
            word_splitter(config.tokenizer.kind, any_placeholder=config.cleaning.has_further_placeholders)
        )

    def __call__(self, texts: Sequence[str]) -> TokenizedBatch:
        """Returns the batch of raw `texts`, cleaned and tokenized."""
        self._table.make_room()
        counts = CleaningCounts()
        examples: list[CleaningExample] = []
        words: list[str] = []
        num_words: list[int] = []
        num_raw_paragraphs = list(map(count_paragraphs, texts))
        for group in _groups(texts):
            cleaned, group_counts = clean_together(list(map(self._with_paragraphs, group)), self._config.cleaning)
            counts.add(group_counts)
            if len(examples) < EXAMPLES_PER_BATCH and (group_counts.steps.keys() - _COMMON_STEPS or not examples):
                examples += self._examples("\n".join(group), EXAMPLES_PER_BATCH - len(examples))
            for text in cleaned:
                before = len(words)
                words += self._words(text)
                num_words.append(len(words) - before)
        word_numbers = self._table.numbers(words)
        tokens, token_numbers, lengths = self._tokens(word_numbers, num_words)
        return TokenizedBatch(
            tokens=tokens,
            token_numbers=token_numbers,
            lengths=lengths,
            hashes=[content_hash(text, self._config.splits.seed) for text in texts],
            signatures=self._signatures(word_numbers, num_words),
            num_words=int(np.count_nonzero(word_numbers)),
            num_characters=sum(map(len, texts)),
            cleaning_counts=counts,
            cleaning_examples=examples,
            num_raw_paragraphs=num_raw_paragraphs,
        )

    def _with_paragraphs(self, text: str) -> str:
        """Returns `text`, with each line as a paragraph if there are too few paragraphs and the settings allow it."""
        too_few = self._lines_are_paragraphs and count_paragraphs(text) < len(SPLITS)
        return lines_to_paragraphs(text) if too_few or self._config.tokenizer.eos == "line" else text

    def _words(self, cleaned: str) -> list[str]:
        """Returns the words of a cleaned document, including the end of each paragraph."""
        if cleaned:
            return f"{cleaned}\n\n".replace("\n\n", f" {PARAGRAPH_END} ").split(" ")[:-1]
        # A document consisting of a single <eos>, for benchmarks in which blank lines count.
        return [PARAGRAPH_END] if self._config.documents == "every_line" else []

    def _tokens(self, word_numbers: IntArray, num_words: Sequence[int]) -> tuple[list[str], TokenNumbers, IntArray]:
        """Returns the different tokens of the batch, all tokens as indexes of these, and the document lengths."""
        table_tokens, counts = self._table.tokens(word_numbers)
        table_numbers = without_glue(table_tokens)
        strings = self._table.token_strings()
        used = np.zeros(len(strings), dtype=bool)
        used[table_numbers] = True
        used[0] = True
        batch_numbers = np.cumsum(used, dtype=np.uint32) - np.uint32(1)
        token_numbers = batch_numbers[table_numbers] | (table_tokens & np.uint32(GLUED))
        word_ends = np.concatenate(([0], np.cumsum(counts)))
        lengths = np.diff(word_ends[np.concatenate(([0], np.cumsum(num_words)))])
        return [strings[number] for number in np.flatnonzero(used)], token_numbers, lengths

    def _signatures(self, word_numbers: IntArray, num_words: Sequence[int]) -> BatchSignatures:
        ends = np.flatnonzero(word_numbers == 0)
        num_paragraphs = np.diff(np.searchsorted(ends, np.concatenate(([0], np.cumsum(num_words)))))
        hashes, counts = self._table.unit_hashes(word_numbers)
        paragraph_units = np.diff(np.cumsum(counts)[ends], prepend=0)
        return compute_signatures(hashes, paragraph_units, num_paragraphs, self._config.duplicates)

    def _examples(self, text: str, number: int) -> list[CleaningExample]:
        """Returns up to `number` lines that cleaning changes other than in white space, some for each step."""
        found: list[CleaningExample] = []
        seen: Counter[str] = Counter()
        for line in text[: _EXAMINED_LINES * _MAX_EXAMPLE_CHARACTERS].splitlines()[:_EXAMINED_LINES]:
            if not 0 < len(line) <= _MAX_EXAMPLE_CHARACTERS:
                continue
            cleaned, counts = clean_counted(line, self._config.cleaning)
            new = [step for step in counts.steps if step != "white_space" and seen[step] < _EXAMPLES_PER_STEP]
            if new:
                found.append(CleaningExample(line, cleaned, list(counts.steps)))
                seen.update(counts.steps)
            if len(found) == number:
                break
        return found


def _groups(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yields texts in groups that are cleaned together; a long text forms a group of its own."""
    group: list[str] = []
    size = 0
    for text in texts:
        if group and size + len(text) > GROUP_CHARACTERS:
            yield group
            group, size = [], 0
        group.append(text)
        size += len(text)
    if group:
        yield group
