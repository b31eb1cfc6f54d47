"""Files of every kind -> the same documents; what is malformed is refused with its place."""

import csv
import datetime
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from halo.config import DataConfig
from halo.corpus.sources.documents import Document
from halo.runtime.errors import InputError
from tests.conftest import data_config
from tests.corpus.sources.test_files import compress
from tests.support.reading import read_documents

TEXTS = ['Café, “quoted” and "plain".', "Two lines\nin one paragraph; a tab\tand a comma, too.", "x" * 200_000]
LABELS = ["news", "forum", "news"]


def read(file: Path, config: DataConfig | None = None) -> list[Document]:
    return list(read_documents(replace(config or data_config(), path=str(file))))


def as_text(texts: list[str]) -> bytes:
    return "\n\n".join(texts).encode()


def as_json_lines(texts: list[str]) -> bytes:
    records = [{"text": text, "register": label} for text, label in zip(texts, LABELS, strict=True)]
    return "\n".join(map(json.dumps, records)).encode()


def as_table(delimiter: str) -> Callable[[list[str]], bytes]:
    def write(texts: list[str]) -> bytes:
        written = io.StringIO()
        rows = [[str(i), text, label] for i, (text, label) in enumerate(zip(texts, LABELS, strict=True))]
        csv.writer(written, delimiter=delimiter).writerows([["id", "text", "register"], *rows])
        return written.getvalue().encode()

    return write


def as_parquet(texts: list[str]) -> bytes:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    written = io.BytesIO()
    parquet.write_table(arrow.table({"id": [1, 2, 3], "text": texts, "register": LABELS}), written)
    return written.getvalue()


WRITERS: dict[str, Callable[[list[str]], bytes]] = {
    ".txt": as_text,
    ".tokens": as_text,
    ".text": as_text,
    ".md": as_text,
    ".jsonl": as_json_lines,
    ".csv": as_table(","),
    ".tsv": as_table("\t"),
    ".parquet": as_parquet,
}


@pytest.mark.parametrize("compression", ["", ".gz", ".bz2", ".xz", ".zst"])
@pytest.mark.parametrize("kind", WRITERS)
def test_every_kind_gives_the_same_documents(tmp_path: Path, kind: str, compression: str) -> None:
    file = tmp_path / f"a{kind}{compression}"
    file.write_bytes(compress(WRITERS[kind](TEXTS), compression))
    documents = read(file, replace(data_config(), documents="paragraph"))
    assert [document.text for document in documents] == TEXTS
    expected = ["", "", ""] if kind in {".txt", ".text", ".tokens", ".md"} else LABELS
    assert [document.label for document in documents] == expected
    assert len({document.source for document in documents}) == 3


