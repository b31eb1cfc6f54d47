"""Lines of text: decoded, with bounded memory, and with invalid characters counted."""

import codecs
import json
import logging
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import halo.corpus.sources.lines as lines_module
from halo.corpus.sources.discovery import find_files
from halo.corpus.sources.lines import ReadLog, require_valid_characters, unify_line_ends
from halo.runtime.errors import InputError
from tests.conftest import data_config
from tests.corpus.sources.test_files import compress
from tests.corpus.sources.test_formats import read


def test_a_read_log_reports_each_event_once_with_its_first_location(caplog: pytest.LogCaptureFixture) -> None:
    read_log = ReadLog()
    for location, number in (("a, line 3", 2), ("b, line 1", 5)):
        read_log.note("record[|s] without text [was|were] skipped", location, number)
    with caplog.at_level(logging.WARNING):
        read_log.report()
    assert caplog.messages == ["7 records without text were skipped, the first at a, line 3"]


def test_invalid_characters_are_refused_or_replaced() -> None:
    strict, lenient = data_config(), replace(data_config(), encoding_errors="replace")
    read_log = ReadLog()
    with pytest.raises(InputError, match=r"^a\.csv, line 2: contains U\+D800, which is not allowed in text; remove it"):
        require_valid_characters("a.csv, line 2", "x\ud800", strict, read_log)
    assert require_valid_characters("a.csv, line 2", "x\ud800\x00", lenient, read_log) == "x\ufffd\ufffd"
    assert read_log.counts.total() == 2


def test_line_ends_of_every_kind_become_line_feeds() -> None:
    assert unify_line_ends("a\r\nb\rc\nd\r\r\n") == "a\nb\nc\nd\n\n"


@given(st.binary(max_size=40).map(lambda content: content.replace(b"\x00", b"\xff")))
def test_replacing_counts_what_a_decoder_replaces(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "counted.txt"
    file.write_bytes(b"text " + content)
    read_log = lines_module.ReadLog()
    (source,) = find_files([str(file)], key="data.path").files
    config = replace(data_config(), encoding_errors="replace")
    assert list(lines_module.read_lines(source, config, read_log))
    marked: list[int] = []

    def count(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        marked.append(error.start)
        return "\ufffd", error.end

    codecs.register_error("count", count)
    content.decode("utf-8", "count")
    assert read_log.counts[lines_module.REPLACED] == len(marked)


def test_long_lines_work_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "MAX_LINE_BYTES", 3 * 2**20)
    file = tmp_path / "a.txt"
    file.write_bytes(b"first\n" + b"x" * (3 * 2**20) + b"\nlast")
    assert [len(document.text) for document in read(file, replace(data_config(), documents="line"))] == [
        5,
        3 * 2**20,
        4,
    ]
    file.write_bytes(b"first\n" + b"x" * (3 * 2**20 + 1) + b"\nlast")
    with pytest.raises(InputError, match=r"a\.txt, line 2: longer than 3,145,728 bytes; .*`fold -s -w 1000`$"):
        read(file)
    record = tmp_path / "a.jsonl"
    record.write_bytes(b'{"text": "' + b"x" * (3 * 2**20) + b'"}')
    with pytest.raises(InputError, match=r"a\.jsonl, line 1: longer than .* bytes; divide it into several records$"):
        read(record)


def test_a_line_that_is_too_long_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    file = tmp_path / "a.txt.gz"
    file.write_bytes(compress(b"letters " * 2**17, ".gz") * 200)  # its parts are one file: one line of 200 MiB
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"line 1: longer than 33,554,432 bytes; break it into lines"):
            read(file)
        assert tracemalloc.get_traced_memory()[1] < 2 * lines_module.MAX_LINE_BYTES
    finally:
        tracemalloc.stop()


