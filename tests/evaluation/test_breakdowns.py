"""The loss breakdowns against a plain loop over tokens."""

import itertools
import math
from collections import Counter, defaultdict

import numpy as np
import pytest

from halo.corpus.corpus import Corpus
from halo.evaluation.bootstrap import perplexity_interval
from halo.evaluation.breakdowns import intervals_by_label, nll_by_frequency, nll_by_label, nll_by_position
from halo.evaluation.tokenized_text import TokenizedText


def test_each_breakdown_is_that_of_a_plain_loop(labelled_corpus: Corpus) -> None:
    corpus, text = labelled_corpus, TokenizedText.from_split(labelled_corpus, "test")
    nll = np.random.default_rng(0).gamma(2, 3, size=len(text.ids))
    seen = Counter(corpus.ids["train"].tolist())
    labels, frequencies, positions = defaultdict(list), defaultdict(list), defaultdict(list)
    ids = text.ids.tolist()
    for document, (begin, stop) in enumerate(itertools.pairwise(text.offsets.tolist())):
        for place in range(begin, stop):
            labels[text.label_names[text.labels[document]]].append(nll[place])
            times, position = seen[ids[place]], place - begin + 1
            rank = "1 to 9" if times < 10 else "10 to 99" if times < 100 else "100 to 999"
            special = {corpus.tokenizer.eos_id: "<eos>", corpus.tokenizer.unk_id: "<unk>"}
            frequencies[special.get(ids[place], rank)].append(nll[place])
            name = "1 to 10" if position <= 10 else "11 to 100" if position <= 100 else "101 to 1,000"
            positions[name].append(nll[place])
    counts = np.bincount(corpus.ids["train"], minlength=corpus.tokenizer.vocab_size)[text.ids]
    tokens_D = np.diff(text.offsets)
    nll_D = np.array([nll[begin:stop].sum() for begin, stop in itertools.pairwise(text.offsets)])
    for found, expected in (
        (nll_by_label(nll_D, tokens_D, text), labels),
        (nll_by_frequency(nll, counts, text.ids, corpus.tokenizer), frequencies),
        (nll_by_position(nll, text.offsets), positions),
    ):
        assert found.keys() == expected.keys()
        assert len(found) > 1
        for name, part in found.items():
            assert part.tokens == len(expected[name])
            assert part.perplexity == pytest.approx(math.exp(math.fsum(expected[name]) / len(expected[name])))
        assert math.fsum(part.total_nll for part in found.values()) == pytest.approx(nll.sum())


def test_documents_without_labels_have_no_breakdown_by_label(labelled_corpus: Corpus) -> None:
    text = TokenizedText.from_split(labelled_corpus, "test")._replace(label_names=[""])
    assert nll_by_label(np.ones(1), np.ones(1), text) == {}
    assert intervals_by_label(np.ones(1), np.ones(1), text) == {}


def test_the_interval_of_a_label_is_the_bootstrap_over_its_own_documents(labelled_corpus: Corpus) -> None:
    text = TokenizedText.from_split(labelled_corpus, "train")
    tokens_D = np.diff(text.offsets)
    nll_D = tokens_D * np.linspace(3, 5, len(tokens_D))
    intervals = intervals_by_label(nll_D, tokens_D, text)
    assert intervals.keys() == nll_by_label(nll_D, tokens_D, text).keys()
    for index, name in enumerate(text.label_names):
        own_D = text.labels == index
        assert intervals[name] == (own_D.sum(), perplexity_interval(nll_D[own_D], tokens_D[own_D]))
    alone = text._replace(labels=np.array([0, *[1] * (len(tokens_D) - 1)]), label_names=["one", "others"])
    assert intervals_by_label(nll_D, tokens_D, alone)["one"] == (1, None)
