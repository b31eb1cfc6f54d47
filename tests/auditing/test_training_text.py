"""Tests of halo.auditing.training_text: sequences are found exactly where a plain search finds them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.auditing import training_text
from halo.auditing.training_text import TrainingText

TEXTS = st.lists(st.integers(0, 3), min_size=1, max_size=40)


def contains(text: list[int], sequence: list[int], excluded: list[int]) -> bool:
    size = len(sequence)
    known = not {*sequence} & {*excluded}
    return known and any(text[start : start + size] == sequence for start in range(len(text) - size + 1))


def index(text: list[int], excluded: list[int] | None = None, *, offsets: list[int] | None = None) -> TrainingText:
    ids = np.array(text, dtype=np.uint16)
    return TrainingText(ids, excluded=excluded or [], offsets_D=np.array(offsets or [0, len(text)]))


@given(train=TEXTS, texts=st.lists(TEXTS, min_size=1, max_size=3), excluded=st.sampled_from([[], [0]]))
def test_the_longest_matches_are_those_of_a_plain_search(
    train: list[int], texts: list[list[int]], excluded: list[int]
) -> None:
    found = index(train, excluded).longest_matches(texts)
    for text, longest in zip(texts, found, strict=True):
        assert len(longest) == len(text)
        for start, size in enumerate(longest.tolist()):
            sizes = [
                end - start for end in range(start + 1, len(text) + 1) if contains(train, text[start:end], excluded)
            ]
            assert size == max(sizes, default=0)


@given(train=TEXTS, sequence=st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_the_places_are_those_of_a_plain_search(train: list[int], sequence: list[int]) -> None:
    (found,) = index(train).places([sequence])
    size = len(sequence)
    assert found.tolist() == [at for at in range(len(train) - size + 1) if train[at : at + size] == sequence]


@given(train=TEXTS, text=TEXTS)
def test_a_text_in_parts_gives_what_the_whole_gives(train: list[int], text: list[int]) -> None:
    whole = index(train)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_text, "PART_TOKENS", 7)
        parts = index(train)
        assert parts.longest_matches([text])[0].tolist() == whole.longest_matches([text])[0].tolist()
        assert parts.places([text[:3]])[0].tolist() == whole.places([text[:3]])[0].tolist()


def test_ids_above_a_byte_keep_their_order() -> None:
    train = [300, 2, 70000, 300, 2, 5]
    text = TrainingText(np.array(train, dtype=np.uint32), excluded=[], offsets_D=np.array([0, 6]))
    assert text.longest_matches([[300, 2, 70000, 5], [44, 2]])[0].tolist() == [3, 2, 1, 1]


def test_places_have_their_documents() -> None:
    text = index([1, 2, 1, 2, 1], offsets=[0, 3, 5])
    assert text.documents(np.array([0, 2, 3, 4])).tolist() == [0, 0, 1, 1]


def test_without_texts_nothing_is_looked_up() -> None:
    assert index([1]).longest_matches([]) == index([1]).places([]) == []
