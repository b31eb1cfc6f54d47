"""Whatever a file contains, and whatever the settings: it is prepared completely, or rejected in one line.

`HALO_FUZZ=2000` tries two thousand inputs; `HALO_FUZZ_FROM=1234` begins with that one.
"""

import csv
import importlib.util
import io
import json
import os
import random
import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo.config import CLEANING_STEPS, SPLITS, DataConfig
from halo.corpus.corpus import Corpus
from halo.corpus.engines import shards
from halo.corpus.prepare import prepare
from halo.corpus.splits import split_plan
from halo.corpus.store import token_store
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import data_config
from tests.corpus.sources.test_files import compress
from tests.support.reading import read_documents

NUM_INPUTS = int(os.environ.get("HALO_FUZZ", "150"))
FIRST_INPUT = int(os.environ.get("HALO_FUZZ_FROM", "0"))
Mutation = Callable[[bytes, random.Random], bytes]

OPTIONAL = {".zst": "zstandard", ".parquet": "pyarrow"}
KINDS = [".txt", ".md", ".tokens", ".jsonl", ".csv", ".tsv", ".parquet"]
SUFFIXES = [f"{kind}{compression}" for kind in KINDS for compression in ("", "", "", ".gz", ".zst")]
SUFFIXES = [
    name for name in SUFFIXES if all(end not in name or importlib.util.find_spec(OPTIONAL[end]) for end in OPTIONAL)
]


def a_valid_file(kind: str, dice: random.Random) -> bytes:
    words = [*(f"word{number}" for number in range(60)), "U.S.", "2.5%", "“naïve”", "<b>", "&amp;", "www.x.org", "日本"]

    def text() -> str:
        return "\n\n".join(" ".join(dice.choices(words, k=dice.randint(1, 40))) for _ in range(dice.randint(1, 4)))

    texts = [text() for _ in range(dice.randint(1, 15))]
    texts += dice.choices(texts, k=dice.choice([0, 0, 3]))
    labels = [dice.choice("ab") for _ in texts]
    if kind == ".jsonl":
        return "\n".join(json.dumps({"text": t, "label": n}) for t, n in zip(texts, labels, strict=True)).encode()
    if kind in {".csv", ".tsv"}:
        written = io.StringIO()
        rows = [["text", "label"], *([t, n] for t, n in zip(texts, labels, strict=True))]
        csv.writer(written, delimiter="\t" if kind == ".tsv" else ",").writerows(rows)
        return written.getvalue().encode()
    if kind == ".parquet":
        arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
        table = io.BytesIO()
        parquet.write_table(arrow.table({"text": texts, "label": labels}), table)
        return table.getvalue()
    return dice.choice(["\n\n", "\n"]).join(texts).encode()


# What can be wrong with it

