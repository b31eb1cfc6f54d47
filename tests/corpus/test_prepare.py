"""Preparing: nothing held out enters the vocabulary, nothing old is reused, nothing half is left."""

import hashlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from halo.config import SPLITS, DataConfig, TrainConfig
from halo.corpus import prepare as corpus_module
from halo.corpus.cleaning.white_space import paragraphs
from halo.corpus.corpus import Corpus
from halo.corpus.dedup import duplicate_finder
from halo.corpus.dedup.passage_matching import Matches
from halo.corpus.encoded_documents import clean_document
from halo.corpus.engines import local, shards
from halo.corpus.prepare import find_prepared, prepare
from halo.corpus.sources import text_files
from halo.corpus.sources.documents import Document, read_parts
from halo.corpus.sources.files import SourceFile
from halo.corpus.sources.lines import ReadLog
from halo.corpus.splits import split_plan
from halo.corpus.splits.assignment import assign_splits
from halo.corpus.store import token_store
from halo.corpus.store.array_writer import ArrayWriter
from halo.corpus.store.document_hashes import content_hash
from halo.corpus.text_counts import count_text
from halo.reports.console import corpus_table
from halo.runtime.errors import InputError
from halo.tokenization.oov_cost import OOVCost
from halo.tokenization.tokenizer import TextTokenizer
from tests.support.file_server import file_server
from tests.support.reading import read_documents


@pytest.fixture
def config(tiny_config: TrainConfig) -> DataConfig:
    return tiny_config.data


def reference_splits(config: DataConfig) -> dict[str, list[Document]]:
    """The cleaned documents of each split in order, all in memory; of a text without duplicates."""
    documents = list(read_documents(config))
    hashes = {id(document): content_hash(document.text, config.splits.seed) for document in documents}
    places = assign_splits([document.label for document in documents], list(hashes.values()), config.splits)
    splits: dict[str, list[Document]] = {name: [] for name in SPLITS}
    for document, place in zip(documents, places, strict=True):
        splits[SPLITS[place]].append(document)
    return {
        name: [
            replace(document, text=clean_document(document.text, config))
            for document in sorted(splits[name], key=lambda document: (document.label, hashes[id(document)]))
        ]
        for name in SPLITS
    }


def reference_ids(texts: list[str], tokenizer: TextTokenizer, eos: str) -> list[int]:
    ids = []
    for text in texts:
        for line in paragraphs(text):
            ids += [*tokenizer.encode(line), tokenizer.eos_id]
            if eos == "document":
                ids.pop()
        if eos == "document":
            ids.append(tokenizer.eos_id)
    return ids


