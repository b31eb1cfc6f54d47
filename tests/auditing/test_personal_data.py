"""Tests of halo.auditing.personal_data."""

import numpy as np
import pytest

from halo.auditing import personal_data
from halo.auditing.personal_data import measure_personal_data
from halo.tokenization.tokenizer import TextTokenizer

TRAIN = "please write to ann@example.org or to the office. it is open in the morning"


@pytest.mark.parametrize("kind", ["char", "bpe"])
def test_what_stands_in_the_training_text_is_told_from_what_does_not(kind: str) -> None:
    tokenizer = TextTokenizer.train([TRAIN], kind=kind, min_count=1, max_size=300 if kind == "bpe" else None)
    ids = np.array(tokenizer.encode(TRAIN), dtype=np.uint16)
    texts = ["ask ann@example.org today", "ask bob@example.org today", "ann@example.org", "nobody"]
    assert measure_personal_data(texts, tokenizer, ids) == {
        "texts": 4,
        "kinds": {"email": {"found": 3, "in_training": 2}},
    }


def test_what_lies_where_two_parts_meet_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = TextTokenizer.train([TRAIN], kind="char", min_count=1, max_size=None)
    ids = np.array(tokenizer.encode(TRAIN), dtype=np.uint16)
    monkeypatch.setattr(personal_data, "TOKENS_AT_ONCE", TRAIN.index("@"))
    found = measure_personal_data(["ann@example.org"], tokenizer, ids)
    assert found["kinds"]["email"]["in_training"] == 1


def test_texts_without_patterns_have_no_kinds() -> None:
    tokenizer = TextTokenizer.train([TRAIN], kind="word", min_count=1, max_size=None)
    assert measure_personal_data(["the office"], tokenizer, np.array([2], dtype=np.uint16))["kinds"] == {}
