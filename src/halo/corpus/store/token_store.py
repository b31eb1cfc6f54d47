"""The cleaned text of all documents, on disk as numbers of tokens, before it is known what goes where.

The file of the draft holds four bytes for each token: its number, with the bit `GLUED` where no space stands before it,
and 0 at the end of each paragraph. So any document can be read back as it was cleaned, counted, or mapped to final ids,
and what stays in memory is a few dozen bytes for each document and each different token.
"""

import contextlib
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.config import SPLITS, DataConfig
from halo.corpus.dedup.duplicates import DuplicateFinder
from halo.corpus.sources.documents import Document
from halo.corpus.store.document_batches import TokenizedBatch
from halo.corpus.store.document_hashes import HASH_BYTES, Hashes, combine_hashes
from halo.corpus.store.statistics import Example
from halo.corpus.store.word_table import GLUED, Ids

TOKEN_BYTES = 4
BLOCK_TOKENS = 2**20
NOT_GIVEN = -1
MAX_EXAMPLES = 2000  # twenty of them are shown


class Span(NamedTuple):
    """A stretch of the draft.

    Attributes:
        begin: Its first token.
        end: What follows its last token.
    """

    begin: int
    end: int


class About(NamedTuple):
    """What `Document` says of a text beside the text itself."""

    source: str
    label: str
    split: str
    continues: bool


