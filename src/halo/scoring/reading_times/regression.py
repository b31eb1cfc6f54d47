"""Gain in log-likelihood that surprisal brings to a regression of reading times, cross-validated by text.

As Goodkind and Bicknell (2018), Predictive power of word surprisal for reading times is a linear function of language
model quality, and Wilcox et al. (2020), On the predictive power of neural language models for human real-time
comprehension behavior: a linear model with surprisal of the word and the words before it is compared with one of
length and log frequency alone, by the mean log-likelihood per word of data that neither has seen. The models are fitted
to the mean reading time of each word; there are no random effects of readers.

Shape letters: N rows, P predictors, G texts.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.evaluation.bootstrap import Interval, bootstrap_interval
from halo.runtime.errors import InputError
from halo.scoring.comparison.statistics import RESAMPLES, sign_flip_p_value
from halo.scoring.reading_times.observations import Floats, Observations

MIN_ROWS_PER_PREDICTOR = 2
INTERCEPT = "intercept"


class Coefficient(NamedTuple):
    """A coefficient of the regression with surprisal, fitted to all rows.

    Attributes:
        name: The predictor.
        value: Milliseconds per unit: per character, per tenfold frequency, per bit.
        standard_error: Robust for the rows of a text, which depend on each other (clustered by text).
        t: Value divided by standard error.
        p_value: Two-sided, of the t distribution with one degree of freedom less than there are texts.
    """

    name: str
    value: float
    standard_error: float
    t: float
    p_value: float


@dataclass(frozen=True)
class ReadingTimeGain:
    """What surprisal adds to the prediction of reading times.

    Attributes:
        nats_per_word: Gain in held-out log-likelihood, the mean over all rows.
        interval: Its 95% interval over resampled texts.
        p_value: One-sided p-value of a permutation test over texts: the gain of a text could as well be a loss.
        texts_with_gain: Number of texts whose held-out log-likelihood is higher with surprisal.
        by_text: The gain of each text, in nats per word.
        baseline_nats_per_word: Held-out log-likelihood of the regression without surprisal.
        rows: Number of rows.
        folds: Number of folds; all rows of a text are in the same one.
        coefficients: Those of the regression with surprisal on all rows.
        r_squared: Share of the variance that this regression explains on all rows.
        baseline_r_squared: The same of the regression without surprisal.
    """

    nats_per_word: float
    interval: Interval | None
    p_value: float | None
    texts_with_gain: int
    by_text: dict[str, float]
    baseline_nats_per_word: float
    rows: int
    folds: int
    coefficients: tuple[Coefficient, ...]
    r_squared: float
    baseline_r_squared: float


def reading_time_gain(observations: Observations, *, folds: int) -> ReadingTimeGain:
    """Returns the gain in log-likelihood that surprisal brings; needs the package statsmodels.

    Args:
        observations: The rows.
        folds: Number of folds, at most; never more than there are texts.

    Raises:
        InputError: There are fewer than two texts with rows, or too few rows.
    """
    texts_N, times_N = observations.texts_N, observations.times_N
    texts = np.unique(texts_N)
    if len(texts) < 2:
        raise InputError(
            f"predicts: {len(texts)} text with usable reading times; cross-validation needs at least two texts, so "
            "that no text is in both parts: name the column of the text with group_field"
        )
    baseline_NP = _with_intercept(observations.controls_NP)
    full_NP = np.hstack([baseline_NP, observations.surprisals_NP])
    fold_of = {int(text): number % min(folds, len(texts)) for number, text in enumerate(texts)}
    folds_N = np.array([fold_of[int(text)] for text in texts_N])
    smallest = min(int((folds_N != fold).sum()) for fold in set(fold_of.values()))
    if smallest < MIN_ROWS_PER_PREDICTOR * full_NP.shape[1]:
        raise InputError(
            f"predicts: only {len(times_N):,} words have a usable reading time, too few for {full_NP.shape[1]} "
            "coefficients; give more words"
        )
    baseline_N, with_surprisal_N = (_held_out(times_N, each, folds_N) for each in (baseline_NP, full_NP))
    gains_N = with_surprisal_N - baseline_N
    sums_G = np.array([gains_N[texts_N == text].sum() for text in texts])
    counts_G = np.array([(texts_N == text).sum() for text in texts])
    names = [INTERCEPT, *observations.control_names, *observations.surprisal_names]
    fitted, r_squared = _fit_all(times_N, full_NP, texts_N, names)
    _, baseline_r_squared = _fit_all(times_N, baseline_NP, texts_N, names[: baseline_NP.shape[1]])
    return ReadingTimeGain(
        float(gains_N.mean()),
        bootstrap_interval(sums_G, counts_G, resamples=RESAMPLES),
        sign_flip_p_value(sums_G / counts_G),
        int((sums_G > 0).sum()),
        {observations.text_ids[text]: float(mean) for text, mean in zip(texts, sums_G / counts_G, strict=True)},
        float(baseline_N.mean()),
        len(times_N),
        len(set(fold_of.values())),
        fitted,
        r_squared,
        baseline_r_squared,
    )


def _with_intercept(predictors_NP: Floats) -> Floats:
    return np.hstack([np.ones((len(predictors_NP), 1)), predictors_NP])


def _held_out(times_N: Floats, predictors_NP: Floats, folds_N: npt.NDArray[Any]) -> Floats:
    """Returns the log-likelihood of each row under a regression that was fitted to the other folds, in nats."""
    log_likelihoods_N = np.empty(len(times_N))
    for fold in np.unique(folds_N):
        is_test_N = folds_N == fold
        train_NP, train_N = predictors_NP[~is_test_N], times_N[~is_test_N]
        weights_P = np.linalg.lstsq(train_NP, train_N, rcond=None)[0]
        variance = float(np.square(train_N - train_NP @ weights_P).mean())
        residuals_N = times_N[is_test_N] - predictors_NP[is_test_N] @ weights_P
        variance = max(variance, np.finfo(float).tiny)
        log_likelihoods_N[is_test_N] = -0.5 * (np.log(2 * np.pi * variance) + np.square(residuals_N) / variance)
    return log_likelihoods_N


def _fit_all(
    times_N: Floats, predictors_NP: Floats, texts_N: npt.NDArray[Any], names: list[str]
) -> tuple[tuple[Coefficient, ...], float]:
    """Returns the coefficients of a regression on all rows, and the share of the variance that it explains."""
    from statsmodels.api import OLS

    clusters = {"groups": texts_N, "use_correction": True}
    fitted = OLS(times_N, predictors_NP).fit(cov_type="cluster", cov_kwds=clusters, use_t=True)
    columns = (fitted.params, fitted.bse, fitted.tvalues, fitted.pvalues)
    rows = zip(names, *(map(float, each) for each in columns), strict=True)
    return tuple(Coefficient(*row) for row in rows), float(fitted.rsquared)
