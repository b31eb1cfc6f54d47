"""A prepared corpus: it is opened as it was written, and damage is reported."""

from pathlib import Path

import numpy as np
import pytest

from halo.config import SPLITS, DataConfig
from halo.corpus.corpus import load_corpus
from halo.corpus.prepare import prepare
from halo.runtime.errors import InputError
from tests.corpus.test_prepare import config

__all__ = ["config"]  # a fixture


def test_a_corpus_is_opened_from_its_folder(config: DataConfig) -> None:
    prepared = prepare(config)
    opened = load_corpus(prepared.folder)
    assert opened.counts == prepared.counts
    for name in SPLITS:
        assert isinstance(opened.ids[name], np.memmap)
        assert opened.offsets[name][-1] == len(opened.ids[name])
        assert opened.labels[name].max() < len(opened.label_names)


def test_a_missing_corpus_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such tokenizer"):
        load_corpus(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["manifest.json", "train.npy", "tokenizer.json"])
def test_a_damaged_cache_is_named(config: DataConfig, name: str) -> None:
    folder = prepare(config).folder
    (folder / name).write_bytes(b"damaged")
    with pytest.raises(InputError, match=f"{folder.name}"):
        prepare(config)