class TokenStore:
    """Documents as they are added, batch by batch, and read back in any order. A context manager: it closes its files.

    Attributes:
        labels: The different labels, in the order in which they were met.
        duplicates: What knows the documents and paragraphs that stand twice.
        characters: Of all raw texts together.
        cleaning: What each step of cleaning changed.
        examples: Lines before and after cleaning.
        num_raw_paragraphs: Of each document, before cleaning.
    """

    def __init__(self, folder: Path, config: DataConfig) -> None:
        self._tokens: BinaryIO = (folder / "draft").open("wb", buffering=2**20)
        self._sources: BinaryIO = (folder / "sources").open("wb", buffering=2**16)
        self._numbers: dict[str, int] = {}
        self._strings: list[str] = []
        self._label_names: list[str] = []
        self._ends, self._source_ends = array("q", [0]), array("q", [0])
        self._labels, self._splits = array("i"), array("b")
        self._hashes = bytearray()
        self.labels: dict[str, int] = {}
        self.duplicates = DuplicateFinder(config.duplicates)
        self.characters = 0
        self.cleaning: Counter[str] = Counter()
        self.examples: list[Example] = []
        self.num_raw_paragraphs = array("q")

    def __enter__(self) -> "TokenStore":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for file in (self._tokens, self._sources):
            with contextlib.suppress(OSError):  # a full disk, on which what is still to be written is not needed
                file.close()
            Path(file.name).unlink()

    def __len__(self) -> int:
        return len(self._labels)

    def add(self, about: Sequence[About], batch: TokenizedBatch) -> None:
        """Adds a batch of documents; the first may go on with the last one of the batch before."""
        numbers = (self._numbers.setdefault(token, len(self._numbers)) for token in batch.tokens)
        mapping = np.fromiter(numbers, dtype=np.uint32, count=len(batch.tokens))
        ids = mapping[batch.ids & ~np.uint32(GLUED)] | (batch.ids & np.uint32(GLUED))
        self._tokens.write(ids.tobytes())
        self.duplicates.add(batch.signatures, continues=about[0].continues)
        self.characters += batch.characters
        self.cleaning.update(batch.cleaning)
        if len(self.examples) < MAX_EXAMPLES:
            self.examples += batch.examples
        for one, length, digest, paragraphs in zip(
            about, batch.lengths.tolist(), batch.hashes, batch.num_raw_paragraphs, strict=True
        ):
            if one.continues:
                self._go_on(length, digest, paragraphs)
            else:
                self._begin(one, length, digest, paragraphs)

    def _begin(self, about: About, length: int, digest: bytes, paragraphs: int) -> None:
        self._ends.append(self._ends[-1] + length)
        self._hashes += digest
        self.num_raw_paragraphs.append(paragraphs)
        self._labels.append(self.labels.setdefault(about.label, len(self.labels)))
        self._splits.append(SPLITS.index(about.split) if about.split else NOT_GIVEN)
        self._source_ends.append(self._source_ends[-1] + self._sources.write(about.source.encode()))

    def _go_on(self, length: int, digest: bytes, paragraphs: int) -> None:
        self._ends[-1] += length
        # Two hashes become one, of which every bit depends on both.
        self._hashes[-HASH_BYTES:] = combine_hashes(bytes(self._hashes[-HASH_BYTES:]), digest)
        self.num_raw_paragraphs[-1] += paragraphs

    def finish(self) -> None:
        """Makes what was added readable.

        Raises:
            OSError: The disk is full.
        """
        for file in (self._tokens, self._sources):
            file.close()
        # Documents are read in any order, most of them short: reading ahead would read in vain.
        self._tokens, self._sources = (
            Path(file.name).open("rb", buffering=0)  # noqa: SIM115  __exit__ closes them
            for file in (self._tokens, self._sources)
        )
        self._strings, self._label_names = list(self._numbers), list(self.labels)

    @property
    def num_types(self) -> int:
        """The number of different tokens, the end of a paragraph among them."""
        return len(self._numbers)

    @property
    def strings(self) -> list[str]:
        """For each number its token; the first is the end of a paragraph."""
        return self._strings

    @property
    def hashes(self) -> Hashes:
        """For each document the hash of its raw text."""
        return np.frombuffer(self._hashes, dtype=f"S{HASH_BYTES}")

    @property
    def label(self) -> npt.NDArray[np.int32]:
        """For each document the number of its label."""
        return np.frombuffer(self._labels, dtype=np.int32)

    @property
    def given_split(self) -> npt.NDArray[np.int8]:
        """For each document the split that it was given for, as an index of `SPLITS`, or `NOT_GIVEN`."""
        return np.frombuffer(self._splits, dtype=np.int8)

    def span(self, document: int) -> Span:
        """Returns the stretch of a document."""
        return Span(self._ends[document], self._ends[document + 1])

    def source(self, document: int) -> str:
        """Returns where a document was read from."""
        begin, end = self._source_ends[document], self._source_ends[document + 1]
        self._sources.seek(begin)
        return self._sources.read(end - begin).decode()

    def label_of(self, document: int) -> str:
        """Returns the label of a document."""
        return self._label_names[self._labels[document]]

    def identity(self, document: int) -> tuple[str, str, str]:
        """Returns what tells a document from others: the hash of its raw text, label and source."""
        digest = self._hashes[document * HASH_BYTES : (document + 1) * HASH_BYTES]
        return digest.hex(), self.label_of(document), self.source(document)

    def read(self, span: Span) -> Ids:
        """Returns the numbers of the tokens of a stretch, with `GLUED`."""
        self._tokens.seek(span.begin * TOKEN_BYTES)
        return np.frombuffer(self._tokens.read((span.end - span.begin) * TOKEN_BYTES), dtype=np.uint32)

    def blocks(self, span: Span) -> Iterator[Ids]:
        """Yields the numbers of the tokens of a stretch, some whole paragraphs at a time."""
        begin, size = span.begin, BLOCK_TOKENS
        while begin < span.end:
            ids = self.read(Span(begin, min(begin + size, span.end)))
            ends = np.flatnonzero(ids == 0)
            if not len(ends):
                size *= 2  # a paragraph that is longer than a block
                continue
            length = int(ends[-1]) + 1
            yield ids[:length]
            begin, size = begin + length, BLOCK_TOKENS

    def paragraphs(self, ids: Ids) -> Iterator[str]:
        """Yields the paragraphs that tokens make, as they were cleaned."""
        ends = np.flatnonzero(ids == 0).tolist()
        numbers, glued = (ids & ~np.uint32(GLUED)).tolist(), (ids >= GLUED).tolist()
        begin = 0
        for end in ends:
            tokens = zip(numbers[begin:end], glued[begin:end], strict=True)
            parts = [self._strings[number] if close else f" {self._strings[number]}" for number, close in tokens]
            yield "".join(parts)[1:]
            begin = end + 1

    def text(self, document: int) -> str:
        """Returns the cleaned text of a document."""
        return "\n\n".join(self.paragraphs(self.read(self.span(document))))


def batches(documents: Iterator[Document], *, characters: int) -> Iterator[list[Document]]:
    """Yields the documents in groups of about so many characters."""
    group: list[Document] = []
    size = 0
    for document in documents:
        group.append(document)
        size += len(document.text)
        if size >= characters:
            yield group
            group, size = [], 0
    if group:
        yield group
