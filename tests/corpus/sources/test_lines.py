"""Lines of text: decoded, with bounded memory, and with invalid characters counted."""

import codecs
import logging
import tracemalloc
from dataclasses import replace
from pathlib import Path

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
        read_log.note("records without text were skipped", location, number)
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


@given(st.binary(max_size=40))
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
    assert read_log.counts[lines_module.REPLACED] == len(marked) + content.count(0)


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
