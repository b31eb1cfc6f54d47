"""The facts about held-out texts that preparation leaves."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from halo.corpus.encoded_documents import clean_document
from halo.corpus.prepare import prepare
from halo.corpus.store.document_texts import DocumentTexts, hash_array
from halo.runtime.errors import InputError
from tests.conftest import data_config


@pytest.mark.parametrize("kind", ["word", "char"])
def test_they_are_of_the_cleaned_texts_and_sum_up_to_the_counts(tmp_path: Path, kind: Literal["word", "char"]) -> None:
    texts = {
        "train": "the virus spreads in the air\n\nand the doctors don't know why " * 20,
        "validation": "the doctors of Wuhan\n\nknow (80%) the virus",
        "test": "",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.txt").write_text(text or "the air\n\nthe virus")
    config = replace(
        data_config(),
        path=None,
        train_path=str(tmp_path / "train.txt"),
        validation_path=str(tmp_path / "validation.txt"),
        test_path=str(tmp_path / "test.txt"),
        cache_dir=str(tmp_path / "cache"),
        batch_size=1,
        eval_batch_size=1,
        sequence_length=2,
        tokenizer=replace(data_config().tokenizer, kind=kind, min_count=1),
    )
    corpus = prepare(config)
    found = corpus.document_texts("validation")
    assert found is not None
    cleaned = clean_document(texts["validation"], config)
    assert found.hashes.tolist() == hash_array([hashlib.sha256(cleaned.encode()).digest()]).tolist()
    assert found.characters.tolist() == [len(cleaned)]
    assert found.oov_cost.sum() == pytest.approx(corpus.counts["validation"].oov_cost)
    assert corpus.document_texts("train") is None
    (corpus.folder / "test.documents.npz").write_bytes(b"x")
    with pytest.raises(InputError, match="damaged prepared corpus"):
        corpus.document_texts("test")


def test_they_are_read_as_they_were_written(tmp_path: Path) -> None:
    texts = DocumentTexts(hash_array([b"x" * 32, b"y" * 32]), np.array([1, 2]), np.array([0.0, 3.5]))
    texts.save(tmp_path / "a.npz")
    found = DocumentTexts.load(tmp_path / "a.npz")
    assert found.hashes.tolist() == texts.hashes.tolist()
    assert found.oov_cost.tolist() == [0.0, 3.5]
