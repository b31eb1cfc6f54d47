"""The table of documents: hash, label, given split and source of each, a few dozen bytes in memory."""

from array import array
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.config import SPLITS
from halo.corpus.store.document_hashes import HASH_BYTES, DocumentHashes, combine_hashes

NOT_GIVEN = -1


class DocumentMetadata(NamedTuple):
    """The attributes of a `Document` other than its text.

    Attributes:
        source: Where it was read from, for messages.
        label: Its label; empty if there is none.
        split: The split that it was given for; empty if it is still to be assigned.
        continues: Whether it is a further piece of the document before it.
    """

    source: str
    label: str
    split: str
    continues: bool


class DocumentTable:
    """Metadata of documents, in the order in which they were added. Sources are kept in a file.

    Attributes:
        labels: The different labels, numbered in the order in which they were encountered.
        num_raw_paragraphs: For each document its number of paragraphs before cleaning.

    Args:
        sources_file: The file to write sources to.
    """

    def __init__(self, sources_file: Path) -> None:
        self._sources_path = sources_file
        self._sources: BinaryIO = sources_file.open("wb", buffering=2**16)
        self._source_ends = array("q", [0])
        self._labels, self._splits = array("i"), array("b")
        self._hashes = bytearray()
        self._label_names: list[str] = []
        self.labels: dict[str, int] = {}
        self.num_raw_paragraphs = array("q")

    def __len__(self) -> int:
        return len(self._labels)

    def add(self, metadata: DocumentMetadata, content_hash: bytes, num_raw_paragraphs: int) -> None:
        """Adds a document, or a further piece of the last one if `metadata.continues`."""
        if metadata.continues:
            self._hashes[-HASH_BYTES:] = combine_hashes(bytes(self._hashes[-HASH_BYTES:]), content_hash)
            self.num_raw_paragraphs[-1] += num_raw_paragraphs
            return
        self._hashes += content_hash
        self.num_raw_paragraphs.append(num_raw_paragraphs)
        self._labels.append(self.labels.setdefault(metadata.label, len(self.labels)))
        self._splits.append(SPLITS.index(metadata.split) if metadata.split else NOT_GIVEN)
        self._source_ends.append(self._source_ends[-1] + self._sources.write(metadata.source.encode()))

    def make_readable(self) -> None:
        """Ends writing, so that sources can be read.

        Raises:
            OSError: The disk is full.
        """
        self._sources.close()
        self._sources = self._sources_path.open("rb", buffering=0)
        self._label_names = list(self.labels)

    def close(self) -> None:
        """Closes the file of sources.

        Raises:
            OSError: The disk is full.
        """
        self._sources.close()

    @property
    def hashes(self) -> DocumentHashes:
        """For each document the hash of its raw text."""
        return np.frombuffer(self._hashes, dtype=f"S{HASH_BYTES}")

    @property
    def label_numbers(self) -> npt.NDArray[np.int32]:
        """For each document the number of its label."""
        return np.frombuffer(self._labels, dtype=np.int32)

    @property
    def given_splits(self) -> npt.NDArray[np.int8]:
        """For each document the split that it was given for, as an index of `SPLITS`, or `NOT_GIVEN`."""
        return np.frombuffer(self._splits, dtype=np.int8)

    def source(self, document: int) -> str:
        """Returns where a document was read from."""
        begin, end = self._source_ends[document], self._source_ends[document + 1]
        self._sources.seek(begin)
        return self._sources.read(end - begin).decode()

    def label(self, document: int) -> str:
        """Returns the label of a document."""
        return self._label_names[self._labels[document]]

    def identity(self, document: int) -> tuple[str, str, str]:
        """Returns what distinguishes a document from others: the hash of its raw text, its label, its source."""
        digest = self._hashes[document * HASH_BYTES : (document + 1) * HASH_BYTES]
        return digest.hex(), self.label(document), self.source(document)