@pytest.mark.parametrize("eos", ["paragraph", "document", "line"])
@pytest.mark.parametrize("kind", ["word", "whitespace", "char", "bpe"])
def test_what_streamed_by_is_what_one_gets_with_all_in_memory(
    config: DataConfig, kind: Any, eos: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(config.tokenizer, kind=kind, eos=eos, max_size=300)
    config = replace(config, tokenizer=settings)
    monkeypatch.setattr(shards, "BATCH_CHARACTERS", 3000)
    monkeypatch.setattr(token_store, "BLOCK_TOKENS", 64)
    monkeypatch.setattr(split_plan, "BLOCK_TOKENS", 64)
    corpus = prepare(config)
    splits = reference_splits(config)
    lines = [line for document in splits["train"] for line in paragraphs(document.text)]
    tokenizer = TextTokenizer.train(lines, kind=kind, min_count=settings.min_count, max_size=300)
    assert corpus.tokenizer.vocabulary() == tokenizer.vocabulary()
    for name in SPLITS:
        texts = [document.text for document in splits[name]]
        each = [reference_ids([text], tokenizer, eos) for text in texts]
        assert corpus.ids[name].tolist() == [token_id for ids in each for token_id in ids]
        assert corpus.offsets[name].tolist() == [0, *itertools.accumulate(map(len, each))]
        assert isinstance(corpus.ids[name], np.memmap)
        assert corpus.ids[name].dtype == np.uint16
        counts = corpus.counts[name]
        assert counts.documents == len(texts)
        assert counts.words == sum(len(text.split()) for text in texts)
        assert counts.characters == sum(map(len, texts))
        assert counts.tokens == len(corpus.ids[name])
        assert counts.eos_tokens == (corpus.ids[name] == tokenizer.eos_id).sum()
        assert counts.unknown_tokens == (corpus.ids[name] == tokenizer.unk_id).sum()
        oov_cost = OOVCost(tokenizer)
        tokens = [token for text in texts for line in paragraphs(text) for token in tokenizer.tokens(line)]
        assert counts.oov_cost == pytest.approx(sum(map(oov_cost.of_token, tokens)))
        assert counts == count_text(texts, corpus.ids[name], tokenizer)
        named = [corpus.label_names[label] for label in corpus.labels[name]]
        assert named == [document.label for document in splits[name]]
        assert corpus.statistics.labels[name].keys() == {document.label for document in splits[name]}
        for label, found in corpus.statistics.labels[name].items():
            ours = [i for i, document in enumerate(splits[name]) if document.label == label]
            assert (found.documents, found.words) == (len(ours), sum(len(texts[i].split()) for i in ours))
            assert found.tokens == sum(id_ != tokenizer.eos_id for i in ours for id_ in each[i])
            assert found.unknown_tokens == sum(id_ == tokenizer.unk_id for i in ours for id_ in each[i])


@pytest.mark.slow  # starts processes
def test_all_cores_make_the_same_of_a_text(config: DataConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shards, "BATCH_CHARACTERS", 500)
    alone = prepare(config)
    monkeypatch.setattr(local, "MIN_PARALLEL_BYTES", 0)
    monkeypatch.setattr(local, "num_cores", lambda: 2)
    together = prepare(replace(config, cache_dir=str(tmp_path / "other")))
    for name in ("manifest.json", "statistics.json", "tokenizer.json", *(f"{split}.npy" for split in SPLITS)):
        assert (together.folder / name).read_bytes() == (alone.folder / name).read_bytes()


@pytest.mark.parametrize("separator", ["\n\n", "\n"])
def test_a_long_file_in_pieces_is_the_text_that_it_is_as_a_whole(
    config: DataConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, separator: str
) -> None:
    book = tmp_path / "book.txt"
    book.write_text(separator.join(f"line {i} <!-- not {separator} text --> of the long book," for i in range(300)))
    lenient = replace(config.duplicates, similarity=1.0)
    config = replace(config, path=str(book), tokenizer=replace(config.tokenizer, min_count=1), duplicates=lenient)
    whole = prepare(config)
    monkeypatch.setattr(text_files, "PIECE_CHARACTERS", 1000)
    monkeypatch.setattr(shards, "BATCH_CHARACTERS", 100)
    pieces = prepare(replace(config, cache_dir=str(tmp_path / "pieces")))
    assert len(list(read_documents(config))) > 5 or separator == "\n"
    for name in SPLITS:
        assert pieces.counts[name].documents == whole.counts[name].documents == 1
        assert pieces.tokenizer.decode(pieces.ids[name]) == whole.tokenizer.decode(whole.ids[name])
        assert pieces.offsets[name].tolist() == whole.offsets[name].tolist()


def test_the_cache_is_reused_for_the_same_text_and_never_for_another(
    config: DataConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(Path(str(config.path)).read_bytes())
    config = replace(config, path=str(copy))
    first = prepare(config)
    with monkeypatch.context() as patch:
        patch.setattr(corpus_module, "_make_folder", lambda *_, **__: pytest.fail("prepared again"))
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

    monkeypatch.setattr(ArrayWriter, "append", full_disk)
    with pytest.raises(InputError, match=r"cannot be written \(No space left on device\); free some space"):
        prepare(config)
    assert not Path(config.cache_dir).exists()


def test_a_file_that_changes_while_it_is_read_is_refused(
    config: DataConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(Path(str(config.path)).read_bytes())

    def read_and_edit(files: list[SourceFile], config: DataConfig, read_log: ReadLog) -> Iterator[Document]:
        yield from read_parts(files, config, read_log)
        copy.write_text(copy.read_text(encoding="utf-8") + "\n", encoding="utf-8")

    monkeypatch.setattr(shards, "read_parts", read_and_edit)
    with pytest.raises(InputError, match=r"copy\.jsonl: modified while it was being read; rerun"):
        prepare(replace(config, path=str(copy)))
    assert not Path(config.cache_dir).exists()


def test_a_text_too_small_says_what_is_needed_and_writes_nothing(config: DataConfig, tmp_path: Path) -> None:
    file = tmp_path / "short.txt"
    file.write_text("\n\n".join(["a short paragraph of words"] * 8))
    with pytest.raises(InputError, match=r"the train split has \d+ tokens, but at least 64 are needed"):
        prepare(replace(config, path=str(file)))
    assert not Path(config.cache_dir).exists()


def plant(config: DataConfig, tmp_path: Path) -> DataConfig:
    """The small corpus with an exact copy, a near copy, and a paragraph that was carried over."""
    records = [json.loads(line) for line in Path(str(config.path)).read_text(encoding="utf-8").splitlines()]
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


def test_no_planted_duplicate_is_in_two_splits(
    config: DataConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with_duplicates = plant(config, tmp_path)
    lenient = replace(with_duplicates.tokenizer, min_count=1)
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
    lines = " ".join(corpus_table(prepare(with_duplicates)).split())
    assert "Duplicates: 1 exact document, 1 exact paragraph, 1 near document" in lines


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
    monkeypatch.setattr(duplicate_finder, "match_passages", lambda *_, **__: Matches({}, {}))
    with_duplicates = plant(config, tmp_path)

    def prepare_with_several_seeds() -> None:
        for seed in range(8):
            prepare(replace(with_duplicates, splits=replace(config.splits, seed=seed)))

    with pytest.raises(AssertionError, match=r"a text occurs in two splits.*planted\.jsonl, line \d+, "):
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
        assert counts == {"exact paragraphs": 4}  # those of validation and test


def given(config: DataConfig, folder: Path, texts: dict[str, list[str]]) -> DataConfig:
    """The settings for texts that are given for each split, in files of their own."""
    for name, parts in texts.items():
        (folder / f"{name}.txt").write_text("\n\n".join(parts), encoding="utf-8")
    paths = {f"{name}_path": str(folder / f"{name}.txt") for name in SPLITS}
    return replace(config, path=None, **paths, tokenizer=replace(config.tokenizer, min_count=1))  # type: ignore[arg-type]


def numbered(name: str, number: int = 100) -> str:
    return " ".join(f"{name}{i}" for i in range(number))


@pytest.mark.parametrize("documents", ["file", "paragraph"])
def test_given_test_and_validation_stay_whole_and_training_loses_what_they_repeat(
    config: DataConfig, tmp_path: Path, documents: Any
) -> None:
    shared = numbered("s")
    texts = {
        "train": [numbered("a"), numbered("b"), f"{numbered('t')} more", numbered("V").upper(), shared, numbered("a")],
        "validation": [numbered("v"), numbered("w"), numbered("v"), shared, numbered("x"), numbered("y")],
        "test": [numbered("t"), numbered("u"), f"{numbered('t')} again", f"{shared} too"],
    }
    corpus = prepare(replace(given(config, tmp_path, texts), documents=documents))
    found = {name: corpus.tokenizer.decode(corpus.ids[name].tolist()) for name in SPLITS}
    words = {name: counts.words for name, counts in corpus.counts.items()}
    assert words == {"train": 200 if documents == "paragraph" else 300, "validation": 600, "test": 402}
    assert set(found["train"].split()) == set(f"{numbered('a')} {numbered('b')}".split())
    entry = corpus.manifest["duplicates"]
    assert entry["units"] == 601
    assert entry["dropped_units"] == 601 - words["train"]
    assert entry["shared_counts"] == {f"near {'documents' if documents == 'paragraph' else 'paragraphs'}": 1}
    printed = " ".join(corpus_table(corpus).split())
    assert "Training text: " in printed
    assert "Validation and test text are whole" in printed
    assert "Validation and test text share 1 near " in printed


def test_a_training_text_without_anything_of_its_own_is_refused(config: DataConfig, tmp_path: Path) -> None:
    texts = {"train": [numbered("t")], "validation": [numbered("v")], "test": [numbered("t"), numbered("u")]}
    message = (
        r"nothing is left of the training text.*; give different texts, or set data\.duplicates\.paragraphs=false$"
    )
    with pytest.raises(InputError, match=message):
        prepare(given(config, tmp_path, texts))
    assert not Path(config.cache_dir).exists()


def test_the_manifest_is_plain_json(config: DataConfig) -> None:
    manifest = json.loads((prepare(config).folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["splits"]["train"]["documents"] == 10
    raw = Path(str(config.path)).read_bytes()
    (file,) = manifest["files"]
    assert file["size_bytes"] == len(raw)
    assert file["sha256"] == hashlib.sha256(raw).hexdigest()
    assert manifest["settings"]["tokenizer"] == {
        "kind": "word",
        "min_count": 2,
        "max_size": None,
        "eos": "paragraph",
    }


def test_lines_of_verse_are_kept_if_asked_for_and_otherwise_missed(config: DataConfig, tmp_path: Path) -> None:
    verses = [
        f"The {word} goes out along the shore\nand leaves {word}s behind,\nit will come back" for word in "abcdefghij"
    ]
    (tmp_path / "poem.txt").write_text("\n\n".join(verses), encoding="utf-8")
    config = replace(config, path=str(tmp_path / "poem.txt"), batch_size=1, sequence_length=1, eval_batch_size=1)
    joined = prepare(replace(config, documents="paragraph"))
    assert "set data.cleaning.line_ends=eol" in corpus_table(joined)
    kept = prepare(replace(config, documents="paragraph", tokenizer=replace(config.tokenizer, eos="line")))
    assert "line_ends" not in corpus_table(kept)
    assert kept.counts["train"].eos_tokens == 3 * joined.counts["train"].eos_tokens
    written = kept.tokenizer.decode(kept.ids["train"][:40].tolist(), paragraph_break="\n")
    assert " goes out along the shore\nand leaves " in written


def test_a_text_that_is_read_a_second_time_is_reported_on_once(
    config: DataConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = tmp_path / "lines.txt"  # one paragraph, so that its lines become paragraphs
    lines.write_text("\n".join(f"it\x92s line {number} of a text without blank lines" for number in range(60)))
    with caplog.at_level("WARNING"):
        prepare(replace(config, path=str(lines)))
    assert caplog.text.count("60 control characters of Latin-1") == 1


def same_ids(corpus: Corpus, other: Corpus) -> bool:
    return all(np.array_equal(corpus.ids[split][:], other.ids[split][:]) for split in SPLITS)


def test_a_cache_at_a_url_is_filled_once_and_read_from_there(config: DataConfig, tmp_path: Path) -> None:
    local = prepare(config)
    at_url = replace(config, cache_dir=f"memory://{tmp_path.name}/cache")
    assert find_prepared(at_url) is None
    for corpus in (prepare(at_url), find_prepared(at_url)):
        assert corpus is not None
        assert same_ids(corpus, local)
        assert corpus.folder.name == local.folder.name
        assert corpus.location == f"memory://{tmp_path.name}/cache/{local.folder.name}"
        assert f"Prepared text: {corpus.location}" in corpus_table(corpus)
        assert corpus.word_statistics().counts.tolist() == local.word_statistics().counts.tolist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus_module, "_make_folder", lambda *_, **__: pytest.fail("prepared again"))
        prepare(at_url)


def test_a_prepared_corpus_needs_no_text(config: DataConfig, tmp_path: Path) -> None:
    local = prepare(config)
    with file_server(local.folder) as server:
        for location in (str(local.folder), server.url):
            named = replace(config, path=None, prepared=location)
            assert same_ids(prepare(named), local)
            assert named.source == f"data.prepared={location}"
            other = replace(named, cleaning=replace(named.cleaning, case="lower"))
            message = r"was prepared with data\.cleaning\.case=lower_keep_acronyms, and now it is lower; give the"
            with pytest.raises(InputError, match=message):
                prepare(other)
    with pytest.raises(InputError, match=r"^data\.prepared=\S+: no prepared corpus; give a folder FINGERPRINT of a"):
        prepare(replace(config, prepared=str(tmp_path)))
