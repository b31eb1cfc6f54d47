"""How many of the minimal pairs a model gets right: in total, by paradigm, and beside the n-gram models."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from halo.evaluation.bootstrap import Interval, bootstrap_interval
from halo.scoring.comparison.statistics import RESAMPLES, wilson_interval
from halo.scoring.pairs.pair_scores import ScoredPair, outcome


@dataclass(frozen=True)
class Accuracy:
    """The accuracy of a model on a set of pairs; a tie counts as half.

    Attributes:
        items: Number of pairs.
        share: Share of pairs whose acceptable sentence is the more probable one; NaN without pairs.
        interval: Wilson's 95% interval of the share; None without pairs.
        ties: Number of ties.
    """

    items: int
    share: float
    interval: Interval | None
    ties: int

    @classmethod
    def of(cls, outcomes: Iterable[float]) -> "Accuracy":
        """Returns the accuracy of outcomes, 1, 0 or 0.5 each; those that are NaN are left out.

        >>> accuracy = Accuracy.of([1.0, 1.0, 0.5, 0.0, math.nan])
        >>> accuracy.items, accuracy.share, accuracy.ties
        (4, 0.625, 1)
        """
        counted = [each for each in outcomes if not math.isnan(each)]
        total = math.fsum(counted)
        if not counted:
            return cls(0, math.nan, None, 0)
        return cls(len(counted), total / len(counted), wilson_interval(total, len(counted)), counted.count(0.5))


@dataclass(frozen=True)
class ParadigmAccuracy:
    """The accuracy on the pairs of a paradigm.

    Attributes:
        model: Of the model.
        kneser_ney: Of a Kneser-Ney 5-gram model of its training text; without items if there is none.
        unigram: Of a unigram model; without items if there is none.
        unknown_share: Share of pairs with a word outside the vocabulary.
    """

    model: Accuracy
    kneser_ney: Accuracy
    unigram: Accuracy
    unknown_share: float

    @classmethod
    def of(cls, pairs: Sequence[ScoredPair]) -> "ParadigmAccuracy":
        """Returns the accuracy on pairs, at least one; those without a score are left out."""
        return cls(
            Accuracy.of(each.outcome for each in pairs),
            Accuracy.of(outcome(each.good.kneser_ney_bits, each.bad.kneser_ney_bits) for each in pairs),
            Accuracy.of(outcome(each.good.unigram_bits, each.bad.unigram_bits) for each in pairs),
            sum(not each.is_known for each in pairs) / len(pairs),
        )


@dataclass(frozen=True)
class PairAccuracy:
    """The accuracy of a model on all pairs.

    Attributes:
        overall: The mean over items.
        paradigms: The same of each paradigm, in the order of their names.
        known: On pairs without a word outside the vocabulary.
        per_token: By the mean surprisal of a token instead of the sum, for pairs of different lengths.
        unscored: Number of pairs that are left out because a sentence has no score.
        same: Number of pairs whose two sentences have the same ids; they are ties.
    """

    overall: ParadigmAccuracy
    paradigms: dict[str, ParadigmAccuracy]
    known: ParadigmAccuracy | None
    per_token: Accuracy
    unscored: int
    same: int

    @classmethod
    def of(cls, pairs: Sequence[ScoredPair]) -> "PairAccuracy":
        """Returns the accuracy of a model from its scores of all pairs, at least one of which has a score."""
        scored = [each for each in pairs if each.is_scored]
        by_paradigm: dict[str, list[ScoredPair]] = defaultdict(list)
        for each in scored:
            by_paradigm[each.pair.paradigm].append(each)
        known = [each for each in scored if each.is_known]
        return cls(
            ParadigmAccuracy.of(scored),
            {name: ParadigmAccuracy.of(by_paradigm[name]) for name in sorted(by_paradigm)},
            ParadigmAccuracy.of(known) if known else None,
            Accuracy.of(each.outcome_per_token for each in scored),
            len(pairs) - len(scored),
            sum(each.is_same for each in scored),
        )

    def paradigm_mean(self, model: str = "model") -> float:
        """Returns the mean over paradigms, each with the same weight; NaN if a paradigm has no accuracy.

        Args:
            model: `model`, `kneser_ney` or `unigram`.
        """
        return float(np.mean(self._shares(model)))

    def paradigm_interval(self, model: str = "model") -> Interval | None:
        """Returns the bootstrap interval of that mean over paradigms; None with fewer than two paradigms."""
        shares = self._shares(model)
        return None if np.isnan(shares).any() else bootstrap_interval(shares, np.ones(len(shares)), resamples=RESAMPLES)

    def _shares(self, model: str) -> Any:
        return np.array([getattr(each, model).share for each in self.paradigms.values()])

    def as_dict(self) -> dict[str, Any]:
        """Returns all figures as plain data, for metrics.json; what there is none of is None."""
        figures = {
            **asdict(self),
            "mean_over_paradigms": {name: self.paradigm_mean(name) for name in ("model", "kneser_ney", "unigram")},
            "mean_over_paradigms_interval": self.paradigm_interval(),
        }
        plain: dict[str, Any] = _without_nan(figures)
        return plain


def _without_nan(value: Any) -> Any:
    """Returns plain data with None for NaN, which JSON has not."""
    if isinstance(value, dict):
        return {key: _without_nan(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(each) for each in value]
    return None if isinstance(value, float) and math.isnan(value) else value
