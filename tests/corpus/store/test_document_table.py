"""The document table: metadata of each document, and pieces of one document joined."""

from pathlib import Path

import pytest

from halo.config import SPLITS
from halo.corpus.store.document_hashes import combine_hashes, content_hash
from halo.corpus.store.document_table import NOT_GIVEN, DocumentMetadata, DocumentTable

HASHES = [content_hash(text, 0) for text in ("a", "b", "c")]


@pytest.fixture
def table(tmp_path: Path) -> DocumentTable:
    """Two documents, the second of which has two pieces."""
    table = DocumentTable(tmp_path / "sources")
    table.add(DocumentMetadata("first é", "news", "", continues=False), HASHES[0], 2)
    table.add(DocumentMetadata("second", "forum", "test", continues=False), HASHES[1], 3)
    table.add(DocumentMetadata("second", "forum", "test", continues=True), HASHES[2], 4)
    table.make_readable()
    return table


def test_each_document_has_its_metadata(table: DocumentTable) -> None:
    assert len(table) == 2
    assert [table.source(document) for document in (1, 0)] == ["second", "first é"]
    assert [table.label(document) for document in (0, 1)] == ["news", "forum"]
    assert table.labels == {"news": 0, "forum": 1}
    assert table.label_numbers.tolist() == [0, 1]
    assert table.given_splits.tolist() == [NOT_GIVEN, SPLITS.index("test")]
    table.close()


def test_pieces_count_and_hash_as_one_document(table: DocumentTable) -> None:
    assert list(table.num_raw_paragraphs) == [2, 7]
    assert table.hashes[0] == HASHES[0]
    assert table.identity(1) == (combine_hashes(*HASHES[1:]).hex(), "forum", "second")
    table.close()
