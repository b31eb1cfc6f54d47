"""Tests of halo.auditing.canaries.insertion: what is inserted, where, and what stays as it was."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from halo.auditing.canaries.insertion import REPETITIONS, Canaries, insert_canaries, make_canaries
from halo.corpus.corpus import Corpus
from halo.corpus.prepare import prepare
from halo.corpus.text_counts import count_text
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import data_config

WORDS = (
    "the code of is " + " ".join("0123456789") + " " + " ".join(f"word{letter}" for letter in "abcdefghijklmnopqrst")
)


def word_tokenizer(text: str = WORDS) -> TextTokenizer:
    return TextTokenizer.train([text], kind="word", min_count=1, max_size=None)


@pytest.fixture(scope="module")
def corpus(corpus_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    config = replace(data_config(), path=str(corpus_file), cache_dir=str(tmp_path_factory.mktemp("cache")))
    return prepare(config)


def occurrences(ids: Iterable[int], sought: list[int]) -> int:
    return f" {' '.join(map(str, ids))} ".count(f" {' '.join(map(str, sought))} ")


def test_canaries_are_sentences_of_the_vocabulary() -> None:
    tokenizer = word_tokenizer()
    canaries = make_canaries(tokenizer, number=10, seed=1)
    assert [canary.repetitions for canary in canaries.inserted] == [1, 4, 16] * 3 + [1]
    assert len(canaries.canaries) == 20
    assert canaries.form == "the code of NAME is D D D D D D"
    assert canaries.secrets == 10**6
    names = set()
    for canary in canaries.canaries:
        found = re.fullmatch(r"the code of (\w+) is( \d){6}", canary.text)
        assert found is not None
        names.add(found[1])
        assert canaries.ids(canary) == tokenizer.encode(canary.text)
        assert tokenizer.unk_id not in canaries.ids(canary)
    assert len(names) == 20
    assert len({canary.secret for canary in canaries.canaries}) == 20


def test_the_seed_decides() -> None:
    tokenizer = word_tokenizer()
    assert make_canaries(tokenizer, number=3, seed=1) == make_canaries(tokenizer, number=3, seed=1)
    assert make_canaries(tokenizer, number=3, seed=1) != make_canaries(tokenizer, number=3, seed=2)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("char", "the code of is 0123456789 abcdefghijklmnopqrstuvwxyz"), ("bpe", "the code of is 0 1 2 3 4")],
)
def test_characters_and_subwords_write_the_sentence_too(kind: str, text: str) -> None:
    tokenizer = TextTokenizer.train([text], kind=kind, min_count=1, max_size=300)
    canaries = make_canaries(tokenizer, number=3, seed=1)
    assert canaries.form.startswith("the code")
    for canary in canaries.canaries:
        assert canaries.ids(canary) == tokenizer.encode(canary.text)
        assert tokenizer.decode(canaries.ids(canary)) == canary.text


@pytest.mark.parametrize(
    "tokenizer",
    [
        word_tokenizer(WORDS.replace(" 7", "")),
        word_tokenizer("the code of is 0 1 2 3 4 5 6 7 8 9 name"),  # no names
        TextTokenizer.train(["ACGT"], kind="char", min_count=1, max_size=None),
    ],
)
def test_other_vocabularies_write_random_tokens(tokenizer: TextTokenizer) -> None:
    canaries = make_canaries(tokenizer, number=10, seed=1)
    assert "random tokens" in canaries.form
    assert canaries.secrets >= 10**6
    written = [tuple(canaries.ids(canary)) for canary in canaries.canaries]
    assert len(set(written)) == 20
    special = {tokenizer.unk_id, tokenizer.eos_id}
    assert all(not special & {*ids} and max(ids) < tokenizer.vocab_size for ids in written)


def test_a_vocabulary_of_one_token_is_refused() -> None:
    with pytest.raises(InputError, match=r"audit.canaries=3: a vocabulary of 3 tokens"):
        make_canaries(word_tokenizer("a"), number=3, seed=1)


def test_insertion_adds_the_canaries_and_nothing_else(corpus: Corpus) -> None:
    canaries = make_canaries(corpus.tokenizer, number=10, seed=3)
    before = corpus.ids["train"].tobytes()
    changed = insert_canaries(corpus, canaries, seed=3)
    assert corpus.ids["train"].tobytes() == before
    ids, eos_id = changed.ids["train"], corpus.tokenizer.eos_id
    assert ids.dtype == corpus.ids["train"].dtype
    rest = f" {' '.join(map(str, ids))} "
    for canary in canaries.canaries:
        piece = [*canaries.ids(canary), eos_id]
        assert occurrences(ids, piece) == canary.repetitions
        rest = rest.replace(f" {' '.join(map(str, piece))} ", " ")
    assert rest.split() == [str(token) for token in corpus.ids["train"]]
    for split in ("validation", "test"):
        assert changed.ids[split] is corpus.ids[split]


def test_documents_keep_their_text_apart_from_canaries(corpus: Corpus) -> None:
    canaries = make_canaries(corpus.tokenizer, number=10, seed=3)
    changed = insert_canaries(corpus, canaries, seed=4)
    old, new = corpus.offsets["train"], changed.offsets["train"]
    assert len(old) == len(new)
    assert (new[0], new[-1]) == (0, len(changed.ids["train"]))
    pieces = [f" {' '.join(map(str, [*canaries.ids(each), corpus.tokenizer.eos_id]))} " for each in canaries.inserted]
    for number in range(len(old) - 1):
        found = f" {' '.join(map(str, changed.ids['train'][new[number] : new[number + 1]]))} "
        for piece in pieces:
            found = found.replace(piece, " ")
        assert found.split() == [str(token) for token in corpus.ids["train"][old[number] : old[number + 1]]]


def test_counts_are_those_of_the_text_with_canaries(corpus: Corpus) -> None:
    canaries = make_canaries(corpus.tokenizer, number=4, seed=1)
    changed = insert_canaries(corpus, canaries, seed=1)
    insertions = sum(canary.repetitions for canary in canaries.inserted)
    assert insertions == sum(REPETITIONS) + REPETITIONS[0]
    old, new = corpus.counts["train"], changed.counts["train"]
    assert new.tokens == len(changed.ids["train"])
    assert new.eos_tokens == int((changed.ids["train"] == corpus.tokenizer.eos_id).sum())
    assert new.unknown_tokens == old.unknown_tokens
    texts = [canary.text for canary in canaries.inserted for _ in range(canary.repetitions)]
    own = count_text(texts, np.array([], np.uint16), corpus.tokenizer)
    assert (new.words - old.words, new.characters - old.characters) == (own.words, own.characters)
    (note,) = changed.manifest["notes"]
    assert f"4 secrets (`{canaries.form}`), inserted {insertions} times" in note
    assert f"{new.tokens - old.tokens:,} tokens" in note


def test_a_text_with_few_paragraphs_has_them_after_any_token(corpus: Corpus) -> None:
    ids = np.full(40, 5, dtype=np.uint16)
    small = replace(corpus, ids={**corpus.ids, "train": ids}, offsets={**corpus.offsets, "train": np.array([0, 40])})
    canaries = make_canaries(corpus.tokenizer, number=6, seed=1)
    changed = insert_canaries(small, canaries, seed=1)
    assert changed.ids["train"][0] == 5
    assert changed.offsets["train"].tolist() == [0, len(changed.ids["train"])]
    for canary in canaries.inserted:
        assert occurrences(changed.ids["train"], canaries.ids(canary)) == canary.repetitions


def test_ids_elsewhere_are_refused(corpus: Corpus) -> None:
    canaries = make_canaries(corpus.tokenizer, number=1, seed=1)
    at_url = replace(corpus, ids={**corpus.ids, "train": object()})  # type: ignore[dict-item]
    with pytest.raises(InputError, match=r"audit.canaries=1: .*data.cache_dir"):
        insert_canaries(at_url, canaries, seed=1)


def test_canaries_come_back_from_their_file(tmp_path: Path) -> None:
    canaries = make_canaries(word_tokenizer(), number=3, seed=1)
    assert Canaries.load(tmp_path) is None
    canaries.save(tmp_path)
    assert Canaries.load(tmp_path) == canaries


def test_the_file_of_a_private_run_has_no_words(tmp_path: Path) -> None:
    canaries = make_canaries(word_tokenizer(), number=3, seed=1)
    canaries.save(tmp_path, private=True)
    loaded = Canaries.load(tmp_path)
    assert loaded is not None
    assert [loaded.ids(each) for each in loaded.canaries] == [canaries.ids(each) for each in canaries.canaries]
    assert "word" not in (tmp_path / "canaries.json").read_text()


@pytest.mark.parametrize(
    "change",
    [{"canaries": []}, {"symbols": [[1], []]}, {"symbols": 5}, {"canaries": [{"text": "a"}]}, {"symbols": [[1]]}],
)
def test_a_damaged_file_is_refused(change: dict[str, object], tmp_path: Path) -> None:
    make_canaries(word_tokenizer(), number=3, seed=1).save(tmp_path)
    file = tmp_path / "canaries.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(InputError, match=r"canaries\.json: not the canaries of a run"):
        Canaries.load(tmp_path)
