"""What spelling an unknown word costs: a distribution over all words, and the same in every order."""

import itertools
import math

import pytest

from halo.tokenization.oov_cost import CODE_POINTS, OOVCost
from halo.tokenization.tokenizer import TextTokenizer


def speller_of(*words: str, kind: str = "word") -> OOVCost:
    counts = dict.fromkeys(words, 1)
    return OOVCost(TextTokenizer.from_counts(counts, kind=kind, min_count=1, max_size=None))


def test_the_cost_is_that_of_its_characters_and_of_the_end() -> None:
    # a: 3 of 4 characters, b: 1, two words end; one more for each and for characters never seen: 10 in all.
    oov_cost = speller_of("aaa", "b")
    assert oov_cost.nll("ab") == pytest.approx(-math.log(4 / 10 * 2 / 10 * 3 / 10))
    assert oov_cost.nll("é") == pytest.approx(-math.log(1 / 10 / CODE_POINTS * 3 / 10))


def test_the_probabilities_of_all_words_sum_to_1() -> None:
    oov_cost = speller_of("aaa", "b", "ab")
    new = math.exp(-(oov_cost.nll("é") - oov_cost.nll(""))) * CODE_POINTS
    lengths = [
        sum(math.exp(-oov_cost.nll("".join(word))) for word in itertools.product("ab", repeat=length))
        for length in range(3)
    ]
    end = lengths[0]
    spelt = lengths[1] / end  # the share of a and b among all characters
    assert spelt + new + end == pytest.approx(1)
    assert lengths[2] / end == pytest.approx(spelt**2)


def test_known_words_cost_nothing_and_nor_does_a_literal_unk() -> None:
    oov_cost = speller_of("aaa", "b")
    assert oov_cost.of_token("aaa") == oov_cost.of_token("<unk>") == 0
    assert oov_cost.of_token("ab") == oov_cost.nll("ab")


def test_of_characters_only_the_unknown_ones_are_spelt() -> None:
    oov_cost = speller_of("a", "b", " ", kind="char")
    assert oov_cost.of_token("abba") == 0
    assert oov_cost.of_token("axb") == oov_cost.nll("x")


def test_bytes_need_no_spelling() -> None:
    tokenizer = TextTokenizer.train(["ab ab"], kind="bpe", min_count=1, max_size=300)
    assert OOVCost(tokenizer).of_token("zyzzyva") == 0
