"""Values -> what is predicted: their changes, or the values themselves."""

from dataclasses import dataclass

import numpy as np

from halo.config import SeriesConfig
from halo.config.domains.series import LEVELS
from halo.corpus.series.dates import shown_date
from halo.corpus.series.table import DatedValues, Dates
from halo.runtime.errors import InputError, printable
from halo.tokenization.value_bins import Floats

MIN_VALUES = 3


@dataclass(frozen=True)
class Changes:
    """What is predicted of one series.

    Attributes:
        name: Name of the series.
        dates: When each value was observed, shape (N,).
        values: What is predicted, shape (N,).
        levels: The values that the table has at these dates, shape (N,).
    """

    name: str
    dates: Dates
    values: Floats
    levels: Floats


def transform(series: DatedValues, config: SeriesConfig) -> Changes:
    """Returns what is predicted of a series; a change belongs to the date at which it has become known.

    Raises:
        InputError: The series is too short, or has a value that the transform is not defined for.
    """
    levels, name = series.values, printable(series.name)
    if len(levels) < MIN_VALUES:
        raise InputError(f"series {name}: {len(levels)} values; at least {MIN_VALUES} dates with a value are needed")
    if config.transform == LEVELS:
        return Changes(series.name, series.dates, levels, levels)
    needs = {"log_returns": levels > 0, "returns": levels != 0}.get(config.transform, np.full(len(levels), True))
    if not needs.all():
        first = int((~needs).argmax())
        allowed = "needs values above 0" if config.transform == "log_returns" else "cannot divide by 0"
        raise InputError(
            f"series {name}, {shown_date(series.dates[first])}: {levels[first]:g}; data.series.transform="
            f"{config.transform} {allowed}; use differences, or leave the series out with data.series.value_fields"
        )
    if config.transform == "log_returns":
        values = np.diff(np.log(levels))
    else:
        values = np.diff(levels) / (levels[:-1] if config.transform == "returns" else 1.0)
    if not np.isfinite(values).all():
        first = int((~np.isfinite(values)).argmax())
        raise InputError(f"series {name}, {shown_date(series.dates[first + 1])}: the change is too large for a number")
    return Changes(series.name, series.dates[1:], values, levels[1:])


def level_after(level: float, change: Floats, transform: str) -> Floats:
    """Returns the value of the table that follows `level` after a change.

    >>> level_after(100.0, np.array([0.0, 0.1]), "returns").round(6).tolist()
    [100.0, 110.0]
    """
    if transform == "log_returns":
        after: Floats = level * np.exp(change)
    elif transform == "returns":
        after = level * (1 + change)
    else:
        after = change if transform == LEVELS else level + change
    return after
