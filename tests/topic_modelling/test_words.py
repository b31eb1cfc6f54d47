import pytest

from halo.runtime.errors import InputError
from halo.topic_modelling.words import count_words
from tests.support.planted_topics import CONTENT_WORDS, FUNCTION_WORDS, planted_units


def test_function_words_are_those_that_are_everywhere() -> None:
    units = planted_units()
    counts = count_words(
        units.tokens,
        units.in_split("train").tolist(),
        units.documents.tolist(),
        min_documents=2,
        max_share=0.5,
        cased_forms={"seaa": "SeaA"},
    )
    assert {*counts.function_words} == {*FUNCTION_WORDS}
    assert {*counts.words} == {*CONTENT_WORDS}
    assert counts.forms[counts.words.index("seaa")] == "SeaA"
    assert counts.counts_NW[0].sum() == 24


def test_a_word_of_a_single_document_describes_no_topic() -> None:
    texts = [["common", "word", f"own{number}"] for number in range(40)]
    counts = count_words(
        [[*text, *[text[2]] * 9] for text in texts],
        [True] * 40,
        list(range(40)),
        min_documents=2,
        max_share=1.0,
        cased_forms={},
    )
    assert counts.words == ["common", "word"]


def test_no_word_left_is_one_line() -> None:
    with pytest.raises(
        InputError, match=r"^min_df=5, max_df=0\.1: none of 1 words is in 5 texts or more .*; lower min_df"
    ):
        count_words([["alone"]], [True], [0], min_documents=5, max_share=0.1, cased_forms={})
