"""What spelling an unknown word costs: a distribution over all words, and the same in every order."""

import itertools
import math

import pytest

from halo.text.spelling import CODE_POINTS, Speller
from halo.text.tokenizer import TextTokenizer


def speller_of(*words: str, kind: str = "word") -> Speller:
    counts = dict.fromkeys(words, 1)
    return Speller(TextTokenizer.of_counts(counts, kind=kind, min_count=1, max_size=None))


def test_the_cost_is_that_of_its_characters_and_of_the_end() -> None:
    # a: 3 of 4 characters, b: 1, two words end; one more for each and for characters never seen: 10 in all.
    speller = speller_of("aaa", "b")
    assert speller.nats("ab") == pytest.approx(-math.log(4 / 10 * 2 / 10 * 3 / 10))
    assert speller.nats("é") == pytest.approx(-math.log(1 / 10 / CODE_POINTS * 3 / 10))


def test_the_probabilities_of_all_words_sum_to_1() -> None:
    speller = speller_of("aaa", "b", "ab")
    new = math.exp(-(speller.nats("é") - speller.nats(""))) * CODE_POINTS
    lengths = [
        sum(math.exp(-speller.nats("".join(word))) for word in itertools.product("ab", repeat=length))
        for length in range(3)
    ]
    end = lengths[0]
    spelt = lengths[1] / end  # the share of a and b among all characters
    assert spelt + new + end == pytest.approx(1)
    assert lengths[2] / end == pytest.approx(spelt**2)


def test_known_words_cost_nothing_and_nor_does_a_literal_unk() -> None:
    speller = speller_of("aaa", "b")
    assert speller.unknown_nats("aaa") == speller.unknown_nats("<unk>") == 0
    assert speller.unknown_nats("ab") == speller.nats("ab")


def test_of_characters_only_the_unknown_ones_are_spelt() -> None:
    speller = speller_of("a", "b", " ", kind="char")
    assert speller.unknown_nats("abba") == 0
    assert speller.unknown_nats("axb") == speller.nats("x")


def test_bytes_need_no_spelling() -> None:
    tokenizer = TextTokenizer.train(["ab ab"], kind="bpe", min_count=1, max_size=300)
    assert Speller(tokenizer).unknown_nats("zyzzyva") == 0
