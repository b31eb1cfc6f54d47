"""Tests of halo.auditing.excerpts."""

import numpy as np

from halo.auditing.excerpts import Excerpts
from tests.auditing.conftest import TOKENS, Planted


def test_excerpts_are_parts_of_their_documents_and_do_not_overlap(planted: Planted) -> None:
    corpus = planted.corpus
    excerpts = Excerpts(corpus, ("validation", "test"), seed=1, length=10)
    assert len(excerpts) == 5 * TOKENS // 10
    places = set()
    for each in excerpts.first(1000):
        split, document = each.document
        text = corpus.ids[split]
        (start,) = [at for at in range(0, len(text), 10) if np.array_equal(text[at : at + 10], each.ids_T)]
        assert corpus.offsets[split][document] <= start < corpus.offsets[split][document + 1]
        places.add((split, start))
    assert len(places) == len(excerpts)


def test_the_seed_selects_which_come_first(planted: Planted) -> None:
    first, again, other = (
        [each.ids_T.tolist() for each in Excerpts(planted.corpus, ("train",), seed=seed, length=20).first(5)]
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_only_usable_ones_are_taken(planted: Planted) -> None:
    excerpts = Excerpts(planted.corpus, ("train",), seed=1, length=10)
    wanted = excerpts.first(1)[0].ids_T[0]
    found = excerpts.first(1000, usable=lambda ids_T: wanted in ids_T)
    assert 1 <= len(found) < len(excerpts)
    assert all(wanted in each.ids_T for each in found)
    assert excerpts.first(3, usable=lambda _: False) == []
