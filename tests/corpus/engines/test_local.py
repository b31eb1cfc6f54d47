"""The engine of one machine: documents in order, recorded as they are read."""

from dataclasses import replace
from pathlib import Path

import pytest

from halo.corpus.engines import shards
from halo.corpus.engines.engine import ReadingRecord
from halo.corpus.engines.local import LocalEngine
from halo.corpus.engines.shards import plan_shards, scan_file
from halo.corpus.sources.documents import find_sources
from halo.corpus.sources.lines import ReadLog
from halo.corpus.store.line_ends import LineEndCounter
from tests.conftest import data_config


def test_documents_come_in_order_and_what_is_read_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "SHARD_BYTES", 200)
    for number in range(20):
        (tmp_path / f"{number:02}.txt").write_text(f"one line\nand another\nand number {number}\n\n" * 3)
    config = replace(data_config(), path=str(tmp_path))
    planned = plan_shards([scan_file(file, config) for file in find_sources(config)])
    read: list[int] = []
    record = ReadingRecord(ReadLog(), LineEndCounter(), read.append)
    engine = LocalEngine(config, size_bytes=100)
    batches = list(engine.tokenize(planned, record, lines_are_paragraphs=False))
    assert [Path(each.source).stem for batch in batches for each in batch.metadata] == [f"{n:02}" for n in range(20)]
    assert len(batches) == len(planned) > 1
    assert sum(read) == sum(file.stat().st_size for file in tmp_path.iterdir())
    assert record.line_ends is not None
    assert record.line_ends.as_dict() == {"examined": 120, "early": 120}
