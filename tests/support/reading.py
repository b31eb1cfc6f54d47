"""The documents of a text, without preparing it."""

from collections.abc import Iterator

from halo.config import DataConfig
from halo.corpus.sources.documents import Document, find_sources, read_files


def read_documents(config: DataConfig) -> Iterator[Document]:
    """Returns a stream of the documents that `config` names; the files are searched for at once."""
    return read_files(find_sources(config), config)
