"""Where the parts of a series are."""

import numpy as np

from tests.support.series import history_of


def test_parts_end_at_the_dates_of_the_model() -> None:
    history = history_of(np.random.default_rng(0).normal(size=100))
    assert (history.num_training, history.num_known, history.season) == (60, 80, 0)
    assert history_of(np.random.default_rng(0).normal(size=100), transform="none", seasonal_period=7).season == 7
