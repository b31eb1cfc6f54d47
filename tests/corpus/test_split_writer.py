"""The split writer: types of ids, and counts of `<eos>`."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from halo.config import SPLITS, DataConfig
from halo.corpus.prepare import prepare
from halo.corpus.store.array_writer import ArrayWriter
from tests.corpus.test_prepare import config

__all__ = ["config"]  # a fixture


@pytest.mark.parametrize("eos", ["paragraph", "document"])
def test_an_end_that_the_text_spells_out_is_counted_as_one(config: DataConfig, tmp_path: Path, eos: Any) -> None:
    file = tmp_path / "tokenized.txt"
    file.write_text("\n\n".join(f"w{i} <eos> w{i} w{i} {'and ' * 20}" for i in range(30)))
    plain = replace(config.cleaning, steps=[])
    off = replace(config.duplicates, documents=False, paragraphs=False)
    settings = replace(config.tokenizer, kind="whitespace", eos=eos)
    corpus = prepare(replace(config, path=str(file), cleaning=plain, duplicates=off, tokenizer=settings))
    for name in SPLITS:
        ends = int((corpus.ids[name] == corpus.tokenizer.eos_id).sum())
        assert corpus.counts[name].eos_tokens == ends > corpus.counts[name].documents
    assert sum(corpus.counts[name].eos_tokens for name in SPLITS) == (60 if eos == "paragraph" else 33)


@pytest.mark.slow
def test_a_large_vocabulary_takes_four_bytes_an_id_and_an_id_that_does_not_fit_is_never_written(
    config: DataConfig, tmp_path: Path
) -> None:
    words = [f"w{i}" for i in range(70_000)]
    file = tmp_path / "many.txt"
    file.write_text("\n\n".join(" ".join(words[i : i + 100]) for i in range(0, len(words), 100)))
    every_word = replace(config.tokenizer, min_count=1)
    many = replace(config, path=str(file), documents="paragraph", tokenizer=every_word)
    ratio = replace(config.splits, train=0.98, validation=0.01, test=0.01)
    corpus = prepare(replace(many, splits=ratio))
    assert corpus.tokenizer.vocab_size > 2**16
    assert corpus.ids["train"].dtype == np.uint32
    assert int(corpus.ids["train"].max()) == corpus.tokenizer.vocab_size - 1
    with pytest.raises(AssertionError), ArrayWriter(tmp_path / "x.npy", np.uint16) as writer:
        writer.append(np.array([2**16], dtype=np.uint32))
