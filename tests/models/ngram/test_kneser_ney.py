"""The Kneser-Ney model against the formulas with dictionaries, against KenLM, and as a distribution."""

from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from halo.config import PrepareConfig, parse
from halo.corpus.prepare import prepare
from halo.models.ngram.kneser_ney import FALLBACK_DISCOUNTS, KneserNey
from tests.conftest import compose_config

EOS = 1
WORDS = 6
BEGIN = -1
Gram = tuple[int, ...]

# What KenLM (github.com/kpu/kenlm, commit 4cb443e) says of TEXT after TRAIN, log10 of the probability of each token; in
# train.txt and text.txt each sentence is a line, its letters stand apart:
#   lmplz -o 4 -S 100M < train.txt > train.arpa && query -v word train.arpa < text.txt
# There are own discounts in all orders, and f, which is in TEXT alone, is its <unk>.
TRAIN = (
    "ejdejejd hwvwvwvwat atnmqb dhwvwvvw alnmtbtn jodhwvw atqbsdd atnmuy bejdhejdd atqncg atnmtnm acgpnmqhw acgpndh "
    "atqnmtnmt aejdh dhmqnmqbejo cgregyl atnmtwvw bwatn bejdbe atnmt bercgpd krqipddh atnylnzoej"
)
TEXT = "atndft berlnmt atnmupdh gcvwlat"
KENLM_LOG10 = """
    -0.31756136 -0.25867742 -0.21939735 -1.6203458 -2.1346684 -1.537849 -0.68040615
    -0.95222896 -0.6250046 -0.8704931 -1.9820153 -0.47181016 -0.4876237 -0.56102586 -0.6023224
    -0.31756136 -0.25867742 -0.21939735 -0.21545857 -1.0209377 -1.9820153 -0.4446996 -0.67301524 -0.922289
    -2.0928998 -1.5502468 -1.9880579 -0.47181016 -2.0483112 -1.8382258 -0.6861627 -0.71247125
"""

texts = st.lists(st.integers(0, WORDS - 2), min_size=1, max_size=120)  # the last word of the vocabulary never comes


class ByDictionary:
    """Chen and Goodman's formulas as they stand, with a mark of its beginning before each sentence."""

    def __init__(self, ids: list[int], order: int) -> None:
        self.order = order
        self.found: list[Counter[Gram]] = [Counter() for _ in range(order + 1)]
        for target, context in with_contexts(ids):
            for length in range(1, min(order, len(context) + 1) + 1):
                self.found[length][(*context[len(context) + 1 - length :], target)] += 1
        self.counts = [self.adjusted(length) for length in range(order + 1)]
        self.discounts = [discounts(counts) for counts in self.counts]

    def adjusted(self, length: int) -> dict[Gram, int]:
        if length == self.order:
            return dict(self.found[length])
        before: defaultdict[Gram, set[int]] = defaultdict(set)
        for gram in self.found[length + 1]:
            before[gram[1:]].add(gram[0])
        return {
            gram: count if gram[:1] == (BEGIN,) else len(before[gram]) for gram, count in self.found[length].items()
        }

    def probability(self, word: int, context: Gram) -> float:
        if len(context) >= self.order:
            return self.probability(word, context[len(context) - self.order + 1 :])
        lower = self.probability(word, context[1:]) if context else 1 / WORDS
        length = len(context) + 1
        after = {gram[-1]: count for gram, count in self.counts[length].items() if gram[:-1] == context}
        if not after:
            return lower
        taken = {each: self.discounts[length][min(count, 3)] for each, count in after.items()}
        own = after.get(word, 0) - taken.get(word, 0.0)
        return (own + sum(taken.values()) * lower) / sum(after.values())


def discounts(counts: dict[Gram, int]) -> list[float]:
    number = Counter(counts.values())
    if 0 in (number[1], number[2], number[3]):
        return [0.0, *FALLBACK_DISCOUNTS]
    y = number[1] / (number[1] + 2 * number[2])
    own = [1 - 2 * y * number[2] / number[1], 2 - 3 * y * number[3] / number[2], 3 - 4 * y * number[4] / number[3]]
    return [0.0, *(own if min(own) > 0 else FALLBACK_DISCOUNTS)]


