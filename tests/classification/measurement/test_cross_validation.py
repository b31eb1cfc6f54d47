"""Folds hold out each document once, in the proportions of the classes."""

import numpy as np

from halo.classification.measurement.cross_validation import make_folds, measure_folds

TARGETS = np.random.default_rng(0).permutation([0] * 50 + [1] * 25 + [2] * 5)


def test_each_document_is_held_out_once_and_never_learned_from_in_its_fold() -> None:
    folds = list(make_folds(TARGETS, 5, seed=1))
    assert sorted(np.concatenate([fold.test for fold in folds])) == list(range(80))
    for fold in folds:
        assert sorted(np.concatenate(fold)) == list(range(80))
        assert np.bincount(TARGETS[fold.test]).tolist() == [10, 5, 1]
        assert np.bincount(TARGETS[fold.validation]).tolist() == [10, 5, 1]


def test_the_seed_decides() -> None:
    first, same, other = (next(make_folds(TARGETS, 5, seed=seed)).test.tolist() for seed in (1, 1, 2))
    assert first == same != other


def test_the_figures_are_those_of_all_documents() -> None:
    right_NC = np.eye(3)[TARGETS]
    found = measure_folds({"classifier": right_NC, "majority": np.eye(3)[np.zeros(80, dtype=int)]}, TARGETS, folds=5)
    assert found.figures["classifier"].documents == 80
    assert found.verdict[0] == "Better than the majority class on 80 documents."
    assert found.as_dict(("a", "b", "c"))["models"]["majority"]["accuracy"] == 50 / 80
