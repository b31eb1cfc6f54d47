"""The engine of one machine: this process reads, and the processes of a pool clean and tokenize."""

import contextlib
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import replace
from functools import partial

from halo.config import DataConfig
from halo.corpus.engines.engine import DocumentBatch, ReadingRecord, metadata_of
from halo.corpus.engines.shards import Shard, read_shard
from halo.corpus.sources.documents import Document
from halo.corpus.store.batch_tokenizer import BatchTokenizer
from halo.corpus.store.document_table import DocumentMetadata
from halo.runtime.process_pool import MAX_WORKERS, num_cores, parallel_map

MIN_PARALLEL_BYTES = 2**22  # a smaller text is prepared before worker processes would have started


class LocalEngine:
    """Cleans and tokenizes with the cores of this machine.

    Args:
        config: The settings of the text.
        size_bytes: Its size, which decides whether worker processes are started.
    """

    def __init__(self, config: DataConfig, *, size_bytes: int) -> None:
        self._config = config
        self._workers = 1 if size_bytes < MIN_PARALLEL_BYTES else min(num_cores(), MAX_WORKERS)

    def tokenize(
        self, shards: Sequence[Shard], record: ReadingRecord, *, lines_are_paragraphs: bool
    ) -> Generator[DocumentBatch, None, None]:
        """See `Engine`."""
        metadata: deque[list[DocumentMetadata]] = deque()  # of the batches that are being processed

        def texts(batch: Sequence[Document]) -> list[str]:
            metadata.append(metadata_of(batch))
            if record.line_ends is not None:
                record.line_ends.add(each.text for each in batch)
            return [each.text for each in batch]

        metered = [tuple(replace(part, on_read=record.on_read) for part in shard) for shard in shards]
        batches = (texts(batch) for shard in metered for batch in read_shard(shard, self._config, record.read_log))
        make_tokenizer = partial(BatchTokenizer, self._config, lines_are_paragraphs=lines_are_paragraphs)
        with contextlib.closing(parallel_map(make_tokenizer, batches, workers=self._workers)) as tokenized:
            for batch in tokenized:
                yield DocumentBatch(metadata.popleft(), batch)
