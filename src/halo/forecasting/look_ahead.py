"""Whether a forecast depends on values that come later, found by changing them.

Every method gets all values and the position to forecast, so that a model reads a series once. That it uses the past
alone is not taken on trust: the values from a date on are replaced, and its forecast must stay the same to the last bit
that matters.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from halo.corpus.series.dates import shown_date
from halo.forecasting.history import Method, SeriesHistory
from halo.runtime.errors import InputError
from halo.tokenization.value_bins import Floats

NUM_DATES = 3
AHEAD = 8
"""Number of further positions that are asked for, whose inputs are changed: a method that reads ahead gets them."""
TOLERANCE = 1e-6
LEVELS = np.array([0.025, 0.25, 0.5, 0.75, 0.975])


def check_no_look_ahead(methods: Mapping[str, Method], history: SeriesHistory, positions: Sequence[int]) -> None:
    """Checks that forecasts do not change with the value of their date, or a later one.

    Args:
        methods: The methods by name.
        history: The series.
        positions: The positions of the dates at which it is tried.

    Raises:
        InputError: A forecast changes.
    """
    values_N = history.changes.values
    for position in positions:
        changed_N = values_N.copy()
        changed_N[position:] = -3 * changed_N[position:] + 2 * history.record.spread
        for name, method in methods.items():
            before, after = (_described(method, each, position) for each in (values_N, changed_N))
            if not np.allclose(before, after, rtol=TOLERANCE, atol=TOLERANCE * history.record.spread):
                date = shown_date(history.changes.dates[position])
                raise InputError(
                    f"series {history.changes.name}, {name}: its forecast for {date} changes with values of that date "
                    "and later: it looks ahead, and its figures would be worthless; correct the method"
                )


def _described(method: Method, values_N: Floats, position: int) -> Floats:
    """Returns quantiles of the forecast for a position."""
    last = min(position + AHEAD, len(values_N))
    quantiles_L: Floats = method(values_N, position, last).at(slice(0, 1)).quantiles(LEVELS)[0]
    return quantiles_L


def positions_to_check(first: int, last: int) -> list[int]:
    """Returns some positions from `first` to `last - 1`, evenly spread.

    >>> positions_to_check(10, 20), positions_to_check(5, 6)
    ([10, 14, 19], [5])
    """
    return sorted({int(each) for each in np.linspace(first, last - 1, NUM_DATES)})
