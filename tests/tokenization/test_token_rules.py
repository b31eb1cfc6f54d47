"""The rules of tokens: what one token is, and that none extends beyond white space."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.tokenization.token_rules import pre_tokenizer, word_splitter
from tests.tokenization.test_tokenizer import WORD


@pytest.mark.parametrize("kind", ["char", "bpe"])
def test_kinds_without_words_are_counted_by_words(kind: str) -> None:
    assert word_splitter(kind)("(COVID-19),") == ["(", "COVID-19", ")", ","]
    assert word_splitter("whitespace")("(COVID-19),") == ["(COVID-19),"]


def test_characters_include_white_space() -> None:
    assert [token for token, _ in pre_tokenizer("char").pre_tokenize_str("a b\n")] == ["a", " ", "b", "\n"]


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
        ("-80 to (-5.5), 3-4, x -y", ["-80", "to", "(", "-5.5", ")", ",", "3-4", ",", "x", "-", "y"]),
        ("two- or threefold", ["two-", "or", "threefold"]),
        ("<url>, (<email>) £<number>", ["<url>", ",", "(", "<email>", ")", "£", "<number>"]),
        ("<unk> <eos>", ["<", "unk", ">", "<", "eos", ">"]),
    ],
)
def test_what_is_one_word(text: str, tokens: list[str]) -> None:
    assert WORD.tokens(text) == tokens


@given(st.text(st.sampled_from("aZ09.,;:?!-'%£(é $"), max_size=80))
def test_no_token_reaches_beyond_a_space(text: str) -> None:
    cut = word_splitter("word")
    assert [token for word in text.split() for token in cut(word)] == WORD.tokens(" ".join(text.split()))
