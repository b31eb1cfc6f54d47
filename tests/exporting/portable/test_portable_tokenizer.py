"""The exported tokenizer gives a raw text the ids that halo gives it after cleaning, and joins words as halo does."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from halo.config import TokenizerConfig
from halo.corpus.cleaning.pipeline import clean
from halo.exporting.portable.portable_tokenizer import left_to_the_user, save_portable_tokenizer
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import data_config

RAW = Path(__file__).parents[3] / "src/halo/corpora/covid_discussions.jsonl"


@pytest.fixture(scope="module")
def paragraphs() -> list[str]:
    lines = RAW.read_text(encoding="utf-8").splitlines()[::25]
    return [part for line in lines for part in json.loads(line)["text"].split("\n\n")]


def portable(tokenizer: TextTokenizer, folder: Path, **changes: object) -> Tokenizer:
    data = data_config()
    data = replace(data, cleaning=replace(data.cleaning, **changes))  # type: ignore[arg-type]
    save_portable_tokenizer(tokenizer, data, folder / "tokenizer.json")
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def test_raw_text_gets_the_ids_of_cleaned_text(paragraphs: list[str], tmp_path: Path) -> None:
    rules = data_config().cleaning
    cleaned = [clean(part, rules) for part in paragraphs]
    tokenizer = TextTokenizer.train(cleaned, kind="word", min_count=1, max_size=None)
    backend = portable(tokenizer, tmp_path)
    for part, text in zip(paragraphs, cleaned, strict=True):
        assert backend.encode(part).ids == tokenizer.encode(text)
    decoded = [backend.decode(tokenizer.encode(text)) == tokenizer.decode(tokenizer.encode(text)) for text in cleaned]
    assert sum(decoded) >= 0.99 * len(decoded)


@pytest.mark.parametrize(
    ("raw", "tokens"),
    [
        (
            "\ufeff The  WHO\u2019s\u200b report\u2014\u201cPCR\u201d \u2026",
            ["the", "WHO's", "report", "-", '"', "PCR", '"', "..."],
        ),
        ("See HTTPS://x.org or https://x.org/y, a@b.org 😀", ["see", "HTTPS", "or", "<url>", ",", "<email>"]),
        ("10\u201314 Days \u00b1 2 Pa\u0301l", ["10-14", "days", "2", "p\u00e1l"]),
    ],
)
def test_the_usual_cleaning(raw: str, tokens: list[str], tmp_path: Path) -> None:
    tokenizer = TextTokenizer.train([" ".join(tokens)], kind="word", min_count=1, max_size=None)
    ours = [token for token in portable(tokenizer, tmp_path).encode(raw).tokens if token != "<unk>"]
    assert ours == tokens


def test_lower_case_and_digits(tmp_path: Path) -> None:
    tokenizer = TextTokenizer.train(["the pcr 00"], kind="word", min_count=1, max_size=None)
    backend = portable(tokenizer, tmp_path, case="lower", numbers="digits_to_0")
    assert backend.encode("The PCR 19").tokens == ["the", "pcr", "00"]


@pytest.mark.parametrize("kind", ["char", "whitespace", "bpe"])
def test_every_kind_of_tokenizer_is_exported(kind: str, tmp_path: Path) -> None:
    tokenizer = TextTokenizer.train(["the air . the sea"] * 3, kind=kind, min_count=1, max_size=300)
    backend = portable(tokenizer, tmp_path)
    ids = tokenizer.encode("the sea")
    assert backend.encode("The sea").ids == ids
    assert backend.decode([*ids, tokenizer.eos_id, *ids]) == "the sea\n\nthe sea"


@pytest.mark.parametrize(
    "text",
    [
        "he said : \" no ( not now ) , ' yes ' . \" the doctors ' strike / it ...",
        "don't \" open , in '21",
        '" one " and " two . "',
        "a ' b ' c ' d , \" ' e ' \"",
    ],
)
def test_words_are_joined_as_in_print(text: str, tmp_path: Path) -> None:
    tokenizer = TextTokenizer.train([text], kind="word", min_count=1, max_size=None)
    ids, backend = tokenizer.encode(text), portable(tokenizer, tmp_path)
    several = [*ids, tokenizer.eos_id, *ids[:3], tokenizer.eos_id, *ids]
    assert backend.decode(ids) == tokenizer.decode(ids)
    assert backend.decode(several) == tokenizer.decode(several)


def test_what_the_normalizer_lacks_is_listed() -> None:
    rules = data_config().cleaning
    assert len(left_to_the_user(rules)) == 4
    assert "emoji and other pictographs are removed" in left_to_the_user(replace(rules, keep_characters=None))
    assert left_to_the_user(replace(rules, steps=[], numbers="placeholder")) == ["numbers become `<number>`"]
    private = replace(rules, steps=["dates"], patterns={"ward": "w[0-9]"})
    assert left_to_the_user(private) == [
        "dates that name a day become `<date>`",
        "what the expression `w[0-9]` matches becomes `<ward>`",
    ]
    assert TokenizerConfig(kind="word", min_count=1, max_size=None, eos="line").paragraph_break == "\n"
