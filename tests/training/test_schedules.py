"""Schedules do what their settings say, in runs of any length."""

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from lightning.pytorch.callbacks import Timer
from torch import nn

from halo.config import (
    ConstantConfig,
    CosineConfig,
    CustomConfig,
    OneCycleConfig,
    PlateauConfig,
    ScheduleVariant,
    SGDConfig,
)
from halo.runtime.errors import InputError
from halo.training.optimizers import make_optimizer
from halo.training.schedules import Position, elapsed_fraction, make_schedule


@pytest.fixture
def model() -> nn.Module:
    return nn.Linear(3, 5)


def rates_of(config: ScheduleVariant, model: nn.Module, *, steps: int) -> list[float]:
    """The learning rates of the steps, and the one after the last."""
    optimizer = make_optimizer(SGDConfig(name="sgd", lr=20, weight_decay=0, momentum=0), model, fused=False)
    schedule = make_schedule(config, optimizer, total_steps=steps, monitor="val/nll")
    assert schedule["interval"] == "step"
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule["scheduler"].step()
    return [*rates, optimizer.param_groups[0]["lr"]]


def test_cosine_goes_up_in_a_line_and_down_along_a_cosine(model: nn.Module) -> None:
    config = CosineConfig(name="cosine", warmup_fraction=0.2, end_divisor=10)
    rates = rates_of(config, model, steps=21)
    assert rates[:5] == pytest.approx([5, 10, 15, 20, 20])
    assert rates[12] == pytest.approx(11)  # half-way down from 20 to 2
    assert rates[20:] == pytest.approx([2, 2])
    assert rates[4:] == sorted(rates[4:], reverse=True)
    assert rates_of(replace(config, warmup_fraction=0), model, steps=21)[0] == 20


def test_constant_stays(model: nn.Module) -> None:
    assert set(rates_of(ConstantConfig(name="constant"), model, steps=5)) == {20}


def one_cycle(warmup_fraction: float) -> OneCycleConfig:
    return OneCycleConfig(name="one_cycle", warmup_fraction=warmup_fraction, start_divisor=10, end_divisor=1000)


def test_one_cycle_goes_up_and_down_as_set(model: nn.Module) -> None:
    rates = rates_of(one_cycle(0.2), model, steps=100)
    assert rates[0] == pytest.approx(2)
    assert max(rates) == pytest.approx(20, rel=1e-3)
    assert rates.index(max(rates)) in (19, 20)
    assert rates[100] == pytest.approx(0.02)


@pytest.mark.parametrize("warmup_fraction", [0.05, 0.2, 1 / 3, 0.9])
@pytest.mark.parametrize("steps", [30, 100, 3696])
def test_one_cycle_is_that_of_torch(model: nn.Module, steps: int, warmup_fraction: float) -> None:
    config = one_cycle(warmup_fraction)
    optimizer = torch.optim.SGD(model.parameters(), lr=20)
    reference = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=20,
        total_steps=steps + 1,
        pct_start=warmup_fraction,
        div_factor=10,
        final_div_factor=100,
        cycle_momentum=False,
    )
    expected = [optimizer.param_groups[0]["lr"]]
    for _ in range(steps):
        optimizer.step()
        reference.step()
        expected.append(optimizer.param_groups[0]["lr"])
    assert rates_of(config, model, steps=steps) == pytest.approx(expected, rel=1e-12, abs=0)


@pytest.mark.parametrize("warmup_fraction", [0.01, 0.1, 0.2, 0.25, 1 / 3, 0.5, 0.9, 1 - 2**-53])
@pytest.mark.parametrize("steps", range(1, 9))
def test_one_cycle_goes_up_and_down_in_a_few_steps_too(model: nn.Module, steps: int, warmup_fraction: float) -> None:
    rates = rates_of(one_cycle(warmup_fraction), model, steps=steps)
    highest = rates.index(max(rates))
    assert rates[:highest] == sorted(rates[:highest])
    assert rates[highest:] == sorted(rates[highest:], reverse=True)
    assert max(rates) <= 20
    assert rates[0] == pytest.approx(20 if warmup_fraction * (steps + 1) <= 1 else 2)
    assert rates[-1] == pytest.approx(0.02)


def test_one_cycle_and_cosine_need_an_end(model: nn.Module) -> None:
    optimizer = make_optimizer(SGDConfig(name="sgd", lr=20, weight_decay=0, momentum=0), model, fused=False)
    for config in (one_cycle(0.2), CosineConfig(name="cosine", warmup_fraction=0.2, end_divisor=10)):
        with pytest.raises(InputError, match=f"schedule={config.name} needs a run with an end"):
            make_schedule(config, optimizer, total_steps=math.inf, monitor="val/nll")


