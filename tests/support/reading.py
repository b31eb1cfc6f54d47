"""The documents of a text, without preparing it."""

from collections.abc import Iterator, Sequence

from halo.config import DataConfig
from halo.corpus.sources.documents import Document, find_sources, read_files
from halo.corpus.sources.files import SourceFile
from halo.corpus.sources.lines import ReadLog


def read_documents(config: DataConfig) -> Iterator[Document]:
    """Returns a stream of the documents that `config` names; the files are searched for at once."""
    return _read_and_report(find_sources(config), config)


def _read_and_report(files: Sequence[SourceFile], config: DataConfig) -> Iterator[Document]:
    read_log = ReadLog()
    yield from read_files(files, config, read_log)
    read_log.report()
