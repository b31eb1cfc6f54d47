"""Tests of a model against each baseline, and the line that says which it is better than."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from halo.comparing.significance import Difference, holm
from halo.forecasting.mean_differences import mean_interval
from halo.forecasting.scores import Scores

SIGNIFICANT = 0.05


class BaselineTest(NamedTuple):
    """The differences of a model's scores from a baseline's, with p-values corrected for the number of baselines.

    Attributes:
        log_score: Difference of the log scores: above 0 where the model is better.
        log_score_p: Its p-value, corrected.
        crps: Difference of the CRPS: below 0 where the model is better.
        crps_p: Its p-value, corrected.
    """

    log_score: Difference
    log_score_p: float
    crps: Difference
    crps_p: float

    def as_dict(self) -> dict[str, Any]:
        """Returns the test as plain data."""
        return {
            "log_score": {**self.log_score._asdict(), "p_value_holm": self.log_score_p},
            "crps": {**self.crps._asdict(), "p_value_holm": self.crps_p},
        }


def compare_with(model: Scores, baselines: Mapping[str, Scores]) -> dict[str, BaselineTest]:
    """Returns the tests of a model against each baseline; empty with too few dates for any.

    The p-values of each score are corrected for the number of baselines by Holm's method (1979).
    """
    log_scores = [mean_interval(model.log_score_N - each.log_score_N) for each in baselines.values()]
    crps = [mean_interval(model.crps_N - each.crps_N) for each in baselines.values()]
    if any(each.low is None for each in [*log_scores, *crps]):
        return {}
    log_score_p, crps_p = (holm([each.p_value for each in differences]) for differences in (log_scores, crps))
    parts = zip(log_scores, log_score_p, crps, crps_p, strict=True)
    return {name: BaselineTest(*each) for name, each in zip(baselines, parts, strict=True)}


def verdict(tests: Mapping[str, BaselineTest], names: Mapping[str, str]) -> str:
    """Returns which baselines the model is better than, no better than, and worse than, by the log score.

    Args:
        tests: The tests by baseline.
        names: What each baseline is called.
    """
    if not tests:
        return "too few dates to tell the model from the baselines"
    groups: dict[str, list[str]] = {"better than": [], "no better than": [], "worse than": []}
    for name, test in tests.items():
        is_found = test.log_score_p < SIGNIFICANT
        group = "no better than" if not is_found else "better than" if test.log_score.value > 0 else "worse than"
        groups[group].append(names[name])
    parts = [f"{group} {_listed(members)}" for group, members in groups.items() if members]
    return "; ".join(parts)


def _listed(members: list[str]) -> str:
    return " and ".join(part for part in (", ".join(members[:-1]), members[-1]) if part)
