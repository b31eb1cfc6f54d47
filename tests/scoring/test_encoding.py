"""Each token of a cleaned text knows its word in the input, whatever the tokenizer."""

import pytest

from halo.scoring.encoding import TextEncoder
from tests.support.tiny_bundles import tiny_bundle


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("word", [("the", "The"), ("(", "(80%)"), ("80%", "(80%)"), (")", "(80%)"), ("air", "air,"), (",", "air,")]),
        ("whitespace", [("the", "The"), ("(80%)", "(80%)"), ("air,", "air,")]),
    ],
)
def test_each_token_belongs_to_a_word(kind: str, expected: list[tuple[str, str]]) -> None:
    text = "The  (80%)\t😀 air,"
    (encoded,) = TextEncoder(tiny_bundle(kind=kind)).encode([text])
    words = [text[begin:end] for begin, end in encoded.words]
    assert [(token.text, words[token.word]) for token in encoded.tokens] == expected
    assert words[2] == "😀"
    assert encoded.merged == set()


def test_a_space_belongs_to_the_word_behind_it() -> None:
    (encoded,) = TextEncoder(tiny_bundle(kind="char")).encode(["The air"])
    assert [(token.text, token.word) for token in encoded.tokens] == [
        *(("t", 0), ("h", 0), ("e", 0), (" ", 1), ("a", 1), ("i", 1), ("r", 1)),
    ]


def test_parts_of_a_character_belong_to_its_word() -> None:
    (encoded,) = TextEncoder(tiny_bundle(kind="bpe")).encode(["the é, Ω"])
    assert [token.word for token in encoded.tokens] == sorted(token.word for token in encoded.tokens)
    assert {token.word for token in encoded.tokens} == {0, 1, 2}


@pytest.mark.parametrize(("eos", "places"), [("paragraph", [0, 1, 3]), ("line", [0, 2, 4]), ("document", [0, 1, 2])])
def test_eos_stands_where_the_training_text_has_it(eos: str, places: list[int]) -> None:
    encoder = TextEncoder(tiny_bundle(eos=eos))
    encoded, other = encoder.encode(["the\nvirus\n\nspreads", "air"])
    assert encoded.places == places
    assert [encoded.ids[place] for place in places] == [token.token_id for token in encoded.tokens]
    assert len(encoded.ids) == places[-1] + 1
    assert len(other.ids) == 1
