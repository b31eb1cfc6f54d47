"""Composition: one spelling for one word, while numbers and signs stay what they are."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.corpus.cleaning.composition import compose


@pytest.mark.parametrize(
    ("text", "composed", "words"),
    [
        ("nai\u0308ve cafe\u0301 x", "naïve café x", 2),
        ("ﬁnd ﬂow eﬀect eﬃcient baﬄe ﬅ ﬆ", "find flow effect efficient baffle st st", 7),
        ("5 µg, \u212b, \u2126, 3 \u212a", "5 μg, Å, Ω, 3 K", 4),
        ("ＡＢＣ　ａ１２ ３．５％ Ａ＋Ｂ＝Ｃ", "ABC　a12 3.5% A+B=C", 4),
        ("你好，（中文）。 １，２", "你好，（中文）。 1，2", 1),
        ("ｶﾞｷﾞｸﾞｹﾞｺﾞ ﾊﾟﾝ｡", "ガギグゲゴ パン。", 2),
        ("ﻣﺮﺣﺒﺎ ﷲ ﷺ", "مرحبا ﷲ ﷺ", 1),
        ("ĳs ǆep ﬓ ﬡ ⼀⼈", "ijs džep մն א 一人", 5),
        ("10⁵ m² H₂O ½ ⅷ ① ª º № ℃ ™ … ſ", "10⁵ m² H₂O ½ ⅷ ① ª º № ℃ ™ … ſ", 0),
    ],
)
def test_one_spelling_for_one_word(text: str, composed: str, words: int) -> None:
    assert compose(text) == (composed, words)
    assert compose(composed) == (composed, 0)


@given(st.text(st.characters(min_codepoint=0x80)))
def test_composed_text_is_in_normal_form_and_has_the_same_words(text: str) -> None:
    composed, _ = compose(text)
    assert compose(composed) == (composed, 0)
    assert len(composed.split()) == len(text.split())
    assert unicodedata.normalize("NFKC", composed) == unicodedata.normalize("NFKC", text)
