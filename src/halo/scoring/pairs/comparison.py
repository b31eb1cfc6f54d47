"""The accuracy of two models on the same minimal pairs, compared item by item."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from halo.evaluation.bootstrap import Interval, bootstrap_interval
from halo.scoring.comparison.statistics import RESAMPLES, mcnemar_p_value
from halo.scoring.pairs.pair_scores import ScoredPair


@dataclass(frozen=True)
class PairComparison:
    """The difference in accuracy of another model from the first one, on the pairs that both have scored.

    Attributes:
        name: The other model.
        items: Number of these pairs.
        difference: Accuracy of the other model minus that of the first one; a tie counts as half.
        interval: Its 95% interval over resampled pairs; None with fewer than two.
        only_other: Number of pairs that only the other model gets right, and the first one wrong; ties are neither.
        only_first: The same the other way round.
        p_value: Exact two-sided p-value of McNemar's test of these two numbers.
        known_difference: The difference on pairs without a word that one of the models does not know; None if there
            are none.
    """

    name: str
    items: int
    difference: float
    interval: Interval | None
    only_other: int
    only_first: int
    p_value: float
    known_difference: float | None


def compare_pairs(name: str, first: Sequence[ScoredPair], other: Sequence[ScoredPair]) -> PairComparison:
    """Returns the difference of another model from the first one.

    Args:
        name: The other model.
        first: The scores of the first model.
        other: The scores of the other model, of the same pairs in the same order.
    """
    both = [each for each in zip(first, other, strict=True) if each[0].is_scored and each[1].is_scored]
    outcomes_N2 = np.array([[left.outcome, right.outcome] for left, right in both]).reshape(-1, 2)
    differences_N = outcomes_N2[:, 1] - outcomes_N2[:, 0]
    is_known_N = np.array([left.is_known and right.is_known for left, right in both], dtype=bool)
    only_other, only_first = int((differences_N == 1).sum()), int((differences_N == -1).sum())
    return PairComparison(
        name,
        len(both),
        float(differences_N.mean()) if both else 0.0,
        bootstrap_interval(differences_N, np.ones(len(both)), resamples=RESAMPLES),
        only_other,
        only_first,
        mcnemar_p_value(only_first, only_other),
        float(differences_N[is_known_N].mean()) if is_known_N.any() else None,
    )
