"""The word tokenizer: its rules, its vocabulary, and the way back to text."""

from pathlib import Path

import pytest

from halo.errors import InputError
from halo.text.tokenizer import END, UNKNOWN, WordTokenizer, join_tokens

TEXTS = ["the virus spreads.", "the virus mutates.", "COVID-19 spreads."]


@pytest.fixture
def tokenizer() -> WordTokenizer:
    return WordTokenizer.train(TEXTS, min_count=2)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("COVID-19, SARS-CoV-2", ["COVID-19", ",", "SARS-CoV-2"]),
        ("mRNA SpO2 R0 PM2.5 B.1.1.7", ["mRNA", "SpO2", "R0", "PM2.5", "B.1.1.7"]),
        ("1.5, 1,200.50 and 3.5%.", ["1.5", ",", "1,200.50", "and", "3.5%", "."]),
        ("£4m $1.9 at 6:30 p.m.", ["£4m", "$1.9", "at", "6:30", "p.m."]),
        ("U.S. e.g. ends here.", ["U.S.", "e.g.", "ends", "here", "."]),
        ("don't e-mail us", ["don't", "e-mail", "us"]),
        ('he said: "no (never)..."', ["he", "said", ":", '"', "no", "(", "never", ")", "...", '"']),
        ("50 °C, 50°C, 50°", ["50", "°C", ",", "50", "°C", ",", "50", "°"]),
        ("ME/CFS - well", ["ME", "/", "CFS", "-", "well"]),
        ("<unk> x", ["<", "unk", ">", "x"]),
    ],
)
def test_what_is_one_token(tokenizer: WordTokenizer, text: str, tokens: list[str]) -> None:
    assert tokenizer.tokens(text) == tokens


def test_words_rarer_than_min_count_are_unknown(tokenizer: WordTokenizer) -> None:
    assert set(tokenizer.vocabulary()) == {UNKNOWN, END, "the", "virus", "spreads", "."}
    assert [tokenizer.token(i) for i in tokenizer.encode("the virus mutates.")] == ["the", "virus", UNKNOWN, "."]


def test_special_tokens_have_the_first_ids(tokenizer: WordTokenizer) -> None:
    assert (tokenizer.unknown_id, tokenizer.end_id) == (0, 1)


def test_special_tokens_written_in_the_text_are_text(tokenizer: WordTokenizer) -> None:
    assert tokenizer.end_id not in tokenizer.encode("the <eos> virus")


def test_a_batch_is_each_text_alone(tokenizer: WordTokenizer) -> None:
    assert tokenizer.encode_batch(TEXTS) == [tokenizer.encode(text) for text in TEXTS]


def test_saved_and_loaded_it_gives_the_same_ids(tokenizer: WordTokenizer, tmp_path: Path) -> None:
    tokenizer.save(tmp_path / "tokenizer.json")
    loaded = WordTokenizer.load(tmp_path / "tokenizer.json")
    assert loaded.encode_batch(TEXTS) == tokenizer.encode_batch(TEXTS)
    assert tokenizer.end_id not in loaded.encode("the <eos> virus")


@pytest.mark.parametrize("content", ["", "{}", "no json", '{"version": "1.0", "model": {"type": "WordLevel"}}'])
def test_a_foreign_file_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_text(content)
    with pytest.raises(InputError, match=r"tokenizer\.json"):
        WordTokenizer.load(file)


@pytest.mark.parametrize(
    "text",
    [
        'he said: "no (not now)", and left.',
        "95% of £4m, at 6:30 p.m.; 3 or 4?",
        "the WHO's e-mail - sent in 1,200 copies...",
        '"one" and "two".',
    ],
)
def test_joined_tokens_read_as_the_text_did(tokenizer: WordTokenizer, text: str) -> None:
    assert join_tokens(tokenizer.tokens(text)) == text


def test_decoding_puts_paragraphs_apart(tokenizer: WordTokenizer) -> None:
    ids = [*tokenizer.encode("the virus."), tokenizer.end_id, *tokenizer.encode("the")]
    assert tokenizer.decode(ids) == "the virus.\n\nthe"
