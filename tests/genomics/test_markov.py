"""Markov models against counts made by hand, planted chains, and chance."""

import math
from collections import Counter

import numpy as np
import pytest

from halo.genomics.bases import UNKNOWN, codes_of
from halo.genomics.markov import (
    SMOOTHINGS,
    ContextCounts,
    MarkovModel,
    Smoothing,
    bits_per_base,
    chosen_model,
    try_orders,
)
from tests.support.sequences import chain, random_bases

KT = Smoothing("additive", 0.5)


def by_hand(train: list[str], text: str, place: int, *, order: int, smoothing: Smoothing) -> float:
    """Returns the probability of a base, counted letter by letter."""

    def probability(length: int) -> float:
        if length < 0:
            return 0.25
        context = text[place - length : place]
        if place < length or not set(context) <= set("ACGT"):
            return probability(length - 1)
        after = Counter(
            sequence[at + length]
            for sequence in train
            for at in range(len(sequence) - length)
            if sequence[at : at + length] == context and sequence[at + length] in "ACGT"
        )
        if smoothing.kind == "additive":
            return (after[text[place]] + smoothing.strength) / (after.total() + 4 * smoothing.strength)
        return (after[text[place]] + smoothing.strength * probability(length - 1)) / (
            after.total() + smoothing.strength
        )

    return probability(order)


@pytest.mark.parametrize("smoothing", [KT, Smoothing("interpolated", 3.0)], ids=str)
@pytest.mark.parametrize("order", [0, 1, 3])
def test_probabilities_are_those_of_counts_by_hand(smoothing: Smoothing, order: int) -> None:
    train, text = ["ACGTACGNTTACGGACGT", "GGATTACA", ""], "ACGTNACGGATTACGT"
    model = MarkovModel(ContextCounts([codes_of(each) for each in train], max_order=5), order, smoothing)
    found = np.exp(-model.nll(codes_of(text)))
    for place, letter in enumerate(text):
        if letter == "N":
            assert math.isnan(found[place])
        else:
            assert found[place] == pytest.approx(by_hand(train, text, place, order=order, smoothing=smoothing))


@pytest.mark.parametrize("smoothing", SMOOTHINGS, ids=str)
def test_the_probabilities_of_the_four_bases_sum_to_one(smoothing: Smoothing) -> None:
    counts = ContextCounts([random_bases(300)], max_order=6)
    begin = random_bases(9, seed=1)
    texts = [np.append(begin, np.uint8(base)) for base in range(4)]
    for order in range(7):
        model = MarkovModel(counts, order, smoothing)
        assert sum(math.exp(-model.nll(text)[-1]) for text in texts) == pytest.approx(1)


def test_the_order_of_a_planted_chain_is_found_and_its_entropy_reached() -> None:
    train, validation, test = (chain(order=3, length=60_000, seed=seed) for seed in (1, 2, 3))
    counts = ContextCounts([train], max_order=8)
    tried = try_orders(counts, validation, validation != UNKNOWN)
    model = chosen_model(counts, tried)
    assert model.order == 3
    assert tried[2].validation_bits > tried[3].validation_bits + 0.1
    entropy = -(0.7 * math.log2(0.7) + 3 * 0.1 * math.log2(0.1))
    assert bits_per_base(model.nll(test), test != UNKNOWN) == pytest.approx(entropy, abs=0.02)


def test_random_bases_take_two_bits_at_best() -> None:
    counts = ContextCounts([random_bases(20_000)], max_order=8)
    held_out = random_bases(20_000, seed=1)
    tried = try_orders(counts, held_out, held_out != UNKNOWN)
    assert chosen_model(counts, tried).order <= 2
    assert min(each.validation_bits for each in tried) == pytest.approx(2, abs=0.005)


def test_no_context_reaches_across_sequences_or_other_letters() -> None:
    apart = ContextCounts([codes_of("AC"), codes_of("GT")], max_order=2)
    across = MarkovModel(apart, 2, KT).nll(codes_of("ACGT"))
    unseen = MarkovModel(apart, 2, KT).nll(codes_of("TTTT"))
    assert across[2] == unseen[2] == pytest.approx(math.log(4))
    np.testing.assert_array_equal(
        MarkovModel(apart, 2, KT).nll(codes_of("NACNGT"))[[1, 2, 4, 5]],
        np.concatenate([MarkovModel(apart, 2, KT).nll(codes_of(each)) for each in ("AC", "GT")]),
    )


def test_both_strands_pool_their_counts() -> None:
    forward = random_bases(500)
    pooled = ContextCounts([forward, (3 - forward)[::-1]], max_order=4)
    text = random_bases(200, seed=2)
    model = MarkovModel(pooled, 0, KT)
    other_strand = model.nll((3 - text)[::-1])[::-1]
    np.testing.assert_allclose(model.nll(text), other_strand)  # A is as frequent as T


def test_without_training_sequences_everything_is_chance() -> None:
    model = MarkovModel(ContextCounts([], max_order=3), 3, KT)
    np.testing.assert_allclose(model.nll(codes_of("ACGT")), math.log(4))
