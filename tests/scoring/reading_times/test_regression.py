"""The gain in log-likelihood is found where there is one, and each text is predicted by the others alone."""

import numpy as np
import pytest

from halo.runtime.errors import InputError
from halo.scoring.reading_times.regression import reading_time_gain
from tests.support.timed_words import made_up_observations


def test_a_real_effect_is_a_gain() -> None:
    gain = reading_time_gain(made_up_observations(ms_per_bit=8.0), folds=10)
    assert (gain.rows, gain.folds, gain.texts_with_gain) == (6 * 78, 6, 6)
    assert gain.interval is not None
    assert 0 < gain.interval.low < gain.nats_per_word < gain.interval.high
    assert gain.p_value == 1 / 64
    assert gain.r_squared > gain.baseline_r_squared
    coefficients = {each.name: each for each in gain.coefficients}
    assert coefficients["surprisal, word"].value == pytest.approx(8.0, abs=1.5)
    assert coefficients["length, word"].value == pytest.approx(10.0, abs=1.5)
    assert coefficients["surprisal, word"].p_value < 0.01 < coefficients["surprisal, two before"].p_value


def test_no_effect_is_no_gain() -> None:
    gain = reading_time_gain(made_up_observations(ms_per_bit=0.0), folds=10)
    assert gain.nats_per_word < 0.01
    assert gain.p_value is not None
    assert gain.p_value > 0.05


def test_the_gain_is_that_of_regressions_that_have_not_seen_the_text() -> None:
    rows = made_up_observations(texts=3)
    gain = reading_time_gain(rows, folds=3)
    total = 0.0
    for text in range(3):
        train, test = rows.texts_N != text, rows.texts_N == text
        for predictors, sign in ((rows.controls_NP, -1), (np.hstack([rows.controls_NP, rows.surprisals_NP]), 1)):
            design = np.column_stack([np.ones(len(predictors)), predictors])
            weights = np.linalg.pinv(design[train]) @ rows.times_N[train]
            variance = np.var(rows.times_N[train] - design[train] @ weights)
            residuals = rows.times_N[test] - design[test] @ weights
            total += sign * (-0.5 * np.log(2 * np.pi * variance) - residuals**2 / (2 * variance)).sum()
    assert gain.nats_per_word == pytest.approx(total / len(rows.times_N))


@pytest.mark.parametrize(
    ("texts", "length", "message"), [(1, 80, "1 text with usable reading times"), (2, 5, "only 6 words.*too few")]
)
def test_too_little_is_refused(texts: int, length: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        reading_time_gain(made_up_observations(texts=texts, length=length), folds=10)
