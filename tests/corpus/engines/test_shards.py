"""Shards: whoever reads a corpus in pieces reads the same documents, line numbers and errors as from end to end."""

import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from halo.config import DataConfig
from halo.corpus.engines import shards
from halo.corpus.engines.shards import plan_shards, read_shard, scan_file
from halo.corpus.sources import files as files_module
from halo.corpus.sources.documents import Document, find_sources, read_files, require_text_of_splits
from halo.corpus.sources.lines import ReadLog
from halo.runtime.errors import InputError
from tests.conftest import data_config

JSON_LINES = "".join(f'{{"text": "document {number} of ünïcode text"}}\n' for number in range(200))
LINES = "".join(f"line {number} of the text,\n" * (number % 3) + "\n" * (number % 4 == 0) for number in range(200))


def config_of(path: Path, **settings: Any) -> DataConfig:
    return replace(data_config(), path=str(path), **settings)


def read_whole(config: DataConfig) -> list[Document]:
    return list(read_files(find_sources(config), config, ReadLog()))


def read_in_shards(config: DataConfig) -> tuple[list[Document], int]:
    planned = plan_shards([scan_file(file, config) for file in find_sources(config)])
    read_log = ReadLog()
    read = [document for shard in planned for batch in read_shard(shard, config, read_log) for document in batch]
    require_text_of_splits([part for shard in planned for part in shard], read_log)
    return read, len(planned)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes shards of some lines."""
    monkeypatch.setattr(shards, "SHARD_BYTES", 700)
    monkeypatch.setattr(files_module, "CHUNK_BYTES", 101)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["no mark", "marked"])
@pytest.mark.parametrize(
    ("name", "documents"),
    [("a.jsonl", "file"), ("a.txt", "line"), ("a.txt", "every_line"), ("a.txt", "paragraph"), ("a.log", "line")],
)
def test_shards_hold_the_documents_and_line_numbers_of_the_file(
    tmp_path: Path, name: str, documents: Any, line_end: str, mark: str
) -> None:
    text = JSON_LINES if name == "a.jsonl" else LINES
    (tmp_path / name).write_bytes((mark + text.replace("\n", line_end)).encode())
    config = config_of(tmp_path / name, documents=documents)
    read, number = read_in_shards(config)
    assert read == read_whole(config)
    assert number > 3 or (documents, line_end) == ("paragraph", "\r\n")  # where no two line feeds follow each other


@pytest.mark.usefixtures("small")
def test_lone_carriage_returns_are_lines_too(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\rtwo\rthree\r\nfour\n" * 100)
    config = config_of(tmp_path / "a.txt", documents="line")
    read, number = read_in_shards(config)
    assert read == read_whole(config)
    assert read[-1].source.endswith("line 400")
    assert number > 1


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "compressed", "table", "file"])
def test_what_cannot_be_divided_is_one_shard(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / {"compressed": "a.txt.gz", "table": "a.csv"}.get(encoding, "a.txt")
    text = LINES.replace(",", "") if encoding == "table" else LINES
    content = f"text\n{text}".encode("utf-16" if encoding == "utf-16" else "utf-8")
    file.write_bytes(gzip.compress(content) if encoding == "compressed" else content)
    config = config_of(file, documents="file" if encoding == "file" else "line")
    read, number = read_in_shards(config)
    assert read == read_whole(config)
    assert (number > 1) == (encoding == "utf-8")


@pytest.mark.usefixtures("small")
def test_small_files_share_a_shard_and_their_order_stays(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number:02}.txt").write_text(f"text {number} " * 10)
    (tmp_path / "10.txt").write_text("\n" * 20)
    config = config_of(tmp_path)
    read, number = read_in_shards(config)
    assert read == read_whole(config)
    assert 1 < number < 10


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("bad", [b"\xff", b"\x00"], ids=["not UTF-8", "NUL"])
def test_an_error_in_a_later_shard_names_the_line_and_byte_of_the_file(tmp_path: Path, bad: bytes) -> None:
    content = JSON_LINES.encode()
    (tmp_path / "a.jsonl").write_bytes(content[:-9] + bad + content[-9:])
    config = config_of(tmp_path / "a.jsonl")
    with pytest.raises(InputError) as whole:
        read_whole(config)
    with pytest.raises(InputError) as divided:
        read_in_shards(config)
    assert str(divided.value) == str(whole.value)
    assert "line 200" in str(whole.value)


@pytest.mark.usefixtures("small")
def test_a_large_file_without_text_is_noted_once_and_refused(tmp_path: Path) -> None:
    (tmp_path / "blank.txt").write_text("\n" * 5000)
    config = config_of(tmp_path, documents="line")
    with pytest.raises(InputError, match="contains no text"):
        read_in_shards(config)
    (tmp_path / "text.txt").write_text("some text\n")
    planned = plan_shards([scan_file(file, config) for file in find_sources(config)])
    read_log = ReadLog()
    for shard in planned:
        list(read_shard(shard, config, read_log))
    require_text_of_splits([part for shard in planned for part in shard], read_log)
    assert dict(read_log.counts) == {"file[|s] without text [was|were] skipped": 1}
