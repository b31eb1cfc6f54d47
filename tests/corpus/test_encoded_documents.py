"""Encoded documents: where `<eos>` is placed, and where documents begin."""

from dataclasses import replace
from typing import Any

import pytest

from halo.corpus.encoded_documents import encode_documents
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import data_config

TOKENIZER = TextTokenizer.train(["a b"], kind="word", min_count=1, max_size=None)


@pytest.mark.parametrize(
    ("eos", "documents", "ids", "offsets"),
    [
        ("paragraph", "file", [2, 1, 3, 1, 2, 1], [0, 4, 4, 6]),
        ("document", "file", [2, 3, 1, 2, 1], [0, 3, 3, 5]),
        ("document", "every_line", [2, 3, 1, 1, 2, 1], [0, 3, 4, 6]),
    ],
)
def test_eos_follows_paragraphs_or_documents(eos: Any, documents: Any, ids: list[int], offsets: list[int]) -> None:
    config = data_config()
    config = replace(config, documents=documents, tokenizer=replace(config.tokenizer, eos=eos))
    encoded = encode_documents(["a\n\nb", "", "a"], TOKENIZER, config)
    assert encoded.ids.tolist() == ids
    assert encoded.offsets.tolist() == offsets
