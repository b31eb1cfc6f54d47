"""How much each setting matters for good figures: PED-ANOVA over the compared runs, computed by Optuna."""

import contextlib
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from halo.comparing.page.charts.values import is_logarithmic, is_number, setting_text
from halo.runtime.errors import packages_of_extra

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

MIN_RUNS = 8
"""Runs below which importance says nothing."""
MIN_GOOD = 5
"""Runs that are needed among the good ones (Optuna's advice for this measure)."""


class Importance(NamedTuple):
    """The importance of settings.

    Attributes:
        shares: The share of each setting, the largest first; all of them are 1 together.
        good_share: The share of the runs that count as good.
        runs: The number of runs.
    """

    shares: dict[str, float]
    good_share: float
    runs: int


def importance_of(
    settings: Sequence[Mapping[str, Any]],
    figures: Sequence[float],
    keys: Sequence[str],
    *,
    is_log: Mapping[str, bool],
) -> Importance:
    """Returns how much each setting decides whether a run is among the good ones.

    The measure is PED-ANOVA (Watanabe, Bansal and Hutter 2023, PED-ANOVA: Efficiently Quantifying Hyperparameter
    Importance in Arbitrary Subspaces): how much the values of good runs are distributed otherwise than those of all.

    Args:
        settings: Those of each run, at least `MIN_RUNS` of them.
        figures: What each run reached; lower is better.
        keys: The settings that vary, which every run has.
        is_log: Whether the range of a setting is logarithmic, where that is known.

    Raises:
        InputError: Optuna is not installed.
    """
    with packages_of_extra("sweep", purpose="the importance of settings"):
        import optuna
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    good_share = min(0.5, max(0.1, MIN_GOOD / len(figures)))
    spaces = {key: _space([each[key] for each in settings], is_log=is_log.get(key)) for key in keys}
    storage = optuna.storages.InMemoryStorage()
    with _silence():
        study = optuna.create_study(storage=storage)
    for values, figure in zip(settings, figures, strict=True):
        given = {key: _value(values[key], spaces[key]) for key in keys}
        study.add_trial(optuna.trial.create_trial(params=given, distributions=spaces, value=figure))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the measure is new; many runs may have the same figure
        evaluator = PedAnovaImportanceEvaluator(target_quantile=good_share)
        shares = get_param_importances(study, evaluator=evaluator, params=[*keys])
    finite = {key: share if math.isfinite(share) else 0.0 for key, share in shares.items()}
    ordered = sorted(finite.items(), key=lambda item: -item[1])
    return Importance(dict(ordered), good_share, len(figures))


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Leaves out Optuna's line about a new study."""
    from optuna import logging

    before = logging.get_verbosity()
    logging.set_verbosity(logging.WARNING)
    try:
        yield
    finally:
        logging.set_verbosity(before)


def _space(values: Sequence[Any], *, is_log: bool | None) -> "BaseDistribution":
    """Returns the range of a setting in the runs.

    Args:
        values: Of the runs.
        is_log: Whether it is logarithmic; None to go by the range of the numbers.
    """
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if not all(is_number(value) and math.isfinite(value) for value in values):
        return CategoricalDistribution(sorted({setting_text(value) for value in values}))
    low, high = float(min(values)), float(max(values))
    return FloatDistribution(low, high, log=is_logarithmic(low, high, is_log))


def _value(value: Any, space: "BaseDistribution") -> Any:
    from optuna.distributions import CategoricalDistribution

    return setting_text(value) if isinstance(space, CategoricalDistribution) else float(value)
