"""Hyphenation: words that are divided at the end of a line become what they are elsewhere, or keep their hyphen."""

import pytest

from halo.corpus.cleaning.hyphenation import join_divided_words
from halo.corpus.cleaning.pipeline import clean
from tests.corpus.cleaning.test_pipeline import only


@pytest.mark.parametrize(
    ("text", "joined", "count"),
    [
        ("The vac-\ncine. A vaccine.", "The vaccine. A vaccine.", 1),
        ("Vac-\ncine: all vaccines.", "Vaccine: all vaccines.", 1),
        ("COVID-\n19, SARS-\nCoV-2, 10-\n14, well-\nknown", "COVID-19, SARS-CoV-2, 10-14, well-known", 4),
        ("re-cover, re-cover, recover: re-\ncover", "re-cover, re-cover, recover: re-cover", 1),
        ("state-of-\nthe-art, inter-  \n  national", "state-of-the-art, inter-national", 2),
        ("pre-\nand post-war; Vor-\nund Nachteile", "pre-\nand post-war; Vor-\nund Nachteile", 0),
        ("a dash -\nmore; and--\nmore; a list:\n- one\n- two", "a dash -\nmore; and--\nmore; a list:\n- one\n- two", 0),
        ("end-\n\nnext paragraph", "end-\n\nnext paragraph", 0),
        ("Impf‐\nstoff, Impfstoff", "Impfstoff, Impfstoff", 1),
    ],
)
def test_divided_words_are_joined(text: str, joined: str, count: int) -> None:
    assert join_divided_words(text) == (joined, count)


def test_the_step_can_be_left_out() -> None:
    text = "The vac-\ncine. A vaccine."
    assert clean(text, only("hyphenation")) == "The vaccine. A vaccine."
    assert clean(text, only("typography")) == "The vac- cine. A vaccine."


def test_a_very_long_word_takes_no_longer_than_other_text() -> None:
    text = "a" * 500_000 + " vac-\ncine"
    assert join_divided_words(text)[1] == 1  # minutes, were the rest of the word read from each of its letters
