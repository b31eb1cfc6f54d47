"""Calibration: the ranges hold every token, and a model that is right as often as it says has no error."""

import numpy as np
import pytest

from halo.reports.run_page.analysis.calibration import calibrate


def test_a_calibrated_model_has_hardly_an_error() -> None:
    generator = np.random.default_rng(0)
    probabilities = generator.random(20_000)
    calibration = calibrate(probabilities, generator.random(20_000) < probabilities)
    assert calibration.error < 0.02
    assert sum(each.tokens for each in calibration.bins) == 20_000
    assert sum(each.interval[0] <= each.predicted <= each.interval[1] for each in calibration.bins) >= 8


def test_the_error_is_the_mean_distance_over_the_tokens() -> None:
    probabilities = np.array([0.05, 0.05, 0.95, 1.0])
    calibration = calibrate(probabilities, np.array([False, True, True, True]))
    assert [each.tokens for each in calibration.bins] == [2, 2]
    assert calibration.error == pytest.approx((2 * 0.45 + 2 * 0.025) / 4)
    low, high = calibration.bins[1].interval
    assert 0 < low < high == 1
