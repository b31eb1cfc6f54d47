"""Bins come from the training part, and from nothing else."""

import numpy as np
import pytest

from halo.corpus.series.cuts import Cuts
from halo.corpus.series.transform import Changes
from halo.corpus.series.words import SeriesWords, make_words
from halo.runtime.errors import InputError
from tests.support.series import daily, series_config

DATES = daily(100)
CUTS = Cuts(DATES[59], DATES[79])
VALUES = np.random.default_rng(0).normal(size=100)


def words(values: np.ndarray, **settings: object) -> SeriesWords:
    changes = Changes("x", DATES[: len(values)], values, values)
    return make_words([changes], series_config(**{"num_bins": 10, **settings}), CUTS)


@pytest.mark.parametrize("scaling", ["none", "ewma"])
def test_later_values_change_neither_bins_nor_training_ids(scaling: str) -> None:
    changed = VALUES.copy()
    changed[60:] = 7 * changed[60:] + 3
    first, second = (words(each, scaling=scaling) for each in (VALUES, changed))
    assert first.bins == second.bins
    assert (first.ids(0, "train") == second.ids(0, "train")).all()
    assert not (first.ids(0, "test") == second.ids(0, "test")).all()


def test_ids_are_those_of_the_bins_in_order_and_end_with_eos() -> None:
    found = words(VALUES)
    tokens = [found.tokenizer.token(int(each)) for each in found.ids(0, "validation")]
    expected = [f"r{number + 1:02d}" for number in found.bins.series[0].bins.numbers(VALUES[60:80])]
    assert tokens == [*expected, "<eos>"]
    assert found.tokenizer.vocab_size == 12


@pytest.mark.parametrize(
    ("values", "settings", "message"),
    [
        (np.ones(100), {}, "all values of the training part are 1, so there is nothing to predict"),
        (VALUES, {"num_bins": 61}, "60 values in the training part for 61 bins"),
        (VALUES, {"transform": "none", "seasonal_period": 60}, "seasonal_period=60: persistence has no errors"),
    ],
)
def test_series_without_bins_are_refused(values: np.ndarray, settings: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        words(values, **settings)
