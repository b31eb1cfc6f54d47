"""Calibration where it is known, and temperatures that were planted."""

import numpy as np
import pytest

from halo.classification.measurement.calibration import (
    apply_temperature,
    calibrate,
    fit_temperature,
    log_probabilities,
)


def calibrated_draw(number: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns logits, and targets that are drawn from their probabilities."""
    generator = np.random.default_rng(seed)
    logits_NC = 2 * generator.normal(size=(number, 3))
    probabilities_NC = apply_temperature(np.exp(logits_NC) / np.exp(logits_NC).sum(1, keepdims=True), 1.0)
    targets_N = np.array([generator.choice(3, p=row) for row in probabilities_NC])
    return logits_NC, targets_N


def test_the_temperature_by_which_logits_were_multiplied_is_found_and_brings_the_error_down() -> None:
    logits_NC, targets_N = calibrated_draw(3000, seed=0)
    temperature = fit_temperature(logits_NC * 3, targets_N)
    assert temperature == pytest.approx(3, rel=0.1)
    sure_NC = apply_temperature(np.exp(logits_NC) / np.exp(logits_NC).sum(1, keepdims=True), 1 / 3)
    before, after = (calibrate(each, targets_N).error for each in (sure_NC, apply_temperature(sure_NC, temperature)))
    assert (before > 0.1, after < 0.03) == (True, True)


def test_a_few_documents_that_are_all_right_do_not_make_the_temperature_zero() -> None:
    logits_NC = 4 * np.eye(3)[[0, 1, 2, 0, 1]]
    assert 0.5 < fit_temperature(logits_NC, np.array([0, 1, 2, 0, 1])) < 3


def test_bins_have_equal_numbers_of_documents_and_never_divide_equal_probabilities() -> None:
    logits_NC, targets_N = calibrated_draw(300, seed=1)
    probabilities_NC = np.exp(logits_NC) / np.exp(logits_NC).sum(1, keepdims=True)
    assert {each.documents for each in calibrate(probabilities_NC, targets_N).bins} == {20}
    constant = calibrate(np.tile([0.2, 0.5, 0.3], (300, 1)), targets_N)
    assert [each.documents for each in constant.bins] == [300]
    assert constant.error == pytest.approx(abs(0.5 - (targets_N == 1).mean()))


def test_few_documents_are_one_bin() -> None:
    calibration = calibrate(np.array([[0.6, 0.4], [0.8, 0.2]]), np.array([0, 1]))
    assert [each.documents for each in calibration.bins] == [2]
    assert calibration.error == pytest.approx(0.2)


def test_a_temperature_changes_no_prediction_and_zero_stays_finite() -> None:
    probabilities_NC = np.array([[1.0, 0.0], [0.3, 0.7]])
    cooled_NC = apply_temperature(probabilities_NC, 5.0)
    assert np.array_equal(cooled_NC.argmax(1), probabilities_NC.argmax(1))
    assert np.allclose(cooled_NC.sum(1), 1)
    assert np.isfinite(log_probabilities(probabilities_NC)).all()
