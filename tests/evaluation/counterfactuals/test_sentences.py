"""Sentences with swapped words, and their surprisal."""

import numpy as np
import pytest

from halo.evaluation.counterfactuals import sentences
from halo.evaluation.counterfactuals.sentences import find_sentences, sentence_bits
from halo.evaluation.counterfactuals.word_lists import Swap, english_swaps, own_swap
from halo.evaluation.text_scores import surprisal_bits
from halo.tokenization.tokenizer import TextTokenizer
from tests.support.swapped_texts import as_text, tokenizer_of, trained_on

LINES = [
    "he came home . the door was shut .",
    "she saw him and his dog .",
    "he saw himself .",
    "her dog came home .",
    "she came home .",
    "they came home . they are here .",
    "he is here . he worked .",
    "hers was shut .",
]


def swapped(lines: list[str], swap: Swap, tokenizer: TextTokenizer) -> list[tuple[str, str]]:
    text = as_text([[line] for line in lines], tokenizer)
    return [
        tuple(" ".join(tokenizer.token(int(one)) for one in ids) for ids in (each.original_T, each.swapped_T))  # type: ignore[misc]
        for each in find_sentences(text, tokenizer, swap)
    ]


def english(name: str, tokenizer: TextTokenizer) -> Swap:
    swaps = english_swaps(tokenizer, np.ones(tokenizer.vocab_size))
    return next(each for each in swaps if each.name == name)


def test_sentences_with_one_side_alone_are_swapped_whole() -> None:
    tokenizer = tokenizer_of([*LINES, "herself"])
    swap = english("he / she", tokenizer)
    assert swapped(LINES, swap, tokenizer) == [
        ("he came home .", "she came home ."),
        ("he saw himself .", "she saw herself ."),
        ("he is here .", "she is here ."),
        ("he worked .", "she worked ."),
    ]
    # "her" may be him or his; "hers" is left out.
    assert swapped(LINES, swap.reversed(), tokenizer) == [("she came home .", "he came home .")]


def test_they_stands_only_before_verbs_of_one_form() -> None:
    tokenizer = tokenizer_of([*LINES, "their them themselves"])
    assert swapped(LINES, english("he / they", tokenizer), tokenizer) == [
        ("he came home .", "they came home ."),
        ("she saw him and his dog .", "she saw them and their dog ."),
        ("he saw himself .", "they saw themselves ."),
        ("he worked .", "they worked ."),
    ]
    back = english("he / they", tokenizer).reversed()
    assert swapped(LINES, back, tokenizer) == [("they came home .", "he came home .")]


def test_a_sentence_with_a_word_whose_counterpart_is_unknown_is_left_out() -> None:
    tokenizer = tokenizer_of(LINES)  # lacks "herself"
    assert ("he saw himself .", "she saw himself .") not in swapped(LINES, english("he / she", tokenizer), tokenizer)
    assert swapped(LINES, own_swap("x", ["cat/dog"]), tokenizer) == []


def test_documents_are_numbered_and_many_sentences_thinned(monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = tokenizer_of(LINES)
    text = as_text([["she came home ."] * 3, ["the door was shut ."], ["she came home ."] * 3], tokenizer)
    swap = own_swap("p", ["she/he"])
    assert [each.document for each in find_sentences(text, tokenizer, swap)] == [0, 0, 0, 2, 2, 2]
    monkeypatch.setattr(sentences, "MAX_SENTENCES", 2)
    assert [each.document for each in find_sentences(text, tokenizer, swap)] == [0, 2]


def test_the_surprisal_of_sentences_of_a_batch_is_that_of_each_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentences, "BATCH_SIZE", 3)
    tokenizer = tokenizer_of(LINES)
    model = trained_on(["she came home ."], tokenizer, steps=3)
    ids = [np.array(tokenizer.encode(line)) for line in LINES]
    for own, found in zip(ids, sentence_bits(model, ids, eos_id=tokenizer.eos_id), strict=True):
        assert found == pytest.approx(surprisal_bits(model, own, eos_id=tokenizer.eos_id), abs=1e-4)
