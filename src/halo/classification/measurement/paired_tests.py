"""Whether one classifier is better than another on the same documents, or whether it could be chance.

Shape letters: N documents, R resamples.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.classification.measurement.figures import QUANTILES, Floats, macro_f1, resampled_macro_f1
from halo.evaluation.bootstrap import Interval, resampled_groups
from halo.scoring.comparison.statistics import mcnemar_p_value

RESAMPLES = 2000
LEVEL = 0.05
"""A difference with a p-value below this is taken for more than chance."""


class PairedTest(NamedTuple):
    """The difference of two models on the same documents.

    Attributes:
        only_first: Number of documents that only the first model gets right.
        only_second: The same of the second model.
        accuracy: Accuracy of the first model minus that of the second.
        accuracy_interval: Its 95% percentile interval over resampled documents; None with fewer than two documents.
        accuracy_p_value: Two-sided p-value of McNemar's exact test (1947).
        macro_f1: Macro-F1 of the first model minus that of the second.
        macro_f1_interval: Its 95% percentile interval over resampled documents.
        macro_f1_p_value: Two-sided p-value of the paired bootstrap; None with fewer than two documents.
    """

    only_first: int
    only_second: int
    accuracy: float
    accuracy_interval: Interval | None
    accuracy_p_value: float
    macro_f1: float
    macro_f1_interval: Interval | None
    macro_f1_p_value: float | None


def compare_predictions(first_NC: Floats, second_NC: Floats, targets_N: npt.NDArray[Any]) -> PairedTest:
    """Returns the paired tests of two models' probabilities.

    Documents are resampled, the same ones for both models. The p-value of the macro-F1 is twice the share of resamples
    in which the difference has the other sign or none (Efron and Tibshirani 1993).

    Args:
        first_NC: The probabilities of the first model.
        second_NC: Those of the second.
        targets_N: The class of each document.
    """
    num_documents, num_classes = first_NC.shape
    guesses = [probabilities_NC.argmax(axis=1) for probabilities_NC in (first_NC, second_NC)]
    first_N, second_N = (guesses_N == targets_N for guesses_N in guesses)
    gain_N = first_N.astype(np.float64) - second_N
    only_first, only_second = int((gain_N > 0).sum()), int((gain_N < 0).sum())
    scores = [macro_f1(guesses_N, targets_N, num_classes) for guesses_N in guesses]
    accuracy_interval = f1_interval = p_value = None
    if num_documents > 1:
        accuracies, differences = [], []
        for drawn_RN in resampled_groups(num_documents, RESAMPLES):
            accuracies.append(gain_N[drawn_RN].mean(axis=1))
            f1_R, other_R = (resampled_macro_f1(each_N, targets_N, drawn_RN, num_classes) for each_N in guesses)
            differences.append(f1_R - other_R)
        accuracy_interval = _percentiles(np.concatenate(accuracies))
        differences_R = np.concatenate(differences)
        f1_interval = _percentiles(differences_R)
        further = min(int((differences_R <= 0).sum()), int((differences_R >= 0).sum()))
        p_value = min(1.0, 2 * (further + 1) / (len(differences_R) + 1))
    return PairedTest(
        only_first,
        only_second,
        float(gain_N.mean()),
        accuracy_interval,
        mcnemar_p_value(only_first, only_second),
        scores[0] - scores[1],
        f1_interval,
        p_value,
    )


def _percentiles(values_R: Floats) -> Interval:
    low, high = np.quantile(values_R, QUANTILES)
    return Interval(float(low), float(high))


def smallest_telling_lead() -> int:
    """Returns how many documents one model must get right alone before McNemar's test finds it better.

    This holds where the other model is never the only one that is right; otherwise the lead has to be larger.

    >>> smallest_telling_lead()
    6
    """
    lead = 1
    while mcnemar_p_value(lead, 0) >= LEVEL:
        lead += 1
    return lead
