"""A series as it is forecast: its values, where its parts are, and what training has kept of it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from halo.corpus.series.transform import Changes
from halo.forecasting.distributions import Forecasts
from halo.tokenization.series_bins import SeriesBins, SeriesRecord
from halo.tokenization.value_bins import Floats

Method = Callable[[Floats, int, int], Forecasts]
"""Returns the distributions of the values at positions `first` to `last - 1`, given all values.

The one at position t may use the values before t, and what training has kept; `last` may be one beyond the values, for
the date that is yet to come. `halo.forecasting.look_ahead` checks that it uses nothing else.
"""

SECOND = np.timedelta64(1, "s")


@dataclass(frozen=True)
class SeriesHistory:
    """One series, and what a model knows of it.

    Attributes:
        changes: Its values with their dates.
        record: What the model keeps of its training part.
        bins: The settings of all its series.
    """

    changes: Changes
    record: SeriesRecord
    bins: SeriesBins

    @property
    def num_training(self) -> int:
        """The number of values until the end of training."""
        return self._until(self.bins.training_end)

    @property
    def num_known(self) -> int:
        """The number of values until the end of validation: all that the model was trained and chosen on."""
        return self._until(self.bins.validation_end)

    def _until(self, date: str) -> int:
        return int(np.searchsorted(self.changes.dates, np.datetime64(date, "s"), side="right"))

    @property
    def season(self) -> int:
        """How many steps back persistence looks; 0 for changes, of which it predicts none."""
        return self.bins.seasonal_period if self.bins.transform == "none" else 0


def persistent(values_N: Floats, season: int, first: int, last: int) -> Floats:
    """Returns what persistence predicts for positions `first` to `last - 1`: no change, or the value a season earlier.

    >>> persistent(np.array([1.0, 2.0, 3.0]), 1, 1, 4).tolist(), persistent(np.array([1.0, 2.0]), 0, 0, 2).tolist()
    ([1.0, 2.0, 3.0], [0.0, 0.0])
    """
    predicted: Floats = values_N[first - season : last - season] if season else np.zeros(last - first)
    return predicted
