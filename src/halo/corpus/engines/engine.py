"""What every engine does: shards of raw text -> batches of cleaned and tokenized documents, in order."""

from collections.abc import Callable, Generator, Sequence
from typing import NamedTuple, Protocol

from halo.corpus.engines.shards import Shard
from halo.corpus.sources.documents import Document
from halo.corpus.sources.lines import ReadLog
from halo.corpus.store.batch_tokenizer import TokenizedBatch
from halo.corpus.store.document_table import DocumentMetadata
from halo.corpus.store.line_ends import LineEndCounter


class DocumentBatch(NamedTuple):
    """A batch of documents, ready to be stored.

    Attributes:
        metadata: The attributes of each document other than its text.
        tokenized: Their text, cleaned and tokenized.
    """

    metadata: list[DocumentMetadata]
    tokenized: TokenizedBatch


class ReadingRecord(NamedTuple):
    """Where an engine records what it reads.

    Attributes:
        read_log: What was replaced or skipped.
        line_ends: Counts line ends within paragraphs; None where each line is a paragraph.
        on_read: Called with each number of bytes read.
    """

    read_log: ReadLog
    line_ends: LineEndCounter | None
    on_read: Callable[[int], None]


class Engine(Protocol):
    """Reads, cleans and tokenizes text."""

    def tokenize(
        self, shards: Sequence[Shard], record: ReadingRecord, *, lines_are_paragraphs: bool
    ) -> Generator[DocumentBatch, None, None]:
        """Yields the documents of all shards in batches, in order; few of them are in memory at any time.

        Args:
            shards: What to read.
            record: Where it is recorded what was read, in order.
            lines_are_paragraphs: See `BatchTokenizer`.

        Raises:
            InputError: A file cannot be read, or a process that reads was killed too often.
        """
        ...


def metadata_of(documents: Sequence[Document]) -> list[DocumentMetadata]:
    """Returns the attributes of each document other than its text."""
    return [DocumentMetadata(each.source, each.label, each.split, each.continues) for each in documents]
