"""Passages that stand in the training text: the same as a plain comparison finds, whatever the hashes."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.serving.answers import seen
from halo.serving.answers.seen import Passage, find_passages, find_training_ids

UNK = 0
ids = st.lists(st.integers(0, 3), max_size=30)


def reference(train: list[int], text: list[int], size: int) -> list[Passage]:
    """Compares every passage of the text with every place of the training text."""
    places = {tuple(train[i:j]) for i in range(len(train)) for j in range(i + size, len(train) + 1)}
    found: list[Passage] = []
    for first in range(len(text)):
        for last in range(len(text), first + size - 1, -1):
            if UNK not in text[first:last] and tuple(text[first:last]) in places:
                if not (found and last <= found[-1].last):
                    found.append(Passage(first, last))
                break
    return found


@given(ids, ids, st.integers(2, 4))
def test_passages_are_those_of_a_plain_comparison(train: list[int], text: list[int], size: int) -> None:
    found = find_passages(np.array(train, dtype=np.uint16), text, min_tokens=size, excluded=[UNK])
    assert found == reference(train, text, size)


@pytest.mark.parametrize("chunk", [1, 2, 7])
def test_passages_are_found_across_chunks(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    train = [1, 2, 3, 1, 2, 3, 3, 2, 1, 1, 2, 2]
    monkeypatch.setattr(seen, "CHUNK_TOKENS", chunk)
    found = find_passages(np.array(train, dtype=np.uint16), [2, 3, 3, 2, 2, 1, 1], min_tokens=2, excluded=[UNK])
    assert found == reference(train, [2, 3, 3, 2, 2, 1, 1], 2)


def test_equal_hashes_of_different_passages_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "FACTOR", np.uint64(1))  # now the order of ids makes no difference to a hash
    assert find_passages(np.array([1, 2, 3], dtype=np.uint16), [3, 2, 1], min_tokens=2, excluded=[UNK]) == []


def test_the_training_text_is_that_with_the_same_tokenizer(tmp_path: Path) -> None:
    for name, content in (("a", "x"), ("b", "yy"), ("c", "zz")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "tokenizer.json").write_text(content, encoding="utf-8")
    np.save(tmp_path / "c" / "train.npy", np.array([4], dtype=np.uint16))
    wanted = tmp_path / "tokenizer.json"
    wanted.write_text("zz", encoding="utf-8")
    found = find_training_ids(tmp_path, wanted)
    assert found is not None
    assert found.tolist() == [4]
    wanted.write_text("yy", encoding="utf-8")  # of a corpus that is not finished
    assert find_training_ids(tmp_path, wanted) is None
    assert find_training_ids(tmp_path / "missing", wanted) is None