@pytest.mark.parametrize("kind", [".txt", ".jsonl", ".csv", ".tsv"])
def test_byte_order_marks_and_line_ends_make_no_difference(tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"a{kind}"
    content = WRITERS[kind](TEXTS).replace(b"\r\n", b"\n")
    config = replace(data_config(), documents="paragraph")
    file.write_bytes(b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"))
    assert [document.text for document in read(file, config)] == TEXTS


CRLF = b"\r\none\r\nof it\r\n \r\ntwo\r\n"


@pytest.mark.parametrize(
    ("documents", "content", "expected"),
    [
        ("file", CRLF, [("", "one\nof it\n \ntwo")]),
        ("paragraph", CRLF, [(", line 2", "one\nof it"), (", line 5", "two")]),
        ("line", CRLF, [(", line 2", "one"), (", line 3", "of it"), (", line 5", "two")]),
        ("line", b"one\rtwo\n\rthree", [(", line 1", "one"), (", line 2", "two"), (", line 4", "three")]),
        (
            "every_line",
            CRLF,
            [(", line 1", ""), (", line 2", "one"), (", line 3", "of it"), (", line 4", " "), (", line 5", "two")],
        ),
        ("line", "one\u2028two\x0bthree\x85four".encode(), [(", line 1", "one\u2028two\x0bthree\x85four")]),
    ],
)
def test_what_one_document_of_a_text_is(
    tmp_path: Path, documents: Any, content: bytes, expected: list[tuple[str, str]]
) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(content)
    found = read(file, replace(data_config(), documents=documents))
    assert [(document.source.removeprefix(str(file)), document.text) for document in found] == expected


REFUSED = [
    ("a.txt", b"good\ncaf\xe9", r"a\.txt: not UTF-8 at byte 8 \(0xe9\), line 2; it looks like CP1252: set.*=cp1252"),
    ("a.txt", b"\xef\xbb\xbfcaf\xe9", r"not UTF-8 at byte 6 \(0xe9\), line 1"),
    ("a.txt", b"line\n" * 100_000 + b"b\xc3\nc", r"not UTF-8 at byte 500001 \(0xc3\), line 100001;"),
    ("a.txt", b"one\r\ntwo\rthr\xff", r"not UTF-8 at byte 12 \(0xff\), line 3;"),
    ("a.txt", "text".encode("utf-16")[:-1], r"a\.txt: not utf-16 at byte 8, line 1; set data\.encoding"),
    (
        "a.txt",
        "text".encode("utf-16-be"),
        r"a NUL byte at byte 0, line 1, .*looks like UTF-16-BE: set data\.encoding=utf-16-be",
    ),
    ("a.txt", b"%PDF-1.4\n\xe2\xe3\xcf\xd3", r"not UTF-8 at byte 9 .*; it is a PDF file: give it its usual suffix"),
    ("a.txt", b"one\ntw\x00o", r"a\.txt: a NUL byte at byte 6, line 2"),
    ("a.txt.gz", compress(b"one\ncaf\xe9", ".gz"), r"a\.txt\.gz: not UTF-8 at byte 7 \(0xe9\), line 2"),
    ("a.txt", b" \n ", r"a\.txt: contains no text"),
    ("a.jsonl", b'{"text": "fine"}\n{broken', r"a\.jsonl, line 2: not a JSON object \(Expecting property name"),
    ("a.jsonl", b"[1]", r"line 1: not a JSON object \(a list\)"),
    ("a.jsonl", b'{"text": 5}', r"line 1: 'text' is of type int; it must be text: name another"),
    ("a.jsonl", b'{"text": ["a", "b"]}', r"line 1: 'text' is a list; it must be text: name another field"),
    (
        "a.jsonl",
        b'{"t\\next": "a"}',
        r"line 1: no field 'text' \(fields: 't\\next'\); name .* data\.text_field",
    ),
    ("a.jsonl", b"[" * 100_000, r"line 1: not a JSON object"),
    ("a.jsonl", b'{"text": ' + b"1" * 5000 + b"}", r"line 1: not a JSON object"),
    ("a.jsonl", b'{"text": "a\\u0000"}', r"line 1: contains U\+0000"),
    ("a.jsonl", b'{"text": "\\ud800 alone"}', r"line 1: contains U\+D800"),
    (
        "a.csv",
        b"id,body\n1,a\n",
        r"a\.csv, line 1: no field 'text' \(fields: 'id', 'body'\); name .* data\.text",
    ),
    ("a.csv", b"text,text\na,b\n", r"line 1: field 'text' occurs twice"),
    ("a.csv", b"id,text\n1,a\n2,b, c\n", r"line 3: 3 fields, but the first line has 2"),
    ("a.csv", b'id,text\n1,"open\n\n', r"line 2: not CSV \(a quotation mark .*never closed\); close every quotation"),
    ("a.tsv", b"id\ttext\n1\n", r"a\.tsv, line 2: 1 field, but the first line has 2"),
    ("a.parquet", b"PAR1 not", r"a\.parquet: damaged or incomplete Parquet file"),
    ("a.parquet.gz", compress(b"PAR1 not", ".gz"), r"a\.parquet\.gz: damaged or incomplete Parquet file"),
]


@pytest.mark.parametrize(("name", "content", "message"), REFUSED)
def test_what_cannot_be_read_is_reported_with_its_location(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    if ".parquet" in name:
        pytest.importorskip("pyarrow")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_parquet_is_refused_where_its_columns_do_not_fit(tmp_path: Path) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    file = tmp_path / "a.parquet"
    parquet.write_table(arrow.table({"body": ["one"], "number": [1]}), file)
    with pytest.raises(InputError, match=r"a\.parquet: no field 'text' \(fields: 'body', 'number'\)"):
        read(file)
    with pytest.raises(InputError, match=r"a\.parquet, row 1: 'number' is of type int"):
        read(file, replace(data_config(), text_field="number"))
    parquet.write_table(arrow.table({"text": ["word " * 1000 + str(i) for i in range(1000)]}), file)
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + b"\xff" * 400 + whole[500:])
    with pytest.raises(InputError, match=r"a\.parquet: damaged or incomplete Parquet file"):
        read(file)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", b"caf\xe9 \xff\xfe \xef\xbf\xbd", (3, "caf\ufffd \ufffd\ufffd \ufffd")),
        ("a.jsonl", b'{"text": "\\ud800 caf\xe9"}', (2, "\ufffd caf\ufffd")),
        ("a.csv", b"text\ncaf\xe9\n", (1, "caf\ufffd")),
    ],
)
def test_what_is_not_text_is_replaced_and_counted_on_request(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, content: bytes, expected: tuple[int, str]
) -> None:
    (tmp_path / name).write_bytes(content)
    (document,) = read(tmp_path / name, replace(data_config(), encoding_errors="replace"))
    number, text = expected
    assert document.text == text
    (message,) = [each for each in caplog.messages if "replaced by U+FFFD" in each]
    several = f"{number} characters that are not text in this encoding were replaced by U+FFFD, the first at "
    one = "1 character that is not text in this encoding was replaced by U+FFFD, at "
    assert message.startswith(one if number == 1 else several)
    assert name in message


