"""Preparing: nothing held out enters the vocabulary, nothing old is reused, nothing half is left."""

import hashlib
import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from halo.config import DataConfig, TrainConfig
from halo.errors import InputError
from halo.text import corpus as corpus_module
from halo.text.cleaning import clean
from halo.text.corpus import Corpus, prepare
from halo.text.duplicates import Duplicates
from halo.text.sources import read_documents
from halo.text.splitting import SPLITS, split_documents


@pytest.fixture
def config(tiny_config: TrainConfig) -> DataConfig:
    return tiny_config.data


def test_no_held_out_word_enters_the_vocabulary(config: DataConfig) -> None:
    corpus = prepare(config)
    splits = split_documents(list(read_documents(config)), config.splits)
    train = [clean(document.text, config.cleaning) for document in splits["train"]]
    held_out = [clean(document.text, config.cleaning) for name in SPLITS[1:] for document in splits[name]]
    train_words = {word for text in train for word in corpus.tokenizer.tokens(text)}
    held_out_words = {word for text in held_out for word in corpus.tokenizer.tokens(text)}
    assert set(corpus.tokenizer.vocabulary()) - {"<unk>", "<eos>"} <= train_words
    assert not (held_out_words - train_words) & set(corpus.tokenizer.vocabulary())
    assert held_out_words - train_words


def test_ids_say_what_the_text_says(config: DataConfig) -> None:
    corpus = prepare(config)
    document = split_documents(list(read_documents(config)), config.splits)["train"][0]
    cleaned = clean(document.text, config.cleaning)
    expected = [
        token_id
        for paragraph in cleaned.split("\n\n")
        for token_id in [*corpus.tokenizer.encode(paragraph), corpus.tokenizer.end_id]
    ]
    assert corpus.ids["train"][: len(expected)].tolist() == expected
    assert corpus.ids["train"].dtype == np.uint16
    assert isinstance(corpus.ids["train"], np.memmap)


def test_eos_can_end_documents_only(config: DataConfig) -> None:
    per_document = replace(config, tokenizer=replace(config.tokenizer, eos="document"))
    corpus = prepare(per_document)
    for name in SPLITS:
        assert corpus.counts[name].end_tokens == corpus.counts[name].documents


def test_counts_are_those_of_the_cleaned_text(config: DataConfig) -> None:
    corpus = prepare(config)
    assert sum(corpus.counts[name].documents for name in SPLITS) == 12
    splits = split_documents(list(read_documents(config)), config.splits)
    for name in SPLITS:
        texts = [clean(document.text, config.cleaning) for document in splits[name]]
        counts = corpus.counts[name]
        assert counts.words == sum(len(text.split()) for text in texts)
        assert counts.characters == sum(map(len, texts))
        assert counts.tokens == len(corpus.ids[name])
        unknown = int((np.asarray(corpus.ids[name]) == corpus.tokenizer.unknown_id).sum())
        assert counts.out_of_vocabulary_rate == unknown / (counts.tokens - counts.end_tokens)


