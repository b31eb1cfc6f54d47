"""Paired tests of models that differ, that are the same, and that differ by chance."""

import numpy as np
import pytest

from halo.classification.measurement.paired_tests import compare_predictions, smallest_telling_lead
from tests.support.labelled_texts import noisy_logits

TARGETS = np.random.default_rng(0).integers(3, size=300)


def test_a_better_model_is_found_and_its_intervals_exclude_zero() -> None:
    first_NC, second_NC = (
        noisy_logits(TARGETS, strength=strength, seed=seed) for seed, strength in ((1, 3.0), (2, 1.0))
    )
    test = compare_predictions(first_NC, second_NC, TARGETS)
    assert test.accuracy == pytest.approx((test.only_first - test.only_second) / 300)
    assert test.accuracy_p_value < 0.001
    assert test.macro_f1_p_value is not None
    assert test.macro_f1_p_value < 0.01
    assert test.accuracy_interval is not None
    assert test.macro_f1_interval is not None
    assert min(test.accuracy_interval.low, test.macro_f1_interval.low) > 0
    reverse = compare_predictions(second_NC, first_NC, TARGETS)
    assert (reverse.accuracy, reverse.accuracy_p_value) == (-test.accuracy, test.accuracy_p_value)


def test_a_model_is_no_better_than_itself() -> None:
    logits_NC = noisy_logits(TARGETS, strength=1.0, seed=1)
    test = compare_predictions(logits_NC, logits_NC, TARGETS)
    assert (test.accuracy, test.accuracy_p_value, test.macro_f1, test.macro_f1_p_value) == (0, 1, 0, 1)


def test_models_of_the_same_quality_are_called_different_in_about_one_case_of_twenty() -> None:
    targets_N = TARGETS[:60]
    tests = []
    for seed in range(40):
        first_NC, second_NC = (noisy_logits(targets_N, strength=1.0, seed=2 * seed + each) for each in (0, 1))
        tests.append(compare_predictions(first_NC, second_NC, targets_N))
    assert sum(test.accuracy_p_value < 0.05 for test in tests) <= 4
    assert sum((test.macro_f1_p_value or 1) < 0.05 for test in tests) <= 6


def test_one_document_has_no_intervals() -> None:
    test = compare_predictions(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]), np.array([0]))
    assert (test.accuracy, test.accuracy_interval, test.accuracy_p_value) == (1.0, None, 1.0)
    assert (test.macro_f1_interval, test.macro_f1_p_value) == (None, None)


def test_six_documents_are_the_smallest_lead_that_the_exact_test_finds() -> None:
    lead = smallest_telling_lead()
    targets_N = np.zeros(15, dtype=np.int64)
    right_NC, wrong_NC = np.tile([1.0, 0.0], (15, 1)), np.tile([1.0, 0.0], (15, 1))
    wrong_NC[:lead] = [0.0, 1.0]
    assert compare_predictions(right_NC, wrong_NC, targets_N).accuracy_p_value < 0.05
    wrong_NC[0] = [1.0, 0.0]
    assert compare_predictions(right_NC, wrong_NC, targets_N).accuracy_p_value > 0.05
