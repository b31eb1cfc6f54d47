"""The small corpus of the tests, prepared."""

from dataclasses import replace
from pathlib import Path

import pytest

from halo.corpus.corpus import Corpus
from halo.corpus.prepare import prepare
from tests.conftest import data_config


@pytest.fixture(scope="session")
def corpus(corpus_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The small corpus of the tests, prepared."""
    cache = str(tmp_path_factory.mktemp("cache"))
    config = replace(data_config(), path=str(corpus_file), cache_dir=cache, batch_size=4, sequence_length=16)
    return prepare(config)
