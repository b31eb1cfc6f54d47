"""Optimizers and schedules do what their settings say."""

import math

import pytest
import torch
from torch import nn

from halo.config import AdamWConfig, OneCycleConfig, PlateauConfig, SGDConfig
from halo.errors import InputError
from halo.training.optim import make_optimizer, make_schedule


@pytest.fixture
def model() -> nn.Module:
    tied = nn.ModuleDict({"embedding": nn.Embedding(5, 3), "output": nn.Linear(3, 5)})
    tied["output"].weight = tied["embedding"].weight
    return tied


def test_shared_weights_are_given_once_and_biases_do_not_decay(model: nn.Module) -> None:
    optimizer = make_optimizer(SGDConfig(name="sgd", lr=0.1, weight_decay=0.5, momentum=0.0), model)
    decaying, free = optimizer.param_groups
    assert [p.shape for p in decaying["params"]] == [(5, 3)]
    assert decaying["weight_decay"] == 0.5
    assert [p.shape for p in free["params"]] == [(5,)]
    assert free["weight_decay"] == 0


def test_adamw_takes_its_betas(model: nn.Module) -> None:
    optimizer = make_optimizer(AdamWConfig(name="adamw", lr=0.1, weight_decay=0, betas=[0.8, 0.9]), model)
    assert isinstance(optimizer, torch.optim.AdamW)
    assert optimizer.param_groups[0]["betas"] == (0.8, 0.9)


def test_one_cycle_goes_up_and_down_as_set(model: nn.Module) -> None:
    optimizer = make_optimizer(SGDConfig(name="sgd", lr=20, weight_decay=0, momentum=0), model)
    config = OneCycleConfig(name="one_cycle", warmup_fraction=0.2, start_divisor=10, end_divisor=1000)
    schedule = make_schedule(config, optimizer, learning_rate=20, total_steps=100, monitor="val/nll")
    rates = []
    for _ in range(100):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule["scheduler"].step()
    assert schedule["interval"] == "step"
    assert rates[0] == pytest.approx(2)
    assert max(rates) == pytest.approx(20, rel=1e-3)
    assert rates.index(max(rates)) in (19, 20)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.02)


def test_one_cycle_needs_an_end(model: nn.Module) -> None:
    optimizer = make_optimizer(SGDConfig(name="sgd", lr=20, weight_decay=0, momentum=0), model)
    config = OneCycleConfig(name="one_cycle", warmup_fraction=0.2, start_divisor=10, end_divisor=1000)
    with pytest.raises(InputError, match="needs a run with an end"):
        make_schedule(config, optimizer, learning_rate=20, total_steps=math.inf, monitor="val/nll")


def test_plateau_watches_validation(model: nn.Module) -> None:
    optimizer = make_optimizer(SGDConfig(name="sgd", lr=20, weight_decay=0, momentum=0), model)
    config = PlateauConfig(name="plateau", factor=0.25, patience=0)
    schedule = make_schedule(config, optimizer, learning_rate=20, total_steps=9, monitor="val/nll")
    assert schedule["monitor"] == "val/nll"
    for nats in (5.0, 5.5):
        schedule["scheduler"].step(nats)
    assert optimizer.param_groups[0]["lr"] == 5
