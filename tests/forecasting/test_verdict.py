"""Verdicts with known answers."""

import numpy as np

from halo.forecasting.baselines import expanding, historical, persistence
from halo.forecasting.distributions import NormalForecasts
from halo.forecasting.garch import garch
from halo.forecasting.history import Method
from halo.forecasting.scores import Scores
from halo.forecasting.verdict import compare_with, verdict
from halo.tokenization.value_bins import Floats
from tests.support.series import garch_values, history_of

NAMES = {"persistence": "persistence", "garch": "GARCH(1,1)", "expanding": "that so far"}


def scored(method: Method, values: Floats, first: int) -> Scores:
    return Scores.of(method(values, first, len(values)), values[first:])


def test_volatility_that_clusters_is_worse_without_garch() -> None:
    values = garch_values(1500)
    history = history_of(values)
    model = scored(historical(history), values, 1200)
    found = scored(garch(history, errors="normal", refit=300), values, 1200)
    assert verdict(compare_with(model, {"garch": found}), NAMES) == "worse than GARCH(1,1)"
    assert verdict(compare_with(found, {"garch": model}), NAMES) == "better than GARCH(1,1)"


def test_noise_is_no_better_than_persistence() -> None:
    values = np.random.default_rng(4).normal(size=1500)
    history = history_of(values)
    model = scored(expanding(history), values, 1200)
    truth = scored(lambda x, first, last: NormalForecasts(np.zeros(last - first), np.ones(last - first)), values, 1200)
    assert verdict(compare_with(truth, {"persistence": scored(persistence(history), values, 1200)}), NAMES) == (
        "no better than persistence"
    )
    assert verdict(compare_with(model, {"expanding": model}), NAMES) == "no better than that so far"


def test_p_values_are_corrected_for_the_number_of_baselines() -> None:
    values = garch_values(600)
    history = history_of(values)
    baselines = {name: scored(method(history), values, 480) for name, method in (("a", persistence), ("b", historical))}
    tests = compare_with(scored(expanding(history), values, 480), baselines)
    for each in tests.values():
        assert each.log_score.p_value <= each.log_score_p <= min(1, 2 * each.log_score.p_value + 1e-12)


def test_too_few_dates() -> None:
    values = np.random.default_rng(3).normal(size=100)
    few = scored(persistence(history_of(values)), values, 95)
    assert (
        verdict(compare_with(few, {"persistence": few}), NAMES) == "too few dates to tell the model from the baselines"
    )
