"""Splits: whole documents, in proportion, disjoint, and steady when documents are added."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.config import SPLITS, SplitConfig
from halo.corpus.sources.documents import Document
from halo.corpus.splits.assignment import assign_splits, cut_points, split_sizes
from halo.corpus.store.document_hashes import content_hash

EIGHTY = SplitConfig(train=0.8, validation=0.1, test=0.1, validation_ratio=None, seed=0)
ORIGINAL = SplitConfig(train=0.2, validation=0.6, test=0.2, validation_ratio=None, seed=0)


def documents(sizes: dict[str, int]) -> list[Document]:
    return [Document(f"{label}-{i}", label, f"{label} {i}") for label, size in sizes.items() for i in range(size)]


def split_documents(some: list[Document], config: SplitConfig) -> dict[str, list[Document]]:
    hashes = [content_hash(document.text, config.seed) for document in some]
    names = [SPLITS[place] for place in assign_splits([document.label for document in some], hashes, config)]
    return {name: [d for d, home in zip(some, names, strict=True) if home == name] for name in SPLITS}


def places(splits: dict[str, list[Document]]) -> dict[str, str]:
    return {document.text: name for name in SPLITS for document in splits[name]}


SIZES = st.dictionaries(st.sampled_from("abcdefg"), st.integers(1, 40), min_size=1).filter(
    lambda x: sum(x.values()) > 2
)
CONFIGS = st.sampled_from([EIGHTY, ORIGINAL])


@given(SIZES, CONFIGS)
def test_every_document_is_in_one_split_and_the_totals_are_exact(sizes: dict[str, int], config: SplitConfig) -> None:
    splits = split_documents(documents(sizes), config)
    assert Counter(d.text for name in SPLITS for d in splits[name]) == Counter(d.text for d in documents(sizes))
    assert {name: len(splits[name]) for name in SPLITS} == split_sizes(sum(sizes.values()), config)


@given(SIZES, CONFIGS)
def test_a_label_gives_each_cut_the_share_of_the_same_place_rounded_up_or_down(
    sizes: dict[str, int], config: SplitConfig
) -> None:
    """Some place q in the merged order fits all labels: none is more than one document from q times its size."""
    splits = split_documents(documents(sizes), config)
    for name in ("test", "train" if config.validation > config.train else "validation"):  # the two ends
        taken = Counter(document.label for document in splits[name])
        lowest = max((taken[label] - 1) / size for label, size in sizes.items())
        highest = min((taken[label] + 1) / size for label, size in sizes.items())
        assert lowest <= highest


@given(st.sampled_from([10, 20, 30]), st.integers(1, 7))
def test_proportions_within_each_label_are_exact_where_they_can_be(size: int, num_labels: int) -> None:
    splits = split_documents(documents(dict.fromkeys("abcdefg"[:num_labels], size)), EIGHTY)
    for label in "abcdefg"[:num_labels]:
        by_split = {name: sum(document.label == label for document in splits[name]) for name in SPLITS}
        assert by_split == {"train": size * 8 // 10, "validation": size // 10, "test": size // 10}


@given(st.integers(3, 10_000), st.floats(0.01, 0.98), st.floats(0.05, 20))
def test_one_more_document_makes_one_split_larger(number: int, test: float, ratio: float) -> None:
    config = SplitConfig(train=0.5, validation=0.5, test=test, validation_ratio=ratio, seed=0)
    before, after = split_sizes(number, config), split_sizes(number + 1, config)
    assert sorted(after[name] - before[name] for name in SPLITS) == [0, 0, 1]
    assert min(before.values()) >= 1
    assert before["test"] in {1, number - 2} or abs(before["test"] - test * number) <= 0.5 + 1e-6


def test_the_bundled_fractions_are_exact_per_register() -> None:
    splits = split_documents(documents({"news": 20, "forum": 20}), ORIGINAL)
    assert {name: Counter(d.label for d in splits[name]) for name in SPLITS} == {
        "train": {"news": 4, "forum": 4},
        "validation": {"news": 12, "forum": 12},
        "test": {"news": 4, "forum": 4},
    }


def forced_moves(before: dict[str, str], after: dict[str, str], added: Document) -> int:
    """The fewest old documents that can change their split, given the new sizes and where the new one is."""
    old, new = Counter(before.values()), Counter(after.values())
    new[after[added.text]] -= 1
    return sum(max(old[name] - new[name], 0) for name in SPLITS)


@given(SIZES, CONFIGS, st.sampled_from("abcdefgh"), st.integers(0, 1000))
def test_adding_a_document_moves_few_others(sizes: dict[str, int], config: SplitConfig, label: str, new: int) -> None:
    old = documents(sizes)
    added = Document("new", label, f"something new {new}")
    before, after = places(split_documents(old, config)), places(split_documents([*old, added], config))
    moved = [document for document in old if before[document.text] != after[document.text]]
    forced = forced_moves(before, after, added)
    # Each cut moves one place at most, within the new document's label, or between it and one other.
    assert len(moved) <= 4
    assert sum(document.label != label for document in moved) <= 2
    if set(sizes) == {label}:
        assert forced <= len(moved) <= 2 * forced


def test_with_one_label_only_what_the_sizes_force_moves_but_for_the_two_ends() -> None:
    """A document passes from one end to the other through the middle, which is one move more, and is rare."""
    through_the_middle = 0
    for new in range(300):
        old = documents({"news": 20 + new % 60})
        added = Document("new", "news", f"something new {new}")
        before, after = places(split_documents(old, EIGHTY)), places(split_documents([*old, added], EIGHTY))
        (grown,) = Counter(after.values()) - Counter(before.values())
        between_ends = {grown, after[added.text]} == {"test", "validation"}
        moves = sum(before[document.text] != after[document.text] for document in old)
        assert moves == forced_moves(before, after, added) + between_ends
        through_the_middle += between_ends
    assert 0 < through_the_middle < 15


@given(SIZES, st.integers(1, 20))
def test_adding_more_documents_moves_in_proportion(sizes: dict[str, int], number: int) -> None:
    old = documents(sizes)
    added = [Document("new", "abc"[i % 3], f"something new {i}") for i in range(number)]
    before, after = places(split_documents(old, EIGHTY)), places(split_documents([*old, *added], EIGHTY))
    assert sum(before[document.text] != after[document.text] for document in old) <= 4 * number


def test_a_validation_ratio_gives_the_split_of_its_fractions_and_leaves_the_test_alone() -> None:
    some = documents({"news": 53, "forum": 31, "policy": 7})
    by_ratio = SplitConfig(train=0.8, validation=0.1, test=0.2, validation_ratio=3, seed=0)
    assert places(split_documents(some, by_ratio)) == places(split_documents(some, ORIGINAL))
    for ratio in (0.25, 1.0, 8.0):
        other = SplitConfig(train=0.8, validation=0.1, test=0.2, validation_ratio=ratio, seed=0)
        splits = split_documents(some, other)
        assert splits["test"] == split_documents(some, ORIGINAL)["test"]
        assert len(splits["validation"]) == pytest.approx(ratio * len(splits["train"]), abs=1 + ratio)


def test_order_of_reading_and_names_do_not_matter_but_the_seed_does() -> None:
    some = documents({"news": 30})
    renamed = [Document("x", d.label, d.text) for d in reversed(some)]
    assert places(split_documents(some, EIGHTY)) == places(split_documents(renamed, EIGHTY))
    other_seed = replace(EIGHTY, seed=1)
    assert places(split_documents(some, EIGHTY)) != places(split_documents(some, other_seed))


def test_one_document_is_cut_at_paragraph_ends() -> None:
    assert cut_points([5] * 10, EIGHTY) == (8, 9)
    assert cut_points([1, 1, 1], ORIGINAL) == (1, 2)
    assert cut_points([100, 1, 1, 1], EIGHTY) == (1, 2)


@given(st.lists(st.integers(0, 50), min_size=3, max_size=30), CONFIGS)
def test_a_cut_is_at_the_paragraph_end_nearest_to_its_fraction(words: list[int], config: SplitConfig) -> None:
    first, second = cut_points(words, config)
    assert 0 < first < second < len(words)
    ends = [sum(words[:cut]) for cut in range(len(words) + 1)]
    target = config.train * sum(words)
    assert abs(ends[first] - target) == min(abs(ends[cut] - target) for cut in range(1, len(words) - 1))
    target = (config.train + config.validation) * sum(words)
    assert abs(ends[second] - target) == min(abs(ends[cut] - target) for cut in range(first + 1, len(words)))
