"""Settings -> documents: one by one, for which split, and what is logged about those that were skipped."""

import importlib.util
import json
import logging
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import fsspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo.config import DataConfig
from halo.corpus.sources.documents import Document, find_sources
from halo.runtime.errors import InputError
from tests.conftest import data_config
from tests.support.reading import read_documents


def read(path: Any) -> list[Document]:
    return list(read_documents(replace(data_config(), path=path)))


def test_the_bundled_corpus_is_what_its_card_says() -> None:
    documents = list(read_documents(data_config()))
    assert len(documents) == 150
    assert sum(len(document.text.split()) for document in documents) == 228_765
    assert len({document.label for document in documents}) == 7
    assert documents[0].source == "bundled:covid_discussions.jsonl, line 1"


def test_a_document_is_there_before_the_next_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "first"}\n{broken\n')
    (tmp_path / "b.txt").write_text("never reached")
    stream = read_documents(replace(data_config(), path=str(tmp_path)))
    assert next(stream).text == "first"
    with pytest.raises(InputError, match=r"a\.jsonl, line 2: not a JSON object"):
        next(stream)


@pytest.mark.slow
@pytest.mark.parametrize(("documents", "name"), [("line", "a.txt"), ("paragraph", "a.txt"), ("file", "a.jsonl")])
def test_memory_does_not_grow_with_the_number_of_documents(tmp_path: Path, documents: Any, name: str) -> None:
    line = json.dumps({"text": "word " * 200}) + "\n\n"
    (tmp_path / name).write_text(line * 20_000)  # 20 MB
    stream = read_documents(replace(data_config(), path=str(tmp_path / name), documents=documents))
    tracemalloc.start()
    try:
        assert sum(1 for _ in stream) == 20_000
        assert tracemalloc.get_traced_memory()[1] < 5 * 2**20
    finally:
        tracemalloc.stop()


def test_files_are_looked_for_before_the_first_document_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        read_documents(replace(data_config(), path=str(tmp_path / "nowhere")))


def test_each_split_has_its_files(tmp_path: Path) -> None:
    for name in ("train", "validation", "test"):
        (tmp_path / f"{name}.txt").write_text(f"{name} one\n{name} two\n")
    config = replace(
        data_config(),
        path=None,
        train_path=[str(tmp_path / "train.txt")],
        validation_path=str(tmp_path / "validation.txt"),
        test_path=str(tmp_path / "test.txt"),
        documents="line",
    )
    assert [(d.split, d.text) for d in read_documents(config)] == [
        (name, f"{name} {line}") for name in ("train", "validation", "test") for line in ("one", "two")
    ]

    same = replace(config, test_path=str(tmp_path / "tr*.txt"))
    with pytest.raises(InputError, match=r"^data\.test_path=.*train\.txt is also in data\.train_path=.*two splits"):
        find_sources(same)

    (tmp_path / "test.txt").write_text(" \n")
    for documents in ("line", "every_line"):
        with pytest.raises(InputError, match=r"^data\.test_path=.*test\.txt: contains no text"):
            list(read_documents(replace(config, documents=documents)))


def test_relative_paths_of_splits_are_taken_from_the_folder(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name in ("data/train.txt", "data/more.txt", "data/validation.txt", "test.txt"):
        (tmp_path / name).write_text(name)
    config = replace(
        data_config(),
        path=str(tmp_path / "data"),
        train_path=["train.txt", "mo*.txt"],
        validation_path="validation.txt",
        test_path=str(tmp_path / "test.txt"),
    )
    found = [(document.split, document.text) for document in read_documents(config)]
    assert found[:2] == [("train", "data/train.txt"), ("train", "data/more.txt")]
    assert found[2:] == [("validation", "data/validation.txt"), ("test", "test.txt")]
    assert config.source.replace(str(tmp_path), "DIR") == (
        "data.train_path=DIR/data/train.txt,DIR/data/mo*.txt, data.validation_path=DIR/data/validation.txt, "
        "data.test_path=DIR/test.txt"
    )
    with pytest.raises(InputError, match=r"^data\.test_path=.*data/nowhere\.txt: no such file or folder"):
        read_documents(replace(config, test_path="nowhere.txt"))


@pytest.mark.parametrize("folder", ["memory://splits", "memory://splits/"])
def test_the_folder_of_splits_may_be_a_url(folder: str) -> None:
    for name in ("a", "b", "c"):
        fsspec.filesystem("memory").pipe(f"/splits/{name}.txt", name.encode())
    config = replace(data_config(), path=folder, train_path="a.txt", validation_path="b.txt", test_path="c.txt")
    assert [document.source for document in read_documents(config)] == [
        f"memory:///splits/{name}.txt" for name in "abc"
    ]


def test_what_is_left_out_is_counted_in_one_line_each(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "one"}\n{"text": " "}\n{"text": null}\n')
    (tmp_path / "b.txt").write_text("")
    (tmp_path / "c.pdf").write_bytes(b"\x00")
    with caplog.at_level(logging.INFO):
        assert [document.text for document in read(str(tmp_path))] == ["one"]
    assert [record.getMessage().replace(str(tmp_path), "DIR") for record in caplog.records] == [
        "data.path: 1 file was not read: 1 .pdf (convert to text with `pdftotext`)",
        "2 records without text were skipped, the first at DIR/a.jsonl, line 2",
        "1 file without text was skipped, at DIR/b.txt",
    ]


def test_a_text_that_is_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(" \n ")
    (tmp_path / "b.csv").write_text("text\n")
    with pytest.raises(InputError, match=r"^data\.path=.*: contains no text; give a file or folder with"):
        read(str(tmp_path))


OPTIONAL = {"a.jsonl.zst": "zstandard", "a.parquet": "pyarrow"}
FUZZED = ["a.txt", "a.jsonl", "a.csv", "a.tsv", "a.txt.gz", "a.csv.gz"]
FUZZED += [name for name, library in OPTIONAL.items() if importlib.util.find_spec(library)]
# Pieces that lead a parser past its first byte, besides bytes at random.
PIECES = st.sampled_from(
    [b'{"text": "', b'"', b"}", b"text\n", b",", b"\n", b"\r", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf"]
)
CONTENT = st.one_of(st.binary(max_size=60), st.lists(st.one_of(PIECES, st.binary(max_size=4))).map(b"".join))


def read_or_refused(config: DataConfig) -> tuple[list[Document], str]:
    try:
        return list(read_documents(config)), ""
    except InputError as error:
        return [], str(error)


@settings(max_examples=150, deadline=None)
@given(content=CONTENT, name=st.sampled_from(FUZZED), replaced=st.booleans())
def test_every_content_is_read_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str, replaced: bool
) -> None:
    file = tmp_path_factory.getbasetemp() / name
    file.write_bytes(content)
    config = replace(data_config(), path=str(file), encoding_errors="replace" if replaced else "strict")
    documents, refusal = read_or_refused(config)
    assert bool(documents) != bool(refusal)
    assert "\n" not in refusal
    assert not refusal or name in refusal
    assert all(document.text.strip() for document in documents)
    assert "\x00" not in "".join(document.text for document in documents)
    "".join(document.text + document.label for document in documents).encode("utf-8")