INSERTED = [
    *(b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\r", b"\r\n", b"\n\n\n", b"\x0b", b"\x85"),
    *("\u2028\u2029\x85\x1c\x1f\ufffe\ufdd0\u200b\u3000".encode(), "e\u0301".encode() * 20, "\U0010ffff".encode()),
    *(b'"', b",", b"\t", b"{", b"}", b"[" * 3000, b'{"a":' * 3000, b"1" * 5000, b'{"text": "a", "text": "b"}\n'),
    *(b'\n{"text": null}\n', b'\n{"text": 1e999}\n', b'\n{"text": "x", "label": 1e999}\n', b'\n{"text": "\\ud800"}\n'),
    *(b'\n{"text": "x", "label": "' + b"l" * 3000 + b'"}\n', b'\n{"text": "x", "label": "a\\nb\\u0085c"}\n', b"\n\n"),
    *(b"x" * 20_000, b"x " * 3000, b"-" * 3000, b"&#10;&#10;&#13;&#x1c;&#x85;&#0;", b"<!--", b"<script>", b"&lt;" * 50),
    *(b"<unk> <eos> <url>", b"99999999999999999999999999", "٣٤٥ Ⅷ ½ İ ß ǅ".encode(), b"'" * 50, b"a.b." * 500),
]


def flip(content: bytes, dice: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(dice.choice([1, 1, 3, 20])):
        if changed:
            changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def cut(content: bytes, dice: random.Random) -> bytes:
    return content[: dice.randint(0, len(content))]


def insert(content: bytes, dice: random.Random) -> bytes:
    for _ in range(dice.choice([1, 1, 2, 5])):
        at = dice.randint(0, len(content))
        content = content[:at] + dice.choice(INSERTED) + content[at:]
    return content


def take_out(content: bytes, dice: random.Random) -> bytes:
    begin = dice.randint(0, len(content))
    return content[:begin] + content[begin + dice.randint(0, 200) :]


def repeat(content: bytes, dice: random.Random) -> bytes:
    return content * dice.randint(2, 3)


def other_line_ends(content: bytes, dice: random.Random) -> bytes:
    return content.replace(b"\n", dice.choice([b"\r\n", b"\r", "\u2028".encode()]))


def in_utf_16(content: bytes, dice: random.Random) -> bytes:
    return content.decode("utf-8", "replace").encode(dice.choice(["utf-16", "utf-16-le", "utf-32"]))


def at_random(content: bytes, dice: random.Random) -> bytes:
    return dice.randbytes(min(len(content), 3000))


def unchanged(content: bytes, dice: random.Random) -> bytes:
    return content


MUTATIONS: list[Mutation] = [flip, cut, insert, insert, insert, take_out, repeat, other_line_ends, unchanged, unchanged]
RARE_MUTATIONS: list[Mutation] = [in_utf_16, at_random, lambda content, dice: b""]


def some_file(folder: Path, name: str, dice: random.Random) -> Path:
    suffix = dice.choice(SUFFIXES)
    kind = suffix.removesuffix(".gz").removesuffix(".zst")
    content = a_valid_file(kind, dice)
    inside, outside = (dice.choice(MUTATIONS if dice.random() < 0.95 else RARE_MUTATIONS) for _ in range(2))
    content = compress(inside(content, dice), suffix.removeprefix(kind))
    if suffix != kind and dice.random() < 0.2:
        content = outside(content, dice)
    if dice.random() < 0.03:
        suffix = dice.choice(SUFFIXES)
    file = folder / f"{name}{suffix}"
    file.write_bytes(content)
    return file


def some_settings(dice: random.Random) -> DataConfig:
    plain = data_config()
    kind: Any = dice.choice(["word", "whitespace", "char", "bpe"])
    sizes = [258, 300, 1000] if kind == "bpe" else [None, None, 3, 50]
    steps = dice.choice([CLEANING_STEPS, [], [step for step in CLEANING_STEPS if dice.random() < 0.5]])
    test = dice.choice([0.1, 0.3, 0.98])
    validation = dice.choice([0.1, 0.5]) * (1 - test)
    return replace(
        plain,
        documents=dice.choice(["file", "paragraph", "line", "every_line"]),
        encoding_errors=dice.choice(["strict", "replace", "replace"]),
        title_field=dice.choice([None, None, None, None, "label"]),
        label_field=dice.choice(["auto", "auto", "auto", "auto", None, "label", "text"]),
        batch_size=1,
        sequence_length=dice.choice([1, 1, 5]),
        eval_batch_size=1,
        cleaning=replace(
            plain.cleaning,
            steps=list(steps),
            case=dice.choice(["keep", "lower", "lower_keep_acronyms"]),
            numbers=dice.choice(["keep", "digits_to_0", "placeholder"]),
            keep_characters=dice.choice([plain.cleaning.keep_characters, "", "<>@_*]^-\\"]),
        ),
        tokenizer=replace(
            plain.tokenizer,
            kind=kind,
            min_count=dice.choice([1, 1, 2, 1000]),
            max_size=dice.choice(sizes),
            eos=dice.choice(["paragraph", "document"]),
        ),
        duplicates=replace(
            plain.duplicates,
            documents=dice.random() < 0.5,
            paragraphs=dice.random() < 0.5,
            similarity=dice.choice([0.5, 0.8, 1.0]),
            min_paragraph_words=dice.choice([1, 8, 20]),
        ),
        splits=replace(
            plain.splits,
            train=1 - test - validation,
            validation=validation,
            test=test,
            validation_ratio=dice.choice([None, None, 0.1, 3.0]),
            seed=dice.randrange(5),
        ),
    )


# What is to come of it


def require_sound(corpus: Corpus, config: DataConfig) -> None:
    """Asserts that ids, offsets, counts and tokenizer fit together, and that no document is lost."""
    tokenizer = TextTokenizer.load(corpus.folder / "tokenizer.json")
    size = tokenizer.vocab_size
    assert config.tokenizer.max_size is None or size <= config.tokenizer.max_size
    assert tokenizer.kind == config.tokenizer.kind
    tokenizer.decode(range(size))
    assert all(tokenizer.token(token_id) for token_id in range(size))
    for name in SPLITS:
        ids, offsets, counts = corpus.ids[name], corpus.offsets[name], corpus.counts[name]
        assert ids.max(initial=0) < size
        assert offsets[0] == 0
        assert offsets[-1] == len(ids) == counts.tokens
        assert (offsets[1:] >= offsets[:-1]).all()
        assert len(offsets) == counts.documents + 1
        assert counts.eos_tokens == (ids == tokenizer.eos_id).sum()
        assert counts.unknown_tokens == (ids == tokenizer.unk_id).sum()
        tokenizer.decode(ids.tolist()).encode()
        assert sum(label.documents for label in corpus.statistics.labels[name].values()) == counts.documents
    documents = sum(not document.continues for document in read_documents(config))
    dropped = [item["unit"] for item in corpus.manifest["duplicates"]["dropped"]]
    left = documents - dropped.count("document")
    divided = sum(corpus.counts[name].documents for name in SPLITS)
    if not dropped and (left >= len(SPLITS) or config.train_path is not None):
        assert divided == left
    elif left >= len(SPLITS):
        assert divided <= left or divided <= 2 * len(SPLITS)  # so few are left that each is cut in three
    else:
        assert divided == len(SPLITS) * left or config.train_path is not None


def kind_of(message: str) -> str:
    """A refusal without what is particular to an input."""
    plain = re.sub(r"^data\.\w+=\S+?: |^\S+, (line|row) [\d,]+: |^(\S+, )*\S+: ", "", message)
    return re.sub(r"\(.*\)|'.*?'|\d[\d,.]*|0x\w+|U\+\w+", "*", plain).partition(";")[0][:60]


def try_input(number: int, folder: Path) -> str:
    """Prepares one input, and returns what it was refused for; empty where it was not."""
    dice = random.Random(number)
    config = some_settings(dice)
    config = replace(config, cache_dir=str(folder / "cache"))
    if dice.random() < 0.1:
        paths = {f"{name}_path": str(some_file(folder, name, dice)) for name in SPLITS}
        config = replace(config, path=None, **paths)  # type: ignore[arg-type]
    elif dice.random() < 0.2:
        config = replace(config, path=[str(some_file(folder, f"{number}", dice)) for number in range(3)])
    else:
        config = replace(config, path=str(some_file(folder, "own", dice)))
    message = ""
    try:
        corpus = prepare(config)
    except InputError as error:
        message = str(error)
    if message:
        assert "\n" not in message
        assert message.replace("\t", " ").isprintable(), message
        assert not (folder / "cache").exists()
        return message
    require_sound(corpus, config)
    assert [path.name for path in (folder / "cache").iterdir()] == [corpus.folder.name]
    if number % 4 == 0:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(shards, "BATCH_CHARACTERS", 100)
            patch.setattr(token_store, "BLOCK_TOKENS", 16)
            patch.setattr(split_plan, "BLOCK_TOKENS", 16)
            again = prepare(replace(config, cache_dir=str(folder / "again")))
        for name in ("tokenizer.json", *(f"{split}.npy" for split in SPLITS)):
            assert (again.folder / name).read_bytes() == (corpus.folder / name).read_bytes()
    return ""


@pytest.mark.exhaustive
def test_every_input_is_prepared_as_a_whole_or_refused_in_one_line(tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    for number in range(FIRST_INPUT, FIRST_INPUT + NUM_INPUTS):
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            message = try_input(number, folder)
        except BaseException as error:
            error.add_note(f"HALO_FUZZ_FROM={number}")
            raise
        outcomes[kind_of(message) if message else "prepared"] += 1
        shutil.rmtree(folder)
    print(*(f"{count:6} {what}" for what, count in outcomes.most_common()), sep="\n")
    assert outcomes["prepared"] > NUM_INPUTS / 4 or NUM_INPUTS < 100
    assert outcomes["prepared"] < NUM_INPUTS


@settings(max_examples=100, deadline=None)
@given(content=st.one_of(st.binary(), st.text().map(str.encode)), number=st.integers(0, 2**16))
def test_any_bytes_as_a_text_file_are_prepared_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, number: int
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    (folder / "own.txt").write_bytes(content)
    config = replace(
        some_settings(random.Random(number)), path=str(folder / "own.txt"), cache_dir=str(folder / "cache")
    )
    message = ""
    try:
        require_sound(prepare(config), config)
    except InputError as error:
        message = str(error)
    assert "\n" not in message
    assert (folder / "cache").exists() != bool(message)
    shutil.rmtree(folder)
