"""Nothing leaks: copies planted anywhere, in several scripts, are never in training and in a held-out split."""

import json
import random
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from halo.config import SPLITS, DataConfig, TrainConfig
from halo.corpus.corpus import Corpus
from halo.corpus.prepare import prepare

SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprst" for vowel in "aeiou"]
HAN = [chr(0x4E00 + number) for number in range(200)]
THAI = list("กขคงจชซดตถทธนบปผพฟภมยรลวสหอะาเแโ")
PIECE = 12  # a copy is recognised by the sequences of 12 characters that it shares with its original


def paragraph(script: str, chance: random.Random) -> str:
    """Returns a random paragraph, long enough that two copies of it, each with a difference, are near duplicates."""
    if script == "english":
        return " ".join("".join(chance.choices(SYLLABLES, k=chance.randint(1, 3))) for _ in range(220))
    if script == "mixed":
        return " ".join(chance.choice([*HAN, *SYLLABLES]) + chance.choice(HAN) for _ in range(150))
    return "".join(chance.choices({"chinese": HAN, "thai": THAI, "dna": list("acgt")}[script], k=300))


def copy_of(text: str, chance: random.Random) -> str:
    """Returns a copy in capitals, with another line break, or with one character replaced, left out or added."""
    place = chance.randrange(len(text) // 3, len(text) // 2)
    return chance.choice(
        [
            text.upper(),
            text.replace(" ", "\n", 2),
            f"{text[:place]}g{text[place + 1 :]}",
            f"{text[:place]}{text[place + 1 :]}",
            f"{text} g",
        ]
    )


def planted_documents(chance: random.Random) -> list[list[str]]:
    """Returns documents, each a list of paragraphs, of which many are copies of others, whole or in part."""
    scripts = ("english", "chinese", "thai", "dna", "mixed")
    originals = [[paragraph(script, chance) for _ in range(3)] for script in scripts for _ in range(4)]
    copies = [[copy_of(text, chance) for text in chance.choice(originals)] for _ in range(10)]
    carried_over = [
        [copy_of(chance.choice(chance.choice(originals)), chance), paragraph(chance.choice(scripts), chance)]
        for _ in range(10)
    ]
    documents = [*originals, *copies, *carried_over]
    chance.shuffle(documents)
    return documents


def pieces(text: str) -> set[str]:
    joined = "".join(text.lower().split())
    return {joined[i : i + PIECE] for i in range(len(joined) - PIECE + 1)}


def families(documents: list[list[str]]) -> list[set[str]]:
    """Returns the pieces of each paragraph that is no copy of an earlier one."""
    found: list[set[str]] = []
    for text in (text for document in documents for text in document):
        if family_of(text, found) is None:
            found.append(pieces(text))
    return found


def family_of(text: str, known: list[set[str]]) -> int | None:
    own = pieces(text)
    return next((number for number, other in enumerate(known) if len(own & other) > len(own) / 2), None)


def families_of_splits(corpus: Corpus, known: list[set[str]]) -> dict[str, list[int]]:
    """Returns the family of each paragraph of each split, read back from the ids."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for name in SPLITS:
        for text in corpus.tokenizer.decode(corpus.ids[name].tolist()).strip().split("\n\n"):
            family = family_of(text, known)
            assert family is not None, f"{text!r} was not in the text"
            found[name].append(family)
    return found


@pytest.fixture
def config(tiny_config: TrainConfig) -> DataConfig:
    data = tiny_config.data
    tokenizer = replace(data.tokenizer, kind="bpe", max_size=1000, min_count=1)  # knows every character
    return replace(data, tokenizer=tokenizer, cleaning=replace(data.cleaning, case="lower"))


@pytest.mark.parametrize("seed", range(4))
def test_no_copy_is_in_two_splits_of_a_divided_text(config: DataConfig, tmp_path: Path, seed: int) -> None:
    documents = planted_documents(random.Random(seed))
    file = tmp_path / "planted.jsonl"
    file.write_text("\n".join(json.dumps({"text": "\n\n".join(lines)}) for lines in documents), encoding="utf-8")
    corpus = prepare(replace(config, path=str(file)))
    known = families(documents)
    found = families_of_splits(corpus, known)
    everything = [family for name in SPLITS for family in found[name]]
    assert len(everything) == len(set(everything)), "a paragraph is left with its copy"
    assert set(everything) == set(range(len(known))), "a paragraph is lost with all its copies"


@pytest.mark.parametrize("documents_are", ["file", "paragraph"])
@pytest.mark.parametrize("seed", range(4, 6))
def test_no_copy_of_a_given_test_or_validation_text_is_in_training(
    config: DataConfig, tmp_path: Path, seed: int, documents_are: Any
) -> None:
    documents = planted_documents(random.Random(seed))
    given = dict(zip(SPLITS, (documents[:20], documents[20:30], documents[30:]), strict=True))
    paths = {}
    for name, content in given.items():
        folder = tmp_path / name
        folder.mkdir()
        for number, lines in enumerate(content):
            (folder / f"{number:02}.txt").write_text("\n\n".join(lines), encoding="utf-8")
        paths[f"{name}_path"] = str(folder)
    corpus = prepare(replace(config, path=None, **paths, documents=documents_are))  # type: ignore[arg-type]
    known = families(documents)
    found = families_of_splits(corpus, known)
    for name in ("validation", "test"):
        assert found[name] == [family_of(text, known) for lines in given[name] for text in lines], (
            f"{name} is not whole"
        )
    held_out = {*found["validation"], *found["test"]}
    in_training = {family_of(text, known) for lines in given["train"] for text in lines}
    assert set(found["train"]) == in_training - held_out