TEXT = "It’s “the cat sat on the mat” – café.\nSecond line.\n" * 3
KOI = "Это простой русский текст о погоде.\n" * 3
CHINESE = "这是一个简单的中文句子。猫坐在垫子上。\n" * 3


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl"])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [(TEXT, "cp1252"), (TEXT, "utf-16-le"), (TEXT, "mac-roman"), (KOI, "koi8-r"), (CHINESE, "gb18030")],
)
def test_the_encoding_that_a_refusal_names_reads_the_text(tmp_path: Path, name: str, text: str, encoding: str) -> None:
    rows = {
        "a.txt": text,
        "a.csv": f'text\n"{text}"\n',
        "a.jsonl": f'{{"text": {json.dumps(text, ensure_ascii=False)}}}',
    }
    file = tmp_path / name
    file.write_bytes(rows[name].encode(encoding))
    with pytest.raises(InputError, match=r"data\.encoding=(\S+)") as caught:
        read(file)
    named = str(caught.value).partition("data.encoding=")[2].split()[0]
    (document,) = read(file, replace(data_config(), encoding=named))
    assert document.text.strip() == text.strip()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("errors", ["strict", "replace"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path: Path, encoding: str, errors: Any) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode(encoding))
    (document,) = read(tmp_path / "a.txt", replace(data_config(), encoding_errors=errors))
    assert document.text == TEXT.rstrip("\n")


@pytest.mark.parametrize("errors", ["strict", "replace"])
@pytest.mark.parametrize("content", ["the cat".encode("utf-16-le"), b"\x00", b"text\x00", b"PK\x03\x04\x00"])
def test_binary_files_are_refused_whatever_the_settings(tmp_path: Path, content: bytes, errors: Any) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.txt: a NUL byte at byte \d, line 1"):
        read(tmp_path / "a.txt", replace(data_config(), encoding_errors=errors))


def test_one_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode("cp1252"))
    (tmp_path / "b.txt").write_bytes(TEXT.encode())
    with pytest.raises(InputError, match=r"a\.txt: not UTF-8 .*`iconv -f CP1252 -t UTF-8`$"):
        read(tmp_path)
    with pytest.raises(InputError, match=r"b\.txt: is UTF-8, and data\.encoding=cp1252 is for all files; convert"):
        read(tmp_path, replace(data_config(), encoding="cp1252"))


def test_bytes_that_are_not_in_the_given_encoding_are_refused_or_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"line\n" * 100_000 + b"caf\x81")
    config = replace(data_config(), encoding="cp1252")
    with pytest.raises(InputError, match=r"a\.txt: not cp1252 at byte 500003, line 100001; set data\.encoding"):
        read(tmp_path / "a.txt", config)
    (document,) = read(tmp_path / "a.txt", replace(config, encoding_errors="replace"))
    assert document.text.endswith("caf\ufffd")


def test_text_that_went_through_latin_1_is_repaired_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode("cp1252").decode("latin-1").encode())
    (document,) = read(tmp_path / "a.txt")
    assert document.text == TEXT.rstrip("\n")
    (message,) = caplog.messages
    assert message.startswith("12 control characters of Latin-1 were replaced by those of Windows-1252")
    (tmp_path / "a.txt").write_bytes(TEXT.encode("cp1252"))
    (document,) = read(tmp_path / "a.txt", replace(data_config(), encoding="iso8859-1"))
    assert document.text == TEXT.rstrip("\n")


def test_replaced_characters_may_be_of_another_encoding(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "a.txt").write_bytes(KOI.encode("koi8-r"))
    read(tmp_path / "a.txt", replace(data_config(), encoding_errors="replace"))
    assert caplog.messages[0].startswith("1 file looks like KOI8-R (data.encoding=koi8-r reads it), at")
    assert "were replaced by U+FFFD" in caplog.messages[1]


def test_text_that_was_encoded_twice_is_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "a.txt").write_bytes("It’s a café".encode().decode("cp1252").encode())
    read(tmp_path / "a.txt")
    (message,) = caplog.messages
    assert message.startswith("2 pieces of text look like UTF-8 that was decoded with a wrong encoding")