def test_parquet_columns_of_every_kind_of_text_are_read(tmp_path: Path) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    file = tmp_path / "a.parquet"
    columns = {
        "large": arrow.array(["one", "two"], arrow.large_string()),
        "dictionary": arrow.array(["one", "two"]).dictionary_encode(),
        "view": arrow.array(["one", "two"], arrow.string()),
    }
    for column in columns.values():
        parquet.write_table(arrow.table({"text": column}), file)
        assert [document.text for document in read(file)] == ["one", "two"]
    parquet.write_table(arrow.table({"text": arrow.array(["one", None])}), file)
    assert [document.text for document in read(file)] == ["one"]
    parquet.write_table(arrow.table({"text": [["one", "two"]]}), file)
    with pytest.raises(InputError, match=r"row 1: 'text' is a list; it must be text"):
        read(file)


LABELS_OF_ANY_TYPE: list[tuple[Any, str]] = [
    ([0, 1], ""),
    ({"a": 1}, ""),
    (b"\x00", ""),
    (datetime.date(2019, 4, 14), "2019-04-14"),
    (datetime.datetime(2019, 4, 14, 12), "2019-04-14 12:00:00"),
    (3, "3"),
    (0.5, "0.5"),
    (float("nan"), ""),
    (True, "True"),
    (None, ""),
]


@pytest.mark.parametrize(("value", "label"), LABELS_OF_ANY_TYPE)
def test_a_label_that_was_not_asked_for_ends_nothing(tmp_path: Path, value: Any, label: str) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.table({"text": ["one"], "label": [value]}), tmp_path / "a.parquet")
    (document,) = read(tmp_path / "a.parquet")
    assert document.label.removesuffix(".000000") == label
    (document,) = read(tmp_path / "a.parquet", replace(data_config(), label_field=None))
    assert document.label == ""
