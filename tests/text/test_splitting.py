"""Splits: whole documents, in proportion, disjoint, and steady when documents are added."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.config import SplitConfig
from halo.errors import InputError
from halo.text.sources import Document
from halo.text.splitting import SPLITS, apportion, split_documents

EIGHTY = SplitConfig(train=0.8, validation=0.1, test=0.1, seed=0)
ORIGINAL = SplitConfig(train=0.2, validation=0.6, test=0.2, seed=0)


def documents(sizes: dict[str, int]) -> list[Document]:
    return [Document(f"{label}-{i}", label, f"{label} {i}") for label, size in sizes.items() for i in range(size)]


def places(splits: dict[str, list[Document]]) -> dict[str, str]:
    return {document.text: name for name in SPLITS for document in splits[name]}


@given(
    st.dictionaries(st.sampled_from("abcdefg"), st.integers(1, 40), min_size=1),
    st.sampled_from([EIGHTY, ORIGINAL]),
)
def test_every_document_stands_in_one_split_in_proportion(sizes: dict[str, int], config: SplitConfig) -> None:
    total = sum(sizes.values())
    if total < 3:
        return
    splits = split_documents(documents(sizes), config)
    assert Counter(d.text for name in SPLITS for d in splits[name]) == Counter(d.text for d in documents(sizes))
    for name in SPLITS:
        fraction = getattr(config, name)
        assert len(splits[name]) >= 1
        assert abs(len(splits[name]) - fraction * total) <= 2
        by_label = Counter(document.label for document in splits[name])
        for label, size in sizes.items():
            assert abs(by_label[label] - len(splits[name]) * size / total) < 2


def test_the_bundled_fractions_are_exact_per_register() -> None:
    splits = split_documents(documents({"news": 20, "forum": 20}), ORIGINAL)
    assert {name: Counter(d.label for d in splits[name]) for name in SPLITS} == {
        "train": {"news": 4, "forum": 4},
        "validation": {"news": 12, "forum": 12},
        "test": {"news": 4, "forum": 4},
    }


@given(st.integers(10, 60), st.integers(0, 1000))
def test_adding_a_document_moves_few_others(size: int, new: int) -> None:
    before = documents({"news": size, "forum": size})
    added = Document("new", "news", f"something new {new}")
    old_places = places(split_documents(before, EIGHTY))
    new_places = places(split_documents([*before, added], EIGHTY))
    assert sum(old_places[text] != new_places[text] for text in old_places) <= 4  # two cuts, two labels


def test_order_of_reading_and_names_do_not_matter_but_the_seed_does() -> None:
    some = documents({"news": 30})
    renamed = [Document("x", d.label, d.text) for d in reversed(some)]
    assert places(split_documents(some, EIGHTY)) == places(split_documents(renamed, EIGHTY))
    other_seed = SplitConfig(train=0.8, validation=0.1, test=0.1, seed=1)
    assert places(split_documents(some, EIGHTY)) != places(split_documents(some, other_seed))


def test_one_document_is_cut_at_paragraph_ends() -> None:
    text = "\n\n".join(f"paragraph {i} has five words" for i in range(10))
    splits = split_documents([Document("book.txt", "", text)], EIGHTY)
    parts = [splits[name][0].text for name in SPLITS]
    assert "\n\n".join(parts) == text
    assert [part.count("paragraph") for part in parts] == [8, 1, 1]


def test_a_document_that_cannot_be_cut_is_refused() -> None:
    with pytest.raises(InputError, match=r"book\.txt: one document of 1 paragraph"):
        split_documents([Document("book.txt", "", "one paragraph only")], EIGHTY)


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 30), min_size=2), st.floats(0.01, 0.99))
def test_shares_add_up_and_stay_near_the_exact_ones(sizes: dict[str, int], fraction: float) -> None:
    counts = apportion(sizes, fraction)
    size = sum(sizes.values())
    assert sum(counts.values()) == min(max(round(size * fraction), 1), size - 1)
    for label, count in counts.items():
        assert abs(count - sizes[label] * sum(counts.values()) / size) < 1
        assert 0 <= count <= sizes[label]
