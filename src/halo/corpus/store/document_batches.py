"""A batch of raw documents -> clean tokens, and what is asked of a text while it is at hand; runs on every core.

text --clean--> paragraphs --split at spaces--> words --WordTable--> tokens: numbers in the batch's own vocabulary
                                                  |
                                                  +--> hashes --> signatures, by which duplicates are found
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from halo.config import SPLITS, DataConfig
from halo.corpus.cleaning.pipeline import clean_counted, clean_together, count_paragraphs
from halo.corpus.dedup.signatures import Signatures, sign
from halo.corpus.store.document_hashes import content_hash
from halo.corpus.store.statistics import Example
from halo.corpus.store.word_table import GLUED, PARAGRAPH_END, Ids, Indexes, WordTable
from halo.tokenization.tokenizer import word_cutter

GROUP_CHARACTERS = 2**14  # where one step more costs little
EXAMPLES_PER_BATCH = 20
_EXAMPLES_OF_A_STEP = 10
_EXAMINED_LINES = 200
_EXAMPLE_CHARACTERS = 2000
_PLAIN_STEPS = {"case", "white_space"}  # what nearly every line has is no example of anything


class TokenizedBatch(NamedTuple):
    """A batch of documents, cleaned and cut into tokens.

    Attributes:
        tokens: The different tokens; the end of a paragraph is the first.
        ids: For all documents one after another the tokens as indexes of `tokens`, 0 at the end of each paragraph. The
            bit `GLUED` says that there is no space before the token.
        lengths: How many of the ids belong to each document.
        hashes: Of each document the hash of its raw text, see `content_hash`.
        signatures: What the documents are compared by.
        characters: Of all raw texts together.
        cleaning: What each step of cleaning changed.
        examples: Lines before and after.
        num_raw_paragraphs: Of each document, before cleaning.
    """

    tokens: list[str]
    ids: Ids
    lengths: Indexes
    hashes: list[bytes]
    signatures: Signatures
    characters: int
    cleaning: Counter[str]
    examples: list[Example]
    num_raw_paragraphs: list[int]


class BatchTokenizer:
    """Cleans documents, cuts them into tokens, and signs them.

    Args:
        config: The settings of the text.
        lines_are_paragraphs: Whether each line is a paragraph in documents that have too few of them to be divided.
    """

    def __init__(self, config: DataConfig, *, lines_are_paragraphs: bool) -> None:
        self._config = config
        self._lines_are_paragraphs = lines_are_paragraphs
        self._table = WordTable(word_cutter(config.tokenizer.kind))

    def __call__(self, texts: Sequence[str]) -> TokenizedBatch:
        """Returns the batch of raw `texts`, processed."""
        self._table.make_room()
        cleaning: Counter[str] = Counter()
        examples: list[Example] = []
        words: list[str] = []
        num_words: list[int] = []
        num_raw_paragraphs = list(map(count_paragraphs, texts))
        for group in _groups(texts):
            divided = [self._divided(text) for text in group]
            cleaned, counts = clean_together(divided, self._config.cleaning)
            cleaning.update(counts)
            if len(examples) < EXAMPLES_PER_BATCH and (counts.keys() - _PLAIN_STEPS or not examples):
                examples += self._examples("\n".join(group), EXAMPLES_PER_BATCH - len(examples))
            for text in cleaned:
                before = len(words)
                words += self._words(text)
                num_words.append(len(words) - before)
        numbers = self._table.number(words)
        tokens, ids, lengths = self._tokens(numbers, num_words)
        return TokenizedBatch(
            tokens=tokens,
            ids=ids,
            lengths=lengths,
            hashes=[content_hash(text, self._config.splits.seed) for text in texts],
            signatures=self._sign(numbers, num_words),
            characters=sum(map(len, texts)),
            cleaning=cleaning,
            examples=examples,
            num_raw_paragraphs=num_raw_paragraphs,
        )

    def _divided(self, text: str) -> str:
        too_few = self._lines_are_paragraphs and count_paragraphs(text) < len(SPLITS)
        return "\n\n".join(line for line in text.splitlines() if line.strip()) if too_few else text

    def _words(self, cleaned: str) -> list[str]:
        """Returns the words of a cleaned document, the end of each paragraph among them."""
        if cleaned:
            return f"{cleaned}\n\n".replace("\n\n", f" {PARAGRAPH_END} ").split(" ")[:-1]
        # A document of nothing but <eos>, where the protocol counts blank lines.
        return [PARAGRAPH_END] if self._config.documents == "every_line" else []

    def _tokens(self, numbers: Indexes, num_words: Sequence[int]) -> tuple[list[str], Ids, Indexes]:
        """Returns the different tokens of the batch, all tokens as indexes of these, and how many each document has."""
        table_ids, counts = self._table.tokens(numbers)
        table_numbers = table_ids & ~np.uint32(GLUED)
        strings = self._table.token_strings()
        used = np.zeros(len(strings), dtype=bool)
        used[table_numbers] = True
        used[0] = True
        new_numbers = np.cumsum(used, dtype=np.uint32) - np.uint32(1)
        ids = new_numbers[table_numbers] | (table_ids & np.uint32(GLUED))
        word_ends = np.concatenate(([0], np.cumsum(counts)))
        lengths = np.diff(word_ends[np.concatenate(([0], np.cumsum(num_words)))])
        return [strings[number] for number in np.flatnonzero(used)], ids, lengths

    def _sign(self, numbers: Indexes, num_words: Sequence[int]) -> Signatures:
        is_end = numbers == 0
        ends = np.flatnonzero(is_end)
        paragraph_words = np.diff(ends, prepend=-1) - 1
        num_paragraphs = np.diff(np.searchsorted(ends, np.concatenate(([0], np.cumsum(num_words)))))
        hashes = self._table.hashes(numbers[~is_end])
        return sign(hashes, paragraph_words, num_paragraphs, self._config.duplicates)

    def _examples(self, text: str, number: int) -> list[Example]:
        """Returns lines that cleaning changes otherwise than in white space, of each step some."""
        found: list[Example] = []
        seen: Counter[str] = Counter()
        for line in text[: _EXAMINED_LINES * _EXAMPLE_CHARACTERS].splitlines()[:_EXAMINED_LINES]:
            if not 0 < len(line) <= _EXAMPLE_CHARACTERS:
                continue
            cleaned, counts = clean_counted(line, self._config.cleaning)
            new = [step for step in counts if step != "white_space" and seen[step] < _EXAMPLES_OF_A_STEP]
            if new:
                found.append(Example(line, cleaned, list(counts)))
                seen.update(counts)
            if len(found) == number:
                break
        return found


def _groups(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yields texts in groups that are cleaned together; long ones come alone."""
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