def test_plateau_watches_validation(model: nn.Module) -> None:
    optimizer = make_optimizer(SGDConfig(name="sgd", lr=20, weight_decay=0, momentum=0), model, fused=False)
    config = PlateauConfig(name="plateau", factor=0.25, patience=0)
    schedule = make_schedule(config, optimizer, total_steps=9, monitor="val/nll")
    assert schedule["monitor"] == "val/nll"
    for nll in (5.0, 5.5):
        schedule["scheduler"].step(nll)
    assert optimizer.param_groups[0]["lr"] == 5


def custom(name: str, **arguments: Any) -> CustomConfig:
    return CustomConfig(target=f"torch.optim.lr_scheduler.{name}", arguments=arguments)


def test_a_schedule_of_the_users_own_steps_after_each_update(model: nn.Module) -> None:
    assert rates_of(custom("StepLR", step_size=2, gamma=0.5), model, steps=4) == [20, 20, 10, 10, 5]


def test_a_schedule_of_the_users_own_may_step_after_each_epoch(model: nn.Module) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=20)
    schedule = make_schedule(
        custom("StepLR", step_size=2, interval="epoch"), optimizer, total_steps=9, monitor="val/nll"
    )
    assert schedule["interval"] == "epoch"
    assert "monitor" not in schedule


def test_a_plateau_schedule_of_the_users_own_watches_validation(model: nn.Module) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=20)
    schedule = make_schedule(custom("ReduceLROnPlateau", factor=0.1), optimizer, total_steps=9, monitor="val/nll")
    assert (schedule["interval"], schedule["monitor"], schedule["strict"]) == ("epoch", "val/nll", False)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            custom("StepLR"),
            r"^schedule: StepLR cannot be constructed \(TypeError: .*'step_size'\); correct",
        ),
        (custom("StepLR", step_size=1, interval="day"), r"^schedule\.interval=day: must be step or epoch"),
        (
            custom("ReduceLROnPlateau", interval="step"),
            r"^schedule\.interval=step: must be epoch: this schedule",
        ),
        (
            CustomConfig("torch.optim.SGD", {}),
            r"^schedule\._target_=torch\.optim\.SGD: not a subclass of torch\.",
        ),
    ],
)
def test_what_is_no_usable_schedule_is_rejected_in_one_line(
    model: nn.Module, config: CustomConfig, message: str
) -> None:
    with pytest.raises(InputError, match=message) as raised:
        make_schedule(config, torch.optim.SGD(model.parameters(), lr=20), total_steps=9, monitor="val/nll")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("total_steps", [1000.0, math.inf])
@pytest.mark.parametrize(
    "config",
    [
        OneCycleConfig(name="one_cycle", warmup_fraction=0.15, start_divisor=10, end_divisor=1000),
        CosineConfig(name="cosine", warmup_fraction=0.1, end_divisor=100),
    ],
)
def test_a_time_limit_is_the_end_of_a_schedule(config: ScheduleVariant, total_steps: float) -> None:
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([{"params": [parameter]}, {"params": [torch.nn.Parameter(torch.zeros(1))]}], lr=1.0)
    readings: list[float] = []

    def elapsed() -> float:
        readings.append(min(1.0, len(readings) / 20))  # the limit is reached after 20 of the steps
        return readings[-1]

    made = make_schedule(config, optimizer, total_steps=total_steps, monitor="val/nll", elapsed=elapsed)["scheduler"]
    rates = []
    for _ in range(20):
        rates.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        made.step()
    assert all(first == second for first, second in rates)  # the clock is read once a step
    first, highest, last = rates[0][0], max(rates)[0], optimizer.param_groups[0]["lr"]
    assert first < highest
    assert highest > 0.9
    assert last < 0.02


def test_with_steps_and_time_the_earlier_end_counts() -> None:
    position = Position(100, lambda: 0.5)
    assert [position(step) for step in (10, 60)] == [50, 60]
    assert [Position(100, None)(step) for step in (10, 60)] == [10, 60]


def test_the_fraction_of_the_time_limit_is_that_of_the_timer() -> None:
    timer = Timer(duration="00:00:01:40")
    trainer = cast(Any, SimpleNamespace(callbacks=[timer], strategy=SimpleNamespace(broadcast=lambda value: value)))
    fraction = elapsed_fraction(trainer)
    assert fraction is not None
    assert fraction() == 0
    timer.load_state_dict({"time_elapsed": {"train": 25}})  # resumed
    assert fraction() == pytest.approx(0.25)
    timer.load_state_dict({"time_elapsed": {"train": 900}})
    assert fraction() == 1
    trainer.callbacks = []
    assert elapsed_fraction(trainer) is None
