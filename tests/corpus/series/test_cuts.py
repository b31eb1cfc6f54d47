"""Splits by date: one after the other, and the same for all series."""

import numpy as np
import pytest

from halo.config import SPLITS
from halo.corpus.series.cuts import find_cuts, split_slices
from halo.corpus.series.transform import Changes
from halo.runtime.errors import InputError
from tests.conftest import data_config
from tests.support.series import daily


def changes(number: int, start: str = "2020-01-01") -> Changes:
    return Changes("x", daily(number, start), np.arange(float(number)), np.arange(float(number)))


def test_training_ends_before_validation_and_validation_before_test_in_every_series() -> None:
    series = [changes(100), changes(60, "2020-02-01")]
    cuts = find_cuts(series, data_config().splits)
    for each in series:
        parts = split_slices(each, cuts)
        last = {split: each.dates[part.stop - 1] for split, part in parts.items()}
        first = {split: each.dates[part.start] for split, part in parts.items()}
        assert last["train"] <= cuts.training_end < first["validation"]
        assert last["validation"] <= cuts.validation_end < first["test"]
        assert sum(part.stop - part.start for part in parts.values()) == len(each.dates)
    assert [part.stop for part in split_slices(series[0], cuts).values()] == [80, 90, 100]
    assert list(split_slices(series[0], cuts)) == [*SPLITS]


def test_a_series_without_a_part_is_refused() -> None:
    series = [changes(100), changes(5, "2020-04-05")]
    cuts = find_cuts(series, data_config().splits)
    with pytest.raises(InputError, match="no value in the train part"):
        split_slices(series[1], cuts)


def test_too_few_dates_are_refused() -> None:
    with pytest.raises(InputError, match="have 3 dates, too few"):
        find_cuts([changes(3)], data_config().splits)
