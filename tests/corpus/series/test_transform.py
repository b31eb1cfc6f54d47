"""What is predicted of values, and the values that it leads back to."""

import numpy as np
import pytest

from halo.corpus.series.table import DatedValues
from halo.corpus.series.transform import level_after, transform
from halo.runtime.errors import InputError
from tests.support.series import daily, series_config


@pytest.mark.parametrize("name", ["log_returns", "returns", "differences", "none"])
def test_a_change_leads_to_the_value_at_its_date(name: str) -> None:
    series = DatedValues("x", daily(4), np.array([2.0, 3.0, 1.5, 6.0]))
    changes = transform(series, series_config(transform=name))
    assert (changes.dates == series.dates[-len(changes.values) :]).all()
    before = series.values[-len(changes.values) - 1 :] if name != "none" else np.zeros(5)
    after = [level_after(level, change, name) for level, change in zip(before, changes.values, strict=False)]
    np.testing.assert_allclose(after, changes.levels)


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("log_returns", [1.0, -37.63, 2.0], r"series x, 2020-01-02: -37\.63; .*needs values above 0; use differences"),
        ("returns", [1.0, 0.0, 2.0], "cannot divide by 0"),
        ("differences", [1.0, 2.0], "2 values; at least 3"),
        ("returns", [1e-300, 1e300, 1.0], "2020-01-02: the change is too large"),
    ],
)
def test_values_without_a_change_are_refused(name: str, values: list[float], message: str) -> None:
    with pytest.raises(InputError, match=message), np.errstate(over="ignore"):
        transform(DatedValues("x", daily(len(values)), np.array(values)), series_config(transform=name))
