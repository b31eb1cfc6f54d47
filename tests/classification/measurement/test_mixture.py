"""Mixtures of models that know different things, and of one with noise."""

import numpy as np
import pytest

from halo.classification.measurement.calibration import apply_temperature
from halo.classification.measurement.figures import cross_entropy
from halo.classification.measurement.mixture import fit_mixture
from tests.support.labelled_texts import noisy_logits

TARGETS = np.random.default_rng(0).integers(3, size=700)


def probabilities(strength: float, seed: int) -> np.ndarray:
    logits_NC = noisy_logits(TARGETS, strength=strength, seed=seed)
    shares_NC: np.ndarray = np.exp(logits_NC) / np.exp(logits_NC).sum(axis=1, keepdims=True)
    return shares_NC


def test_two_independent_models_are_better_together() -> None:
    first_NC, second_NC = probabilities(1.5, 1), probabilities(1.5, 2)
    mixture = fit_mixture(first_NC, second_NC, TARGETS)
    assert mixture.weight == pytest.approx(0.5, abs=0.1)
    mixed_NC = mixture.apply(first_NC, second_NC)
    assert np.allclose(mixed_NC.sum(axis=1), 1)
    assert cross_entropy(mixed_NC, TARGETS) < min(cross_entropy(each, TARGETS) for each in (first_NC, second_NC)) - 0.1


def test_noise_gets_hardly_any_weight() -> None:
    assert fit_mixture(probabilities(1.5, 1), probabilities(0.0, 2), TARGETS).weight <= 0.1
    assert fit_mixture(probabilities(0.0, 1), probabilities(1.5, 2), TARGETS).weight >= 0.9


def test_the_mixture_of_a_model_with_itself_is_the_calibrated_model() -> None:
    first_NC = probabilities(1.5, 1)
    mixture = fit_mixture(first_NC, first_NC, TARGETS)
    assert np.allclose(mixture.apply(first_NC, first_NC), apply_temperature(first_NC, mixture.temperature))
