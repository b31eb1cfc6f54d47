"""Prompts: cleaned like the training text, read from a file or pipe, or found in the training text."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest

from halo.config import CleaningConfig
from halo.generation.prompts import encode_prompt, frequent_beginnings, read_prompt
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer

PARAGRAPHS = [
    "The cat sleeps.",
    "a dog barks",
    "the cat eats",
    "12 , 13",
    "zyzzyva runs",
    "a zyzzyva",
    "a dog eats",
    "the cat",
    "x",
]


@pytest.mark.parametrize("kind", ["word", "whitespace", "char"])
def test_the_most_frequent_first_words_come_first(kind: str) -> None:
    known = [each.lower() for each in PARAGRAPHS if "zyzzyva" not in each]
    max_size = None
    tokenizer = TextTokenizer.train([*known, "the cat"], kind=kind, min_count=1, max_size=max_size)
    ids = [i for text in PARAGRAPHS for i in [*tokenizer.encode(text.lower()), tokenizer.eos_id]]
    assert frequent_beginnings(np.array(ids, dtype=np.uint16), tokenizer) == ["the cat", "a dog"]


def test_a_sequence_without_spaces_begins_with_a_few_letters() -> None:
    tokenizer = TextTokenizer.train(["ACGT"], kind="char", min_count=1, max_size=None)
    ids = np.array([*tokenizer.encode("ACGTACGTACGTACGT"), tokenizer.eos_id])
    assert frequent_beginnings(ids, tokenizer) == ["ACGTACGTACGT"]


@pytest.mark.parametrize("text", ["", "zyzzyva zyzzyva", ". . ."])
def test_a_text_without_usable_beginnings_has_none(text: str) -> None:
    tokenizer = TextTokenizer.train(["the cat . . ."], kind="word", min_count=1, max_size=None)
    assert frequent_beginnings(np.array(tokenizer.encode(text), dtype=np.uint16), tokenizer) == []


CLEANING = CleaningConfig(steps=["special"], case="lower", numbers="keep", keep_characters=".,")


@pytest.fixture
def tokenizer() -> TextTokenizer:
    return TextTokenizer.train(["the virus spreads in the air ."], kind="word", min_count=1, max_size=None)


def test_a_prompt_is_cleaned_as_the_text_was(tokenizer: TextTokenizer) -> None:
    assert encode_prompt("The *Virus*", tokenizer, CLEANING) == tokenizer.encode("the virus")


@pytest.mark.parametrize(
    ("eos", "expected"),
    [
        ("document", "the virus the air"),
        ("paragraph", "the virus the <eos> air"),
        ("line", "the virus <eos> the <eos> air"),
    ],
)
def test_a_prompt_of_several_paragraphs_has_eos_between_them(tokenizer: TextTokenizer, eos: str, expected: str) -> None:
    ids = encode_prompt("the virus\nthe\n\nair", tokenizer, CLEANING, eos=eos)
    assert " ".join(map(tokenizer.token, ids)) == expected


@pytest.mark.parametrize(("prompt", "message"), [("", "no words"), (" *** ", "no words"), ("zebra", "knows none")])
def test_a_prompt_without_known_words_is_refused(tokenizer: TextTokenizer, prompt: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        encode_prompt(prompt, tokenizer, CLEANING)


def test_a_prompt_file_is_read_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "prompt.txt"
    file.write_bytes('\ufeffDon\'t, "stop" ${x}\n'.encode())
    assert read_prompt(str(file)) == 'Don\'t, "stop" ${x}'


def test_a_prompt_can_come_through_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("der Käse\n".encode()), encoding="ascii"))
    assert read_prompt("-") == "der Käse"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b" \n", "is empty"),
        (b"\xff\xfea", r"not UTF-8 text \(byte 0\)"),
        (b"a\0b", "NUL characters"),
        (b"a" * (2**24 + 1), "more than 16,777,216 bytes"),
        (None, "is a folder"),
    ],
)
def test_a_file_that_is_no_prompt_is_refused_in_one_line(content: bytes | None, message: str, tmp_path: Path) -> None:
    file = tmp_path / "prompt"
    file.mkdir() if content is None else file.write_bytes(content)
    with pytest.raises(InputError, match=f"prompt: .*{message}") as caught:
        read_prompt(str(file))
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_prompt(str(tmp_path / "missing.txt"))
