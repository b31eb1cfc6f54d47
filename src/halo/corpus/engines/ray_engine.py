"""The engine of a Ray cluster: each task reads, cleans and tokenizes a shard; this process stores what they return.

These are plain tasks that stream their results, and not Ray Data: its datasets keep the order of rows only at a cost,
know nothing of the formats, messages and checks of `halo.corpus.sources`, and what follows needs all documents in one
place anyway. A task that dies with its process or its node is started again by Ray, and goes on after the last batch
that was received; that gives the same documents, because a shard is the same for whoever reads it.

In flight are at most twice as many shards as the cluster has cores. Their results wait in Ray's object store, which
moves what it has no room for to the disk.
"""

import importlib
import logging
import os
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from fsspec.implementations.local import LocalFileSystem

from halo.config import DataConfig
from halo.corpus.engines.engine import DocumentBatch, ReadingRecord, metadata_of
from halo.corpus.engines.shards import Shard, read_shard
from halo.corpus.sources.lines import ReadLog
from halo.corpus.store.batch_tokenizer import BatchTokenizer, TokenizedBatch
from halo.corpus.store.line_ends import MAX_EXAMINED, count_line_ends
from halo.runtime.errors import InputError, reason

MAX_RETRIES = 3  # of each shard
SHARDS_PER_CORE = 2
log = logging.getLogger(__name__)


class ShardBatch(NamedTuple):
    """A part of what a task returns about its shard.

    Attributes:
        batch: Some of its documents.
        line_ends: For each document with such, the counts of `count_line_ends`.
        num_bytes: Number of bytes read since the batch before.
        attempt: How often the task was started before.
    """

    batch: DocumentBatch
    line_ends: list[tuple[int, int]]
    num_bytes: int
    attempt: int


class ShardEnd(NamedTuple):
    """What a task returns last.

    Attributes:
        read_log: The log of reading its shard.
        attempt: How often the task was started before.
    """

    read_log: ReadLog
    attempt: int


class RayEngine:
    """Cleans and tokenizes with the cores of a Ray cluster, to which this process is connected.

    Args:
        config: The settings of the text.
        num_cores: Number of cores of the cluster.
    """

    def __init__(self, config: DataConfig, *, num_cores: int) -> None:
        self._ray: Any = importlib.import_module("ray")  # whose functions are partly untyped
        self._config = config
        self._max_shards = SHARDS_PER_CORE * num_cores

    def tokenize(
        self, shards: Sequence[Shard], record: ReadingRecord, *, lines_are_paragraphs: bool
    ) -> Generator[DocumentBatch, None, None]:
        """See `Engine`."""
        options = {"num_cpus": 1, "max_retries": MAX_RETRIES, "num_returns": "streaming"}
        task = self._ray.remote(**options)(tokenize_shard)
        settings = {"lines_are_paragraphs": lines_are_paragraphs, "counts_line_ends": record.line_ends is not None}
        waiting = deque(shards)
        running: deque[tuple[Shard, Any]] = deque()
        try:
            while waiting or running:
                while waiting and len(running) < self._max_shards:
                    shard = waiting.popleft()
                    running.append((shard, task.remote(_located(shard), self._config, **settings)))
                shard, results = running[0]
                yield from self._received(shard, results, record)
                running.popleft()
        finally:
            for _, results in running:
                self._ray.cancel(results, force=True)

    def _received(self, shard: Shard, results: Any, record: ReadingRecord) -> Iterator[DocumentBatch]:
        """Yields the batches of a shard as they come, and records what was read."""
        attempts = 0
        for reference in results:
            result: ShardBatch | ShardEnd = self._get(reference, shard)
            if result.attempt > attempts:
                attempts = result.attempt
                log.warning("%s: a Ray worker that was cleaning it was lost; it was started again", shard[0].name)
            if isinstance(result, ShardEnd):
                record.read_log.add(result.read_log)
                continue
            record.on_read(result.num_bytes)
            if record.line_ends is not None:
                for examined, early in result.line_ends:
                    record.line_ends.add_counts(examined, early)
            yield _own(result.batch)

    def _get(self, reference: Any, shard: Shard) -> Any:
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            cause = error.cause
            raise (cause if isinstance(cause, Exception) else error) from None
        except self._ray.exceptions.RayError as error:
            raise InputError(
                f"{shard[0].name}: Ray lost the workers that were cleaning it, {MAX_RETRIES + 1} times "
                f"({type(error).__name__}), perhaps for lack of memory; give its nodes more memory or fewer cores"
            ) from error


def tokenize_shard(
    shard: Shard, config: DataConfig, *, lines_are_paragraphs: bool, counts_line_ends: bool
) -> Iterator[ShardBatch | ShardEnd]:
    """Yields the documents of a shard in batches, and at the end the log of reading it; runs on a worker of Ray.

    Args:
        shard: What to read.
        config: The settings of the text.
        lines_are_paragraphs: See `BatchTokenizer`.
        counts_line_ends: Whether line ends within paragraphs are counted.

    Raises:
        InputError: A file cannot be read, or this node does not have it.
    """
    ray: Any = importlib.import_module("ray")
    context = ray.get_runtime_context()
    attempt = int(context.worker.core_worker.get_current_task_attempt_number())
    read_log, tokenizer = ReadLog(), BatchTokenizer(config, lines_are_paragraphs=lines_are_paragraphs)
    num_bytes = examined = 0

    def on_read(number: int) -> None:
        nonlocal num_bytes
        num_bytes += number

    _require_visible(shard, ray.util.get_node_ip_address())
    for batch in read_shard(tuple(replace(part, on_read=on_read) for part in shard), config, read_log):
        line_ends: list[tuple[int, int]] = []
        for document in batch if counts_line_ends else ():
            if examined < MAX_EXAMINED and (counts := count_line_ends(document.text))[0]:
                line_ends.append(counts)
                examined += counts[0]
        tokenized = tokenizer([each.text for each in batch])
        yield ShardBatch(DocumentBatch(metadata_of(batch), tokenized), line_ends, num_bytes, attempt)
        num_bytes = 0
    yield ShardEnd(read_log, attempt)


def _located(shard: Shard) -> Shard:
    """Returns a shard whose local files are found from any working directory."""
    return tuple(
        replace(part, location=os.path.abspath(part.location))  # noqa: PTH100
        if isinstance(part.filesystem, LocalFileSystem)
        else part
        for part in shard
    )


def _require_visible(shard: Shard, node: str) -> None:
    for part in shard:
        try:
            is_visible, why = part.filesystem.exists(part.location), "no such file there"
        except Exception as error:  # each filesystem's package raises its own kinds of exceptions
            is_visible, why = False, reason(error)
        if not is_visible:
            raise InputError(
                f"{part.setting}: {part.name} cannot be read on the Ray node {node} ({why}); put the text on a file "
                "system that all nodes share, at the same path, or give a URL"
            )


def _own(batch: DocumentBatch) -> DocumentBatch:
    """Returns a batch whose lasting arrays are copies: a view would keep its whole batch in Ray's object store."""
    tokenized: TokenizedBatch = batch.tokenized
    signatures = tokenized.signatures._replace(
        document_minhashes=np.array(tokenized.signatures.document_minhashes),
        paragraph_keys=np.array(tokenized.signatures.paragraph_keys),
    )
    return batch._replace(tokenized=tokenized._replace(signatures=signatures))
