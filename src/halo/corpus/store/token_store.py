"""The cleaned text of all documents, stored on disk as token numbers until it is known which split it belongs to.

The file takes four bytes for each token: its number, with the bit `GLUED` if there is no space before it, and 0 at the
end of each paragraph. So any document can be read back as it was cleaned, counted, or mapped to its final ids, and what
remains in memory is a few dozen bytes for each document and each different token.
"""

import contextlib
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple

import numpy as np

from halo.config import DataConfig
from halo.corpus.cleaning.pipeline import CleaningCounts
from halo.corpus.dedup.duplicate_finder import DuplicateFinder
from halo.corpus.store.batch_tokenizer import TokenizedBatch
from halo.corpus.store.document_table import DocumentMetadata, DocumentTable
from halo.corpus.store.statistics_file import CleaningExample
from halo.corpus.store.word_table import GLUED, TokenNumbers, without_glue
from halo.runtime.array_types import IntArray

TOKEN_BYTES = 4
BLOCK_TOKENS = 2**20
MAX_EXAMPLES = 2000  # the data report shows twenty of them


class TokenSpan(NamedTuple):
    """A contiguous range of tokens of the store.

    Attributes:
        begin: Index of its first token.
        end: Index after its last token.
    """

    begin: int
    end: int


class TokenStore:
    """Tokenized documents, added batch by batch and read back in any order. A context manager: it removes its files.

    Attributes:
        documents: Label, given split, hash and source of each document.
        duplicate_finder: Holds the signatures of all documents and paragraphs.
        num_characters: Number of characters of all raw texts together.
        cleaning_counts: Number of changes by each cleaning step, and of each removed character.
        cleaning_examples: Lines before and after cleaning.

    Args:
        folder: Where its files are written.
        config: The settings of the text.
    """

    def __init__(self, folder: Path, config: DataConfig) -> None:
        self._paths = [folder / "tokens", folder / "sources"]
        self._file: BinaryIO = self._paths[0].open("wb", buffering=2**20)
        self.documents = DocumentTable(self._paths[1])
        self._token_numbers: dict[str, int] = {}
        self._token_strings: list[str] = []
        self._ends = array("q", [0])
        self.duplicate_finder = DuplicateFinder(config.duplicates)
        self.num_characters = 0
        self.cleaning_counts = CleaningCounts()
        self.cleaning_examples: list[CleaningExample] = []

    def __enter__(self) -> "TokenStore":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for close, path in zip((self._file.close, self.documents.close), self._paths, strict=True):
            with contextlib.suppress(OSError):  # a full disk; the data still to be written is no longer needed
                close()
            path.unlink()

    def __len__(self) -> int:
        return len(self.documents)

    def add(self, metadata: Sequence[DocumentMetadata], batch: TokenizedBatch) -> None:
        """Adds a batch of documents; the first may continue the last one of the batch before."""
        numbers = (self._token_numbers.setdefault(token, len(self._token_numbers)) for token in batch.tokens)
        number_of_batch_token = np.fromiter(numbers, dtype=np.uint32, count=len(batch.tokens))
        tokens = number_of_batch_token[without_glue(batch.token_numbers)] | (batch.token_numbers & np.uint32(GLUED))
        self._file.write(tokens.tobytes())
        self.duplicate_finder.add(batch.signatures, continues=metadata[0].continues)
        self.num_characters += batch.num_characters
        self.cleaning_counts.add(batch.cleaning_counts)
        if len(self.cleaning_examples) < MAX_EXAMPLES:
            self.cleaning_examples += batch.cleaning_examples
        for each, length, content_hash, num_raw_paragraphs in zip(
            metadata, batch.lengths.tolist(), batch.hashes, batch.num_raw_paragraphs, strict=True
        ):
            self.documents.add(each, content_hash, num_raw_paragraphs)
            if each.continues:
                self._ends[-1] += length
            else:
                self._ends.append(self._ends[-1] + length)

    def make_readable(self) -> None:
        """Ends writing, so that the documents can be read.

        Raises:
            OSError: The disk is full.
        """
        self._file.close()
        # Documents are read in any order and most are short, so that read-ahead would be wasted.
        self._file = self._paths[0].open("rb", buffering=0)
        self.documents.make_readable()
        self._token_strings = list(self._token_numbers)

    @property
    def num_types(self) -> int:
        """The number of different tokens, including the end of a paragraph."""
        return len(self._token_numbers)

    @property
    def token_strings(self) -> list[str]:
        """The token of each number; the first is the end of a paragraph."""
        return self._token_strings

    def token_counts(self) -> IntArray:
        """Returns the number of occurrences of each token in all documents, shape (num_types,)."""
        counts = np.zeros(self.num_types, dtype=np.int64)
        for begin in range(0, self._ends[-1], BLOCK_TOKENS):
            tokens = self.read(TokenSpan(begin, min(begin + BLOCK_TOKENS, self._ends[-1])))
            counts += np.bincount(without_glue(tokens), minlength=self.num_types)
        return counts

    def span(self, document: int) -> TokenSpan:
        """Returns the tokens that a document takes up."""
        return TokenSpan(self._ends[document], self._ends[document + 1])

    def read(self, span: TokenSpan) -> TokenNumbers:
        """Returns the tokens of a span."""
        self._file.seek(span.begin * TOKEN_BYTES)
        return np.frombuffer(self._file.read((span.end - span.begin) * TOKEN_BYTES), dtype=np.uint32)

    def blocks(self, span: TokenSpan) -> Iterator[TokenNumbers]:
        """Yields the tokens of a span in blocks of whole paragraphs, about `BLOCK_TOKENS` at a time."""
        begin, size = span.begin, BLOCK_TOKENS
        while begin < span.end:
            tokens = self.read(TokenSpan(begin, min(begin + size, span.end)))
            ends = np.flatnonzero(tokens == 0)
            if not len(ends):
                size *= 2  # a paragraph that is longer than a block
                continue
            length = int(ends[-1]) + 1
            yield tokens[:length]
            begin, size = begin + length, BLOCK_TOKENS

    def paragraphs(self, tokens: TokenNumbers) -> Iterator[str]:
        """Yields the cleaned text of each paragraph in `tokens`."""
        ends = np.flatnonzero(tokens == 0).tolist()
        numbers, glued = without_glue(tokens).tolist(), (tokens >= GLUED).tolist()
        begin = 0
        for end in ends:
            pairs = zip(numbers[begin:end], glued[begin:end], strict=True)
            parts = [
                self._token_strings[number] if is_glued else f" {self._token_strings[number]}"
                for number, is_glued in pairs
            ]
            yield "".join(parts)[1:]
            begin = end + 1

    def text(self, document: int) -> str:
        """Returns the cleaned text of a document."""
        return "\n\n".join(self.paragraphs(self.read(self.span(document))))
