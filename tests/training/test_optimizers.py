"""Optimizers do what their settings say."""

from typing import Any

import pytest
import torch
from torch import nn

from halo.config import AdamConfig, AdamWConfig, CustomConfig, SGDConfig
from halo.models.model_spec import build_model
from halo.runtime.errors import InputError
from halo.training.optimizers import learning_rate_of, make_optimizer
from tests.conftest import MODELS, model_config, vocabulary


@pytest.fixture
def model() -> nn.Module:
    tied = nn.ModuleDict({"embedding": nn.Embedding(5, 3), "output": nn.Linear(3, 5)})
    tied["output"].weight = tied["embedding"].weight
    return tied


def test_shared_weights_are_given_once_and_biases_do_not_decay(model: nn.Module) -> None:
    optimizer = make_optimizer(SGDConfig(name="sgd", lr=0.1, weight_decay=0.5, momentum=0.0), model, fused=False)
    decaying, free = optimizer.param_groups
    assert [p.shape for p in decaying["params"]] == [(5, 3)]
    assert decaying["weight_decay"] == 0.5
    assert [p.shape for p in free["params"]] == [(5,)]
    assert free["weight_decay"] == 0


@pytest.mark.parametrize("name", MODELS)
def test_every_weight_is_given_once_and_only_matrices_decay(name: str) -> None:
    network = build_model(model_config(name), vocabulary(20))
    optimizer = make_optimizer(SGDConfig(name="sgd", lr=0.1, weight_decay=0.5, momentum=0.0), network, fused=False)
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    decaying, free = ([names[id(p)] for p in group["params"]] for group in optimizer.param_groups)
    assert sorted(decaying + free) == sorted(names.values())
    assert all("bias" in name or "norm" in name for name in free)
    assert not any("bias" in name or "norm" in name for name in decaying)
    assert any(name.startswith("embedding.") for name in decaying)


def test_adam_is_the_one_whose_decay_is_in_the_gradient(model: nn.Module) -> None:
    optimizer = make_optimizer(AdamConfig(name="adam", lr=0.1, weight_decay=0, betas=[0.8, 0.9]), model, fused=False)
    assert type(optimizer) is torch.optim.Adam
    assert optimizer.param_groups[0]["betas"] == (0.8, 0.9)


def test_adamw_takes_its_betas(model: nn.Module) -> None:
    optimizer = make_optimizer(AdamWConfig(name="adamw", lr=0.1, weight_decay=0, betas=[0.8, 0.9]), model, fused=False)
    assert isinstance(optimizer, torch.optim.AdamW)
    assert optimizer.param_groups[0]["betas"] == (0.8, 0.9)


class Sign(torch.optim.Optimizer):
    """Moves each weight by the learning rate against the sign of its gradient."""

    def __init__(self, params: Any, lr: float = 0.1, weight_decay: float = 0.5) -> None:
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    weight.mul_(1 - group["lr"] * group["weight_decay"]).sub_(group["lr"] * weight.grad.sign())


class NoRate(torch.optim.Optimizer):
    def __init__(self, params: Any) -> None:
        super().__init__(params, {})


def custom(name: str, **arguments: Any) -> CustomConfig:
    return CustomConfig(target=f"{__name__}.{name}", arguments=arguments)


def test_an_optimizer_of_the_users_own_decays_weights_but_not_biases(model: nn.Module) -> None:
    decaying, free = make_optimizer(custom("Sign", lr=0.2), model, fused=True).param_groups
    assert (decaying["weight_decay"], free["weight_decay"]) == (0.5, 0)  # the default of the class
    assert (decaying["lr"], free["lr"]) == (0.2, 0.2)
    assert (decaying["name"], free["name"]) == ("weights", "biases")
    decaying, free = make_optimizer(custom("Sign", weight_decay=0.3), model, fused=True).param_groups
    assert (decaying["weight_decay"], free["weight_decay"]) == (0.3, 0)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            custom("Sign", momentum=0.9),
            r"^optim: Sign cannot be constructed \(TypeError: .*'momentum'\); correct",
        ),
        (custom("NoRate"), r"^optim\._target_=.*NoRate: its parameter groups must have an lr"),
        (CustomConfig("torch.nn.Linear", {}), r"^optim\._target_=torch\.nn\.Linear: not a subclass of torch\.optim\."),
        (
            CustomConfig("torch.optim.SGD", {"lr": -1}),
            r"^optim: SGD cannot be constructed \(ValueError: Invalid",
        ),
        (
            CustomConfig("torch.optim.SGD", {"fused": True}),
            r"^optim\.fused=True: must be false with trainer",
        ),
    ],
)
def test_what_is_no_usable_optimizer_is_rejected_in_one_line(
    model: nn.Module, config: CustomConfig, message: str
) -> None:
    with pytest.raises(InputError, match=message) as raised:
        make_optimizer(config, model, fused=False)
    assert "\n" not in str(raised.value)


def test_the_learning_rate_is_that_of_the_settings() -> None:
    assert learning_rate_of(SGDConfig(name="sgd", lr=20, weight_decay=0, momentum=0)) == 20
    assert learning_rate_of(custom("Sign", lr=0.2)) == 0.2
    assert learning_rate_of(custom("Sign")) is None
