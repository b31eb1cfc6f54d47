"""The gradient of a training step."""

import math

import pytest
import torch
from torch import Tensor

from halo.runtime.errors import InputError
from halo.showing.gradients import gradient_norms
from halo.showing.walkthrough import first_windows
from tests.conftest import MODELS
from tests.support.lessons import material_of


@pytest.mark.parametrize("name", MODELS)
def test_clipping_scales_every_group_alike_and_changes_nothing_of_the_model(name: str) -> None:
    material = material_of(name)
    window = first_windows(material)[0]
    weights = {key: weight.clone() for key, weight in material.network.state_dict().items()}
    random_state: Tensor = torch.get_rng_state()
    norms = gradient_norms(material.network, window, max_norm=0.01, seed=3)
    assert norms == gradient_norms(material.network, window, max_norm=0.01, seed=3)
    assert math.hypot(*norms.before.values()) == pytest.approx(norms.total, rel=1e-5)
    assert math.hypot(*norms.after.values()) == pytest.approx(0.01, rel=1e-4)
    for group, norm in norms.before.items():
        assert norms.after[group] == pytest.approx(norm * 0.01 / norms.total, rel=1e-4)
    assert sum(norms.num_weights.values()) == sum(weight.numel() for weight in material.network.parameters())
    assert torch.equal(random_state, torch.get_rng_state())
    assert not material.network.training
    assert all(weight.grad is None for weight in material.network.parameters())
    assert all(torch.equal(weights[key], weight) for key, weight in material.network.state_dict().items())


def test_a_gradient_below_the_limit_stays_as_it_is() -> None:
    material = material_of()
    norms = gradient_norms(material.network, first_windows(material)[0], max_norm=1e6, seed=1)
    assert norms.after == pytest.approx(norms.before)


def test_a_loss_that_is_not_finite_is_an_error() -> None:
    material = material_of()
    with torch.no_grad():
        next(material.network.parameters()).fill_(1e38)
    with pytest.raises(InputError, match="not a finite number"):
        gradient_norms(material.network, first_windows(material)[0], max_norm=1.0, seed=1)
