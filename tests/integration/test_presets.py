"""Data groups for text other than prose: each keeps what its kind of text is made of."""

import random
from pathlib import Path

import pytest

from halo.cli.arguments import hydra_settings
from halo.config import PrepareConfig, parse
from halo.corpus.corpus import Corpus
from halo.corpus.prepare import prepare
from tests.conftest import compose_config

SMALL = ["data.batch_size=1", "data.sequence_length=4", "data.eval_batch_size=1", "data.tokenizer.min_count=1"]
CODE = """def area_of(items):
    total = 0
    for item in items[1:]:
        total += item.width * {number}
    return total  # name_{number}
"""
STANZA = "The tide comes in, word {number},\nand takes the sand;\n\n"
LOG = "2026-11-27 10:00:{number:02d} WARN [worker-3] disk = {number} % full\n"


def prepared(group: str, folder: Path, cache: Path, *overrides: str) -> Corpus:
    given = [f"data={group}", f"data.path={folder}", f"data.cache_dir={cache}", *SMALL, *overrides]
    return prepare(parse(compose_config("prepare", given), PrepareConfig).data)


def tokens(corpus: Corpus, split: str = "train") -> str:
    return " ".join(map(corpus.tokenizer.token, corpus.ids[split].tolist()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "texts").mkdir()
    return tmp_path / "texts"


def test_code_keeps_its_signs_and_line_ends(folder: Path, tmp_path: Path) -> None:
    names = ["alpha", "beta", "gamma", "delta"]
    for number, name in enumerate(names):
        (folder / f"{name}.py").write_text(CODE.format(number=number).replace("item", name))
    (folder / "notes.unknown").write_text("not code")
    corpus = prepared("code", folder, tmp_path / "cache", "data.duplicates.documents=false")
    read = tokens(corpus)
    for name in names:
        if name in read:
            assert f") : <eol> total = 0 <eol> for {name} in {name}s [ 1 : ] : <eol> total +=" in read
    assert sum(len(corpus.ids[split]) for split in corpus.ids) > 4 * 30


def test_verse_keeps_lines_and_stanzas(folder: Path, tmp_path: Path) -> None:
    (folder / "poem.txt").write_text("".join(STANZA.format(number=number) for number in range(30)))
    corpus = prepared("verse", folder, tmp_path / "cache")
    read = tokens(corpus)
    assert read.startswith("the tide comes in , word 0 , <eol> and takes the sand ; <eos> the tide")
    assert corpus.counts["train"].documents == 1
    assert (
        corpus.tokenizer.decode(corpus.ids["train"][:15].tolist()) == "the tide comes in, word 0,\nand takes the sand;"
    )


def test_logs_keep_repeated_lines_in_their_order(folder: Path, tmp_path: Path) -> None:
    (folder / "app.log").write_text("".join(LOG.format(number=number % 7) for number in range(100)))
    corpus = prepared("logs", folder, tmp_path / "cache")
    lines = tokens(corpus).split(" <eos>")
    assert corpus.counts["train"].eos_tokens == 80
    assert lines[0].endswith("WARN [ worker-3 ] disk = <number> % full")
    assert {line.strip() for line in lines[:-1]} == {lines[0]}


def test_tokens_are_left_as_they_are(folder: Path, tmp_path: Path) -> None:
    draw = random.Random(0)
    events = ["NOTE_ON<60>", "TIME&10", "<unk>", "é", "x=-1"]
    lines = [" ".join(draw.choices(events, k=40)) for _ in range(20)]
    (folder / "piece.txt").write_text("\n".join(lines))
    corpus = prepared("tokens", folder, tmp_path / "cache")
    found = " ".join(tokens(corpus, split) for split in corpus.ids)
    assert sorted(line.strip() for line in found.split("<eos>") if line) == sorted(lines)


def test_characters_keep_their_case_and_signs(folder: Path, tmp_path: Path) -> None:
    for number in range(5):
        (folder / f"{number}.txt").write_text(f"“Quote”—A_{number}:  Is [it] = 5% of Ünder?")
    corpus = prepared("chars", folder, tmp_path / "cache", "data.duplicates.documents=false")
    assert "“Quote”—A_" in corpus.tokenizer.decode(corpus.ids["train"].tolist())
    assert ": Is [it] = 5% of Ünder?" in corpus.tokenizer.decode(corpus.ids["train"].tolist())


NOTE = """Ward 7{number}, seen on 0{number}/03/2020.
MRN 00447{number}3, born 3/4/5{number}, of 1{number} Elm Street, Leeds LS1 4A{letter}.

He rang from 020 7946 095{number} and wrote from 10.0.0.{number}; pay DE89 3704 0044 0532 0130 00.

"""


def test_private_text_holds_placeholders(folder: Path, tmp_path: Path) -> None:
    for number, letter in enumerate("ABDEFG", start=1):
        (folder / f"{letter}.txt").write_text(NOTE.format(number=number, letter=letter))
    changes = [
        *hydra_settings("prepare", [r"data.cleaning.patterns.ward=(?i)\bward [0-9]+"]),
        "data.duplicates.documents=false",
    ]
    corpus = prepared("private_text", folder, tmp_path / "cache", *changes, "data.duplicates.paragraphs=false")
    read = tokens(corpus)
    assert read.startswith(
        "<ward> , seen on <date> . MRN <id> , born <date> , of <street> , leeds <postcode> . <eos> "
        "he rang from <phone> and wrote from <ip> ; pay <iban> . <eos>"
    )
    ids = corpus.ids["train"][:8].tolist()
    assert corpus.tokenizer.decode(ids) == "<ward>, seen on <date>. MRN <id>"
    assert corpus.tokenizer.encode("<ward>, seen on <date>. MRN <id>") == ids
    assert prepared("private_text", folder, tmp_path / "cache", *changes[1:]).folder != corpus.folder
