"""What engines share: the metadata of documents."""

from halo.corpus.engines.engine import metadata_of
from halo.corpus.sources.documents import Document
from halo.corpus.store.document_table import DocumentMetadata


def test_metadata_is_all_but_the_text() -> None:
    document = Document("a.txt, line 3", "news", "text", split="test", continues=True)
    assert metadata_of([document]) == [DocumentMetadata("a.txt, line 3", "news", "test", continues=True)]