def test_the_cache_is_reused_for_the_same_text_and_never_for_another(
    config: DataConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(Path(config.path).read_bytes())
    config = replace(config, path=str(copy))
    first = prepare(config)
    with monkeypatch.context() as patch:
        patch.setattr(corpus_module, "_make", lambda *_: pytest.fail("prepared again"))
        assert prepare(config).folder == first.folder
    copy.write_text(copy.read_text(encoding="utf-8").replace("the", "thee", 1), encoding="utf-8")
    assert prepare(config).folder != first.folder
    other_settings = replace(config, tokenizer=replace(config.tokenizer, min_count=3))
    assert prepare(other_settings).folder != prepare(config).folder
    batch_only = replace(config, batch_size=2)
    assert prepare(batch_only).folder == prepare(config).folder


def test_a_failed_write_leaves_nothing(config: DataConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full_disk)
    with pytest.raises(InputError, match="No space left on device"):
        prepare(config)
    assert list(Path(config.cache_dir).iterdir()) == []


def test_two_writers_do_not_harm_each_other(config: DataConfig) -> None:
    first = prepare(config)
    documents = list(read_documents(config))
    corpus_module._make(first.folder, documents, config)  # the slower of two that began together
    assert [path.name for path in Path(config.cache_dir).iterdir()] == [first.folder.name]
    assert np.array_equal(prepare(config).ids["train"], first.ids["train"])


@pytest.mark.parametrize("name", ["manifest.json", "train.npy", "tokenizer.json"])
def test_a_damaged_cache_is_named(config: DataConfig, name: str) -> None:
    folder = prepare(config).folder
    (folder / name).write_bytes(b"damaged")
    with pytest.raises(InputError, match=f"{folder.name}"):
        prepare(config)


def test_a_text_too_small_says_what_is_needed_and_writes_nothing(config: DataConfig, tmp_path: Path) -> None:
    file = tmp_path / "short.txt"
    file.write_text("\n\n".join(["a short paragraph of words"] * 8))
    with pytest.raises(InputError, match=r"the train split has \d+ tokens, at least 64 are needed"):
        prepare(replace(config, path=str(file)))
    assert not Path(config.cache_dir).exists()


def plant(config: DataConfig, tmp_path: Path) -> DataConfig:
    """The small corpus with an exact copy, a near copy, and a paragraph that was carried over."""
    records = [json.loads(line) for line in Path(config.path).read_text(encoding="utf-8").splitlines()]
    first, second, third, fourth = (record["text"] for record in records[:4])
    own = " ".join(f"own{i}" for i in range(60))
    planted = [
        first.upper(),
        f"{second} And three more.",
        f"{third.split(chr(10))[0]}\n\n{own}\n\nFirst.",
        f"{own} {fourth[:10]}\n\nLast.",
    ]
    file = tmp_path / "planted.jsonl"
    lines = [*records, *({"text": text, "register": "news"} for text in planted)]
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return replace(config, path=str(file), cleaning=replace(config.cleaning, case="lower"))


def paragraphs_of_splits(corpus: Corpus, words: int) -> dict[str, set[str]]:
    """The paragraphs of each split with so many words or more, read back from the ids."""
    decoded = {name: corpus.tokenizer.decode(corpus.ids[name].tolist()).split("\n\n") for name in SPLITS}
    return {name: {line for line in decoded[name] if len(line.split()) >= words} for name in SPLITS}


def test_no_planted_duplicate_stands_in_two_splits(
    config: DataConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with_duplicates = plant(config, tmp_path)
    lenient = replace(with_duplicates.tokenizer, min_count=1)
    caplog.set_level("INFO")
    leaks = 0
    for seed in range(8):
        splits = replace(with_duplicates.splits, seed=seed)
        seeded = replace(with_duplicates, splits=splits, tokenizer=lenient)
        found = paragraphs_of_splits(prepare(seeded), 20)
        for one, other in itertools.combinations(SPLITS, 2):
            assert not found[one] & found[other]
        off = replace(seeded.duplicates, documents=False, paragraphs=False)
        found = paragraphs_of_splits(prepare(replace(seeded, duplicates=off)), 20)
        leaks += sum(len(found[one] & found[other]) for one, other in itertools.combinations(SPLITS, 2))
    assert leaks > 0  # without looking for duplicates, some of these seeds leak
    (line, *_) = [record.getMessage() for record in caplog.records if "stands twice" in record.getMessage()]
    assert "1 exact documents, 1 exact paragraphs, 1 near documents" in line


def test_the_manifest_lists_what_was_dropped(config: DataConfig, tmp_path: Path) -> None:
    assert json.loads((prepare(config).folder / "manifest.json").read_text())["duplicates"]["total"] == 0
    with_duplicates = plant(config, tmp_path)
    corpus = prepare(with_duplicates)
    duplicates = json.loads((corpus.folder / "manifest.json").read_text(encoding="utf-8"))["duplicates"]
    assert duplicates["total"] == duplicates["listed"] == len(duplicates["dropped"]) == 4
    near = next(item for item in duplicates["dropped"] if (item["unit"], item["kind"]) == ("document", "near"))
    places = {f"{with_duplicates.path}, line {number}" for number in (2, 14)}
    assert {near["source"], near["kept_source"]} == places
    assert 0.8 <= near["similarity"] < 1
    assert sum(corpus.counts[name].documents for name in SPLITS) == 14
    kept = replace(with_duplicates.duplicates, similarity=1.0)
    assert prepare(replace(with_duplicates, duplicates=kept)).folder != corpus.folder


def test_a_leak_is_our_own_error(config: DataConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus_module, "find_duplicates", lambda *_: Duplicates(frozenset(), {}, ()))
    with_duplicates = plant(config, tmp_path)

    def prepare_with_several_seeds() -> None:
        for seed in range(8):
            prepare(replace(with_duplicates, splits=replace(config.splits, seed=seed)))

    with pytest.raises(AssertionError, match="this paragraph stands in two splits"):
        prepare_with_several_seeds()


def test_a_book_is_cut_without_a_repeated_paragraph_in_two_parts(config: DataConfig, tmp_path: Path) -> None:
    refrain = " ".join(f"refrain{i}" for i in range(30))
    lines = [line for i in range(20) for line in (" ".join(f"w{i}x{j}" for j in range(30)), refrain)]
    book = tmp_path / "book.txt"
    for separator in ("\n\n", "\n"):  # paragraphs, or one paragraph of many lines
        book.write_text(separator.join(lines))
        settings = replace(config, path=str(book), tokenizer=replace(config.tokenizer, min_count=1))
        corpus = prepare(settings)
        assert sum(refrain in found for found in paragraphs_of_splits(corpus, 20).values()) <= 1
        counts = json.loads((corpus.folder / "manifest.json").read_text())["duplicates"]["counts"]
        assert counts == {"exact paragraphs": 19}


def test_the_manifest_is_plain_json(config: DataConfig) -> None:
    manifest = json.loads((prepare(config).folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["splits"]["train"]["documents"] == 10
    raw = Path(config.path).read_bytes()
    (file,) = manifest["files"]
    assert file["size_bytes"] == len(raw)
    assert file["sha256"] == hashlib.sha256(raw).hexdigest()
    assert manifest["settings"]["tokenizer"] == {
        "kind": "word",
        "min_count": 2,
        "max_size": None,
        "eos": "paragraph",
    }
