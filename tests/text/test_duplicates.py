"""Duplicates: planted ones are found on the right side of the threshold, in any order, and nothing else is."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.config import DuplicatesConfig
from halo.text import duplicates as duplicates_module
from halo.text import matching
from halo.text.duplicates import Dropped, DuplicateFinder, Duplicates, find_duplicates, repeated_text
from halo.text.shingles import SHINGLE_WORDS, normalise, num_bands, shingle_hashes
from halo.text.sources import Document, read_documents
from tests.conftest import data_config

CONFIG = DuplicatesConfig(documents=True, paragraphs=True, similarity=0.8, min_paragraph_words=20)
DOCUMENTS_ONLY = replace(CONFIG, paragraphs=False)


def words(name: str, number: int) -> list[str]:
    return [f"{name}{i}" for i in range(number)]


def text(name: str, number: int = 200) -> str:
    return " ".join(words(name, number))


def documents(*texts: str) -> list[Document]:
    return [Document(f"file {i}", "", content) for i, content in enumerate(texts)]


def reference_jaccard(one: str, other: str) -> float:
    """The definition, on the words themselves."""
    sets = []
    for content in (one, other):
        split = content.lower().split()
        sets.append({tuple(split[i : i + SHINGLE_WORDS]) for i in range(len(split) - SHINGLE_WORDS + 1)})
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def left(found: Duplicates, texts: list[Document]) -> list[str]:
    return [found.remaining(i, d.text) for i, d in enumerate(texts) if i not in found.documents]


def test_the_bundled_corpus_has_none() -> None:
    assert find_duplicates(list(read_documents(data_config())), CONFIG).dropped == ()


def test_an_exact_copy_differs_in_case_and_white_space_only() -> None:
    copy = text("A").upper().replace(" ", "\n", 3).replace(" ", "  ", 5)
    found = find_duplicates(documents(text("a"), text("b"), copy), CONFIG)
    (dropped,) = found.dropped
    assert {dropped.source, dropped.kept_source} == {"file 0", "file 2"}
    assert (dropped.unit, dropped.kind, dropped.similarity) == ("document", "exact", 1.0)
    assert len(found.documents) == 1
    assert found.counts() == {"exact documents": 1}


@pytest.mark.parametrize(("number", "changed"), [(400, 1), (400, 4), (400, 5), (400, 6), (400, 20), (60, 1), (60, 2)])
def test_a_near_copy_is_dropped_at_the_threshold_and_not_below(number: int, changed: int) -> None:
    original = words("a", number)
    copy = list(original)
    for i in range(changed):
        copy[(i + 1) * number // (changed + 1)] = f"changed{i}"
    similarity = reference_jaccard(" ".join(original), " ".join(copy))
    found = find_duplicates(documents(" ".join(original), text("b"), " ".join(copy)), DOCUMENTS_ONLY)
    assert [item.kind for item in found.dropped] == (["near"] if similarity >= CONFIG.similarity else [])
    assert all(item.similarity == pytest.approx(similarity) for item in found.dropped)
    at_threshold = replace(DOCUMENTS_ONLY, similarity=max(similarity, 0.5))
    just_above = replace(DOCUMENTS_ONLY, similarity=max(similarity, 0.5) + 1e-9)
    pair = documents(" ".join(original), " ".join(copy))
    assert len(find_duplicates(pair, at_threshold).dropped) == (similarity >= 0.5)
    assert len(find_duplicates(pair, just_above).dropped) == 0


def test_half_a_document_is_no_duplicate_but_its_paragraphs_are() -> None:
    pieces = [text(name, 50) for name in "abcd"]
    whole, half = "\n\n".join(pieces), "\n\n".join([*pieces[:2], text("new", 100)])
    assert find_duplicates(documents(whole, half), DOCUMENTS_ONLY).dropped == ()
    some = documents(whole, half, text("x"), text("y"))
    found = find_duplicates(some, CONFIG)
    assert found.counts() == {"exact paragraphs": 2}
    assert sorted("\n\n".join(left(found, some)).split("\n\n")) == sorted(
        [*pieces, text("new", 100), text("x"), text("y")]
    )
    assert len({item.kept_source for item in found.dropped}) == 1


def test_a_near_copy_of_a_paragraph_is_dropped_and_listed_with_its_place() -> None:
    paragraph = text("p", 100)
    extended = f"{paragraph} and more"
    first = Document("first", "", f"{text('a')}\n\n{paragraph}")
    second = Document("second", "", f"{extended}\n\n{text('b')}")
    rest = documents(text("x"), text("y"))
    (dropped,) = find_duplicates([first, second, *rest], CONFIG).dropped
    numbers = {"first": 2, "second": 1}
    assert {dropped.source, dropped.kept_source} == set(numbers)
    assert dropped.similarity == pytest.approx(reference_jaccard(paragraph, extended))
    assert replace(dropped, similarity=0) == Dropped(
        unit="paragraph",
        kind="near",
        source=dropped.source,
        paragraph=numbers[dropped.source],
        kept_source=dropped.kept_source,
        kept_paragraph=numbers[dropped.kept_source],
        similarity=0,
    )


@pytest.mark.parametrize(("number", "dropped"), [(19, 0), (20, 1)])
def test_short_paragraphs_may_stand_anywhere(number: int, dropped: int) -> None:
    some = documents(*(f"{text(name)}\n\n{text('same', number)}" for name in "ab"), text("c"))
    assert len(find_duplicates(some, CONFIG).dropped) == dropped


def test_a_repetition_within_one_document_stays_unless_the_document_will_be_cut() -> None:
    refrain = f"{text('a', 30)}\n\n{text('b', 30)}\n\n{text('a', 30)}"
    whole = documents(refrain, text("x"), text("y"))
    assert find_duplicates(whole, CONFIG).dropped == ()
    found = find_duplicates(whole[:2], CONFIG)
    assert found.paragraphs == {0: frozenset({2})}
    assert found.remaining(0, refrain) == f"{text('a', 30)}\n\n{text('b', 30)}"


def test_documents_of_fewer_than_eight_words_are_compared_exactly() -> None:
    some = documents("one two three", "One  two three", "one two four", text("a"), "", " ")
    found = find_duplicates(some, CONFIG)
    assert [(item.kind, {item.source, item.kept_source}) for item in found.dropped] == [("exact", {"file 0", "file 1"})]


def test_a_document_without_anything_of_its_own_goes() -> None:
    pieces = [text(name, 50) for name in "abcd"]
    some = documents("\n\n".join(pieces[:3]), "\n\n".join(pieces[1:]), "\n\n".join(pieces[:2]), *map(text, "xyz"))
    found = find_duplicates(some, CONFIG)
    remaining = left(found, some)
    assert sorted("\n\n".join(remaining).split("\n\n")) == sorted([*pieces, *map(text, "xyz")])
    assert "" not in remaining


@pytest.mark.parametrize("alphabet", ["äöüßéè", "абвгде", "ابجدهو", "\U0001f600\U0001f601é\u0301", "\ud800"])
def test_any_script_is_compared(alphabet: str) -> None:
    letters = random.Random(0)
    original = ["".join(letters.choices(alphabet, k=6)) + str(i) for i in range(300)]
    copy = [*original[:150], "changed", *original[151:]]
    found = find_duplicates(documents(" ".join(original), " ".join(copy), text("x")), CONFIG)
    assert [item.kind for item in found.dropped] == ["near"]
    assert found.dropped[0].similarity == pytest.approx(reference_jaccard(" ".join(original), " ".join(copy)))


def planted(seed: int) -> list[Document]:
    """Random documents, with copies of some, near copies, and paragraphs that were carried over."""
    chance = random.Random(seed)
    some = ["\n\n".join(text(f"d{i}p{j}", chance.randint(5, 60)) for j in range(4)) for i in range(12)]
    for _ in range(6):
        source = chance.choice(some).split("\n\n")
        kind = chance.randrange(3)
        if kind == 1:
            source[0] += f" added{chance.random()}"
        if kind == 2:
            source = [chance.choice(source), text(f"new{chance.random()}", 40)]
        some.append("\n\n".join(source))
    return [Document(f"file {i}", chance.choice("ab"), content) for i, content in enumerate(some)]


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_the_order_of_reading_does_not_matter(seed: int, shuffle: random.Random) -> None:
    some = planted(seed)
    shuffled = list(some)
    shuffle.shuffle(shuffled)
    found, found_shuffled = find_duplicates(some, CONFIG), find_duplicates(shuffled, CONFIG)
    assert found.dropped == found_shuffled.dropped
    assert sorted(left(found, some)) == sorted(left(found_shuffled, shuffled))


@given(st.integers(0, 10_000))
def test_what_is_left_holds_no_duplicate_and_what_is_dropped_is_kept_elsewhere(seed: int) -> None:
    some = planted(seed)
    found = find_duplicates(some, CONFIG)
    remaining = left(found, some)
    long = [(i, p) for i, t in enumerate(remaining) for p in t.split("\n\n") if len(p.split()) >= 20]
    for i, one in long:
        assert not any(i != j and (one == other or reference_jaccard(one, other) >= 0.8) for j, other in long)
    texts = {document.source: document.text for document in some}
    for item in found.dropped:
        one = texts[item.source].split("\n\n")[item.paragraph - 1] if item.paragraph else texts[item.source]
        other = texts[item.kept_source]
        other = other.split("\n\n")[item.kept_paragraph - 1] if item.paragraph else other
        assert item.similarity >= 0.8
        if item.kind == "exact":
            assert one == other
        else:
            assert item.similarity == pytest.approx(reference_jaccard(one, other))


@given(
    st.lists(st.lists(st.sampled_from(["a", "b", "C", "é", "x-1", "\n\n"]), max_size=12).map(" ".join), min_size=1),
    st.lists(st.integers(0, 1000), max_size=10),
)
def test_every_exact_copy_is_found(originals: list[str], copied: list[int]) -> None:
    texts = [*originals, *(originals[i % len(originals)].upper() for i in copied)]
    found = find_duplicates(documents(*texts), replace(DOCUMENTS_ONLY, similarity=1.0))
    remaining = [" ".join(normalise(content)) for content in left(found, documents(*texts))]
    wordy = [content for content in remaining if content]
    forms = {" ".join(normalise(content)) for content in texts} - {""}
    assert len(wordy) == len(set(wordy))
    # Texts that are not the same can still have the same set of shingles; each form that is gone is near a kept one.
    exact = {" ".join(normalise(texts[int(d.source.split()[1])])) for d in found.dropped if d.kind == "near"}
    assert set(wordy) | exact == forms


def test_near_copies_at_the_threshold_are_missed_about_once_in_ten_thousand() -> None:
    """300 pairs just above the threshold: all are found, unless something is wrong."""
    pairs = []
    for i in range(300):
        original = words(f"w{i}x", 100)
        pairs += [" ".join(original), " ".join([*original, *words(f"new{i}x", 20)])]
    assert reference_jaccard(*pairs[:2]) == pytest.approx(93 / 113)
    assert len(find_duplicates(documents(*pairs), DOCUMENTS_ONLY).dropped) == 300


@pytest.mark.parametrize("similarity", [0.5, 0.8, 0.9, 1.0])
def test_the_bands_miss_no_more_than_they_should(similarity: float) -> None:
    bands = num_bands(similarity)
    assert (1 - similarity**3) ** bands <= 1e-4
    assert bands == 1 or (1 - similarity**3) ** (bands - 1) > 1e-4


def test_switches_switch() -> None:
    some = documents(text("a"), text("a"), f"{text('b')}\n\n{text('c')}", f"{text('b')}\n\n{text('d')}", text("e"))
    assert find_duplicates(some, DOCUMENTS_ONLY).counts() == {"exact documents": 1}
    assert find_duplicates(some, replace(CONFIG, documents=False)).counts() == {"exact paragraphs": 2}
    assert find_duplicates(some, replace(DOCUMENTS_ONLY, documents=False)).dropped == ()


def test_batches_and_a_small_cache_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    some = [document for seed in range(5) for document in planted(seed)]
    expected = find_duplicates(some, CONFIG)
    assert {item.kind for item in expected.dropped} == {"exact", "near"}
    monkeypatch.setattr(duplicates_module, "BATCH_CHARACTERS", 700)
    monkeypatch.setattr(matching, "CACHED_SHINGLES", 1)
    finder = DuplicateFinder(CONFIG)
    asked: list[int] = []
    for document in some:
        finder.add(document)
    found = finder.finish(lambda index: asked.append(index) or some[index].text)  # type: ignore[func-returns-value]
    assert found == expected
    assert asked


def test_texts_without_a_common_passage_are_not_read_again() -> None:
    finder = DuplicateFinder(CONFIG)
    for name in "abcdefgh":
        finder.add(Document(name, "", text(name)))
    assert finder.finish(lambda index: pytest.fail(f"document {index} was asked for")).dropped == ()


def test_a_repeated_paragraph_in_two_groups_is_noticed() -> None:
    shared = text("same", 20)
    groups = [[f"{text('a')}\n\n{shared}"], [text("b"), shared.upper()], [text("c")]]
    assert repeated_text(groups, CONFIG) == shared
    assert repeated_text(groups, replace(CONFIG, min_paragraph_words=21)) is None
    assert repeated_text(groups, DOCUMENTS_ONLY) is None
    assert repeated_text([groups[0] * 2, groups[2]], CONFIG) is None


@given(st.lists(st.sampled_from(["a", "b", "ab", "é", "日本", "x" * 5000, "x" * 5000 + "y"]), max_size=60))
def test_shingle_hashes_are_equal_where_the_shingles_are(content: list[str]) -> None:
    hashes = shingle_hashes(" ".join(content))
    runs = [tuple(content[i : i + 8]) for i in range(max(len(content) - 7, 0))]
    assert len(hashes) == len(runs)
    assert [np.flatnonzero(hashes == value)[0] for value in hashes] == [runs.index(run) for run in runs]


def test_shingle_hashes_do_not_depend_on_how_a_long_text_is_stepped_through(monkeypatch: pytest.MonkeyPatch) -> None:
    content = " ".join(words("a", 5000))
    expected = shingle_hashes(content)
    assert len(np.unique(expected)) == 4993
    monkeypatch.setattr("halo.text.shingles._CHUNK_BYTES", 100)
    assert np.array_equal(shingle_hashes(content), expected)
    assert np.array_equal(shingle_hashes(content[content.index("a3000 ") :]), expected[3000:])


def test_shingle_hashes_are_the_same_in_every_process() -> None:
    assert [hex(value) for value in shingle_hashes("one two three four five six seven eight nine")] == [
        "0xc348a56b97189542",
        "0xfc9a6d83f378575f",
    ]
