"""A small labelled corpus for the tests of evaluation."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from halo.config import TrainConfig
from halo.corpus.corpus import Corpus
from halo.corpus.prepare import prepare


@pytest.fixture
def labelled_corpus(tiny_config: TrainConfig, tmp_path: Path) -> Corpus:
    """Four documents of the small text for the test, in two registers."""
    records = map(json.loads, Path(str(tiny_config.data.path)).read_text(encoding="utf-8").splitlines())
    file = tmp_path / "labelled.jsonl"
    lines = [json.dumps({**record, "register": "ab"[place % 2]}) for place, record in enumerate(records)]
    file.write_text("\n".join(lines), encoding="utf-8")
    splits = replace(tiny_config.data.splits, train=0.5, validation=0.2, test=0.3)
    return prepare(replace(tiny_config.data, path=str(file), splits=splits))