def with_contexts(ids: list[int]) -> list[tuple[int, Gram]]:
    found, context = [], [BEGIN]
    for word in ids:
        found.append((word, tuple(context)))
        context = [BEGIN] if word == EOS else [*context, word]
    return found


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
@settings(max_examples=60)
@given(train=texts, text=texts)
@example(train=[EOS], text=[EOS, EOS, 2])
@example(train=[2], text=[2, EOS, 2])
def test_every_probability_is_that_of_the_formulas(order: int, train: list[int], text: list[int]) -> None:
    model = KneserNey(np.array(train, np.uint16), WORDS, eos_id=EOS, order=order)
    reference = ByDictionary(train, order)
    for ids in (text, train):
        expected = [reference.probability(word, context) for word, context in with_contexts(ids)]
        np.testing.assert_allclose(model.probabilities(np.array(ids, np.uint16)), expected, rtol=1e-9, atol=0)


@settings(max_examples=60)
@given(train=texts, context=st.lists(st.integers(0, WORDS - 1), max_size=8))
def test_a_distribution_is_one_of_the_whole_vocabulary(train: list[int], context: list[int]) -> None:
    model = KneserNey(np.array(train), WORDS, eos_id=EOS)
    distribution_V = model.distribution(np.array(context, np.uint32))
    assert distribution_V.shape == (WORDS,)
    assert distribution_V.sum() == pytest.approx(1, abs=1e-12)
    one_by_one = [model.probabilities(np.array([*context, word]))[-1] for word in range(WORDS)]
    np.testing.assert_allclose(distribution_V, one_by_one, rtol=1e-12)


def test_nothing_before_an_end_makes_a_difference() -> None:
    model = KneserNey(np.array([2, 3, 2, 3, EOS, 4, 3, EOS]), WORDS, eos_id=EOS)
    after_text = model.distribution(np.array([4, 2, EOS, 2]))
    np.testing.assert_array_equal(after_text, model.distribution(np.array([2])))
    np.testing.assert_array_equal(model.distribution(np.array([3, EOS])), model.distribution(np.array([], np.uint16)))


def test_nats_are_logarithms_of_the_probabilities() -> None:
    ids = np.random.default_rng(0).integers(WORDS, size=200).astype(np.uint16)
    model = KneserNey(ids[:100], WORDS, eos_id=EOS, order=3)
    np.testing.assert_allclose(np.exp(-model.nll(ids)), model.probabilities(ids))
    assert model.nll(ids).shape == (200,)
    assert model.total_nll(ids) == pytest.approx(model.nll(ids).sum())


def test_it_is_kenlm() -> None:
    vocabulary = {letter: number for number, letter in enumerate(["<unk>", "<eos>", *sorted(set(TRAIN) - {" "})])}
    train, text = (
        np.array([vocabulary.get(letter, 0) for line in lines.split() for letter in [*line, "<eos>"]])
        for lines in (TRAIN, TEXT)
    )
    model = KneserNey(train, len(vocabulary), eos_id=vocabulary["<eos>"], order=4)
    expected = [float(each) for each in KENLM_LOG10.split()]
    np.testing.assert_allclose(np.log10(model.probabilities(text)), expected, rtol=0, atol=5e-7)


@pytest.mark.slow
@pytest.mark.exhaustive
def test_the_penn_treebank_is_as_hard_as_in_the_literature(ptb_folder: Path, tmp_path: Path) -> None:
    places = [f"data.path={ptb_folder}", f"data.cache_dir={tmp_path / 'cache'}"]
    corpus = prepare(parse(compose_config("prepare", ["data=ptb", *places]), PrepareConfig).data)
    vocabulary = corpus.tokenizer
    model = KneserNey(corpus.ids["train"], vocabulary.vocab_size, eos_id=vocabulary.eos_id)
    figure = {split: np.exp(model.nll(corpus.ids[split]).mean()) for split in ("validation", "test")}
    assert figure["test"] == pytest.approx(141.2, abs=0.05)  # KN5 of Mikolov et al. (2011)
    # KenLM, `lmplz -o 5` and `query`, with <unk> written as another word, for it takes none in training
    assert figure == pytest.approx({"validation": 148.0074, "test": 141.1862}, rel=1e-4)
