"""The lists of words: well formed, and matched to a vocabulary."""

import numpy as np

from halo.evaluation.counterfactuals.word_lists import english_swaps, own_swap
from tests.support.swapped_texts import tokenizer_of


def test_ambiguous_words_have_no_counterpart() -> None:
    swap = own_swap("p", ["him/her", "his/her", "he/she"])
    assert {word: other for word, other in swap.counterparts().items() if word.islower()} == {
        "him": "her",
        "his": "her",
        "he": "she",
    }
    assert swap.reversed().counterparts()["her"] is None
    assert swap.reversed().counterparts()["She"] == "He"
    assert swap.reversed().sides == ("her", "him")


def test_names_are_paired_by_frequency_in_the_case_of_the_vocabulary() -> None:
    tokenizer = tokenizer_of(["Mary Anna Emma robert James peter Robert"])
    words = tokenizer.words()
    counts = {"Mary": 5, "Anna": 9, "Emma": 7, "James": 3, "robert": 8, "peter": 1, "Robert": 2}
    swaps = english_swaps(tokenizer, np.array([counts.get(word, 0) for word in words]))
    assert swaps[-1].pairs == (("robert", "Anna"), ("James", "Emma"), ("Robert", "Mary"))
    assert [each.name for each in swaps] == ["he / she", "he / they", "she / they", "first names"]


def test_the_lists_have_no_name_twice_and_every_pair_two_words() -> None:
    names = english_swaps(tokenizer_of(["x"]), np.zeros(3))
    for swap in names[:-1]:
        assert swap.sides[0] in dict(swap.pairs)
        assert all(first != second for first, second in swap.pairs)
        assert not swap.leave_out & {word for pair in swap.pairs for word in pair}
