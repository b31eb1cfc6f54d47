"""Duplicates: planted ones are found on the right side of the threshold, in any order, and nothing else is."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.config import DuplicatesConfig
from halo.corpus.cleaning.white_space import paragraphs
from halo.corpus.dedup import passages
from halo.corpus.dedup.duplicate_finder import DuplicateFinder
from halo.corpus.dedup.duplicates import DuplicatePassage, Duplicates, count_by_kind
from halo.corpus.dedup.shingles import SHINGLE_UNITS, unit_hashes
from halo.corpus.dedup.signatures import BatchSignatures, compute_signatures
from halo.corpus.sources.documents import Document
from tests.conftest import data_config
from tests.support.reading import read_documents

CONFIG = DuplicatesConfig(documents=True, paragraphs=True, similarity=0.8, min_paragraph_words=20)
DOCUMENTS_ONLY = replace(CONFIG, paragraphs=False)


def words(name: str, number: int) -> list[str]:
    return [f"{name}{i}" for i in range(number)]


def text(name: str, number: int = 200) -> str:
    return " ".join(words(name, number))


def documents(*texts: str) -> list[Document]:
    return [Document(f"file {i}", "", content) for i, content in enumerate(texts)]


def signatures(texts: list[str], config: DuplicatesConfig) -> BatchSignatures:
    lines = [paragraphs(content) for content in texts]
    num_units = [len(unit_hashes(line)) for document in lines for line in document]
    num_paragraphs = np.array([len(document) for document in lines], dtype=np.int64)
    return compute_signatures(unit_hashes(" ".join(texts)), np.array(num_units, dtype=np.int64), num_paragraphs, config)


def find_duplicates(some: list[Document], config: DuplicatesConfig, *, batch: int = 1000) -> Duplicates:
    finder = DuplicateFinder(config)
    for begin in range(0, len(some), batch):
        finder.add(signatures([document.text for document in some[begin : begin + batch]], config))
    return finder.find(lambda i: some[i].text, lambda i: (some[i].text, some[i].label, some[i].source))


def forms(texts: list[str]) -> set[str]:
    """What is compared: lower case, single spaces."""
    return {" ".join(content.lower().split()) for content in texts}


def reference_jaccard(one: str, other: str) -> float:
    """The definition, on the words themselves."""
    sets = []
    for content in (one, other):
        split = content.lower().split()
        sets.append({tuple(split[i : i + SHINGLE_UNITS]) for i in range(len(split) - SHINGLE_UNITS + 1)})
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def left(found: Duplicates, texts: list[Document]) -> list[str]:
    return [
        "\n\n".join(
            line for place, line in enumerate(paragraphs(d.text)) if place not in found.paragraphs.get(i, frozenset())
        )
        for i, d in enumerate(texts)
        if i not in found.documents
    ]


def test_the_bundled_corpus_has_none() -> None:
    assert find_duplicates(list(read_documents(data_config())), CONFIG).dropped == ()


def test_an_exact_copy_differs_in_case_and_white_space_only() -> None:
    copy = text("A").upper().replace(" ", "\n", 3).replace(" ", "  ", 5)
    found = find_duplicates(documents(text("a"), text("b"), copy), CONFIG)
    (dropped,) = found.dropped
    assert {dropped.source, dropped.kept_source} == {"file 0", "file 2"}
    assert (dropped.unit, dropped.kind, dropped.similarity) == ("document", "exact", 1.0)
    assert len(found.documents) == 1
    assert count_by_kind(found.dropped) == {"exact documents": 1}


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
    assert count_by_kind(found.dropped) == {"exact paragraphs": 2}
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
    assert replace(dropped, similarity=0) == DuplicatePassage(
        unit="paragraph",
        kind="near",
        source=dropped.source,
        paragraph=numbers[dropped.source],
        kept_source=dropped.kept_source,
        kept_paragraph=numbers[dropped.kept_source],
        kept_split="",
        similarity=0,
    )


@pytest.mark.parametrize(("number", "dropped"), [(19, 0), (20, 1)])
def test_short_paragraphs_may_stand_anywhere(number: int, dropped: int) -> None:
    some = documents(*(f"{text(name)}\n\n{text('same', number)}" for name in "ab"), text("c"))
    assert len(find_duplicates(some, CONFIG).dropped) == dropped


def test_a_repetition_within_one_document_stays() -> None:
    refrain = f"{text('a', 30)}\n\n{text('b', 30)}\n\n{text('a', 30)}"
    assert find_duplicates(documents(refrain, text("x"), text("y")), CONFIG).dropped == ()


@pytest.mark.parametrize(
    ("cuts", "dropped"), [((6, 8), {7, 9}), ((2, 4), {3, 5, 7, 9}), ((1, 2), {3, 5, 7, 9}), ((10, 10), set())]
)
def test_a_document_that_will_be_cut_keeps_a_refrain_in_its_first_part(
    cuts: tuple[int, int], dropped: set[int]
) -> None:
    song = "\n\n".join(line for i in range(5) for line in (text(f"verse{i}x", 30), text("refrain", 30)))
    some = documents(song)
    finder = DuplicateFinder(CONFIG)
    finder.add(signatures([song], CONFIG))
    found = finder.find(lambda i: some[i].text, lambda i: ("", "", some[i].source), cut_of=lambda _: cuts)
    assert found.paragraphs.get(0, frozenset()) == dropped


@pytest.mark.parametrize(("number", "dropped"), [(1, 0), (3, 0), (7, 0), (8, 1), (12, 1)])
def test_documents_of_fewer_than_eight_words_may_be_repeated(number: int, dropped: int) -> None:
    some = documents(text("w", number), text("W", number), text("a"), "", " ")
    assert count_by_kind(find_duplicates(some, CONFIG).dropped) == ({"exact documents": 1} if dropped else {})


def test_a_document_without_anything_of_its_own_goes() -> None:
    pieces = [text(name, 50) for name in "abcd"]
    some = documents("\n\n".join(pieces[:3]), "\n\n".join(pieces[1:]), "\n\n".join(pieces[:2]), *map(text, "xyz"))
    found = find_duplicates(some, CONFIG)
    remaining = left(found, some)
    assert sorted("\n\n".join(remaining).split("\n\n")) == sorted([*pieces, *map(text, "xyz")])
    assert "" not in remaining


@pytest.mark.parametrize("alphabet", ["äöüßéè", "абвгде", "ابجدهو", "\U0001f600\U0001f601é\u0301", "코로나"])
def test_any_script_is_compared(alphabet: str) -> None:
    letters = random.Random(0)
    original = ["".join(letters.choices(alphabet, k=6)) + str(i) for i in range(300)]
    copy = [*original[:150], "changed", *original[151:]]
    found = find_duplicates(documents(" ".join(original), " ".join(copy), text("x")), CONFIG)
    assert [item.kind for item in found.dropped] == ["near"]
    assert found.dropped[0].similarity == pytest.approx(reference_jaccard(" ".join(original), " ".join(copy)))


CHARACTERS = {
    "chinese": [chr(0x4E00 + i) for i in range(600)],
    "japanese": [*(chr(0x4E00 + i) for i in range(100)), *"あいうえおかきくけこさしすせそアイウエオカキクケコーッ"],
    "thai": list("กขคงจฉชซดตถทธนบปผพฟภมยรลวสหอะาิีึืุูเแโใไ่้"),
    "khmer": list("កខគឃងចឆជឈញតថទធនបផពភមយរលវសហអាិីុូេោ"),
    "lao": list("ກຂຄງຈຊຍດຕຖທນບປຜຝພຟມຢຣລວສຫອະາິີຸູເແໂໄ"),
    "burmese": list("ကခဂဃငစဆဇဈညတထဒဓနပဖဗဘမယရလဝသဟအာိီုူေ"),
    "tibetan": list("ཀཁགངཅཆཇཉཏཐདནཔཕབམཙཚཛཝཞཟའཡརལཤསཧཨིེོུ་"),
    "dna": list("acgt"),
    "protein": list("ACDEFGHIKLMNPQRSTVWY"),
    "hexadecimal": list("0123456789abcdef"),
}


@pytest.mark.parametrize("spaces", [False, True])
@pytest.mark.parametrize("name", CHARACTERS)
def test_texts_without_spaces_between_words_are_compared_by_characters(name: str, spaces: bool) -> None:
    """Texts of 400 characters, each with a copy in which one is replaced, in one run or in phrases of 50."""
    chance = random.Random(0)
    texts = []
    for _ in range(10):
        original = chance.choices(CHARACTERS[name], k=400)
        copy = list(original)
        copy[200] = next(each for each in CHARACTERS[name] if each != copy[200])
        for characters in (original, copy):
            phrases = ["".join(characters[i : i + 50]) for i in range(0, 400, 50)]
            texts.append((" " if spaces else "").join(phrases))
    found = find_duplicates(documents(*texts), CONFIG)
    assert count_by_kind(found.dropped) == {"near documents": 10}
    for item in found.dropped:
        assert {int(item.source.split()[1]) // 2} == {int(item.kept_source.split()[1]) // 2}
    assert find_duplicates(documents(*texts[::2]), CONFIG).dropped == ()


@pytest.mark.parametrize(
    ("paragraph", "dropped"),
    [
        ("亲爱的读者，您好！", 0),
        ("春" * 19, 0),
        ("微风吹过湖面，带来阵阵花香，孩子们在草地上奔跑。", 1),
        ("acgt" * 12, 1),
        ("-" * 80, 0),
    ],
)
def test_short_paragraphs_are_told_by_characters_where_there_are_no_spaces(paragraph: str, dropped: int) -> None:
    some = documents(*(f"{text(name)}\n\n{paragraph}" for name in "ab"), text("c"))
    assert len(find_duplicates(some, CONFIG).dropped) == dropped


def test_a_line_break_within_a_chinese_text_makes_no_difference() -> None:
    some = documents("微风吹过湖面，带来阵阵花香。", "微风吹过\n湖面，带来 阵阵花香。", text("a"))
    assert count_by_kind(find_duplicates(some, CONFIG).dropped) == {"exact documents": 1}


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


@pytest.mark.slow
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_the_order_of_reading_does_not_matter(seed: int, shuffle: random.Random) -> None:
    some = planted(seed)
    shuffled = list(some)
    shuffle.shuffle(shuffled)
    found, found_shuffled = find_duplicates(some, CONFIG), find_duplicates(shuffled, CONFIG)
    assert found.dropped == found_shuffled.dropped
    assert sorted(left(found, some)) == sorted(left(found_shuffled, shuffled))


@pytest.mark.slow
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
    remaining = left(found, documents(*texts))
    long = [content for content in remaining if len(content.split()) >= SHINGLE_UNITS]
    assert len(forms(long)) == len(long)
    # Texts that are not the same can still have the same set of shingles; each form that is gone is near a kept one.
    near = forms([texts[int(d.source.split()[1])] for d in found.dropped if d.kind == "near"])
    assert forms(remaining) | near == forms(texts)


def test_near_copies_at_the_threshold_are_missed_about_once_in_ten_thousand() -> None:
    """300 pairs just above the threshold: all are found, unless something is wrong."""
    pairs = []
    for i in range(300):
        original = words(f"w{i}x", 100)
        pairs += [" ".join(original), " ".join([*original, *words(f"new{i}x", 20)])]
    assert reference_jaccard(*pairs[:2]) == pytest.approx(93 / 113)
    assert len(find_duplicates(documents(*pairs), DOCUMENTS_ONLY).dropped) == 300


def test_switches_switch() -> None:
    some = documents(text("a"), text("a"), f"{text('b')}\n\n{text('c')}", f"{text('b')}\n\n{text('d')}", text("e"))
    assert count_by_kind(find_duplicates(some, DOCUMENTS_ONLY).dropped) == {"exact documents": 1}
    assert count_by_kind(find_duplicates(some, replace(CONFIG, documents=False)).dropped) == {"exact paragraphs": 2}
    assert find_duplicates(some, replace(DOCUMENTS_ONLY, documents=False)).dropped == ()


def test_batches_and_a_small_cache_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    some = [document for seed in range(5) for document in planted(seed)]
    expected = find_duplicates(some, CONFIG)
    assert {item.kind for item in expected.dropped} == {"exact", "near"}
    monkeypatch.setattr(passages, "MAX_CACHED_SHINGLES", 1)
    for batch in (1, 2, 7):
        assert find_duplicates(some, CONFIG, batch=batch) == expected


def test_texts_without_a_common_passage_are_not_read_again() -> None:
    finder = DuplicateFinder(CONFIG)
    finder.add(signatures([text(name) for name in "abcdefgh"], CONFIG))
    found = finder.find(lambda index: pytest.fail(f"document {index} was asked for"), lambda index: ("", "", ""))
    assert found.dropped == ()


@pytest.mark.parametrize("changed", [0, 1, 100])
def test_documents_in_pieces_are_compared_as_wholes_and_by_paragraphs(changed: int) -> None:
    """Two documents in three pieces each, the second of which may differ in some words of its last."""
    pieces = [text(name, 300) for name in "abc"]
    copy = [*pieces[:2], " ".join([f"changed{i}" for i in range(changed)] + words("c", 300)[changed:])]
    whole, similar = "\n\n".join(pieces), "\n\n".join(copy)
    texts = [whole, similar, text("x"), text("y")]
    finder = DuplicateFinder(DOCUMENTS_ONLY)
    for first, rest in ((pieces, []), (copy, texts[2:])):
        finder.add(signatures(first[:1], DOCUMENTS_ONLY))
        finder.add(signatures(first[1:2], DOCUMENTS_ONLY), continues=True)
        finder.add(signatures([first[2], *rest], DOCUMENTS_ONLY), continues=True)
    found = finder.find(texts.__getitem__, lambda index: (texts[index], "", f"file {index}"))
    similarity = reference_jaccard(whole, similar)
    assert (similarity >= 0.8) == (changed < 100)
    assert [item.kind for item in found.dropped] == (["near" if changed else "exact"] if similarity >= 0.8 else [])
    assert all(item.similarity == pytest.approx(similarity) for item in found.dropped)


def test_a_paragraph_of_a_later_piece_is_listed_with_its_number_in_the_document() -> None:
    pieces = [f"{text('a', 30)}\n\n{text('b', 30)}", f"{text('c', 30)}\n\n{text('same', 30)}"]
    texts = ["\n\n".join(pieces), f"{text('same', 30)}\n\n{text('z', 30)}", text("x"), text("y")]
    finder = DuplicateFinder(CONFIG)
    finder.add(signatures(pieces[:1], CONFIG))
    finder.add(signatures([pieces[1], *texts[1:]], CONFIG), continues=True)
    (dropped,) = finder.find(texts.__getitem__, lambda index: (texts[index], "", f"file {index}")).dropped
    assert {(dropped.source, dropped.paragraph), (dropped.kept_source, dropped.kept_paragraph)} == {
        ("file 0", 4),
        ("file 1", 1),
    }
