"""Capitals for reading: sentence starts and names, and nothing else changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.generation.recasing import Recaser, recase
from halo.tokenization.text_stream import text_pieces
from halo.tokenization.tokenizer import TextTokenizer

FORMS = {"i": "I", "i'm": "I'm", "italy": "Italy", "covid-19": "COVID-19", "u.s.": "U.S.", "mcdonald": "McDonald"}


@pytest.mark.parametrize(
    "text",
    [
        "In Italy, I slept. We did not! I'm sure? Yes.",
        '"No." "Yes!" It was: "no, I won\'t". (It was true.) It was.',
        "COVID-19 in the U.S. and, e.g. in Italy, was... well, bad. McDonald left.",
        "<number> people of 3.5 million. 3 people. <url> is it.",
        "Über alles. ‘Éclair’ it is. Straße und ŉ.",
    ],
)
def test_a_text_has_capitals_where_print_has_them(text: str) -> None:
    lower = text.lower()
    tokenizer = TextTokenizer.train([lower], kind="word", min_count=1, max_size=None)
    assert "".join(recase(text_pieces(tokenizer, tokenizer.encode(lower)), FORMS)) == text


@pytest.mark.parametrize("kind", ["char", "bpe", "whitespace"])
def test_sentence_starts_have_capitals_whatever_the_tokens_are(kind: str) -> None:
    text = "it rained. it did, 3.5 mm! did it?\n\nyes."
    tokenizer = TextTokenizer.train([text], kind=kind, min_count=1, max_size=300 if kind == "bpe" else None)
    first, second = map(tokenizer.encode, text.split("\n\n"))
    pieces = text_pieces(tokenizer, [*first, tokenizer.eos_id, *second])
    assert "".join(recase(pieces, {})) == "It rained. It did, 3.5 mm! Did it?\n\nYes."


def test_what_has_been_read_before_decides_about_the_first_piece() -> None:
    recaser = Recaser({})
    recaser.add("the end")
    assert recaser.add(".") + recaser.add(" the") + recaser.add(" end") == ". The end"


def test_a_form_of_another_length_is_left_out() -> None:
    assert recase(["a", " ß"], {"ß": "SS"}) == ["A", " ß"]


@given(st.lists(st.text(max_size=8), max_size=8))
def test_only_the_case_changes(pieces: list[str]) -> None:
    recased = recase(pieces, {"a": "A"})
    assert [len(piece) for piece in recased] == [len(piece) for piece in pieces]
    assert all(new == old or new.lower() == old.lower() for new, old in zip(recased, pieces, strict=True))
