"""Creates learning-rate schedules from their settings.

Two schedules of torch are not used, as checked with torch 2.13. `OneCycleLR` divides by zero if its peak falls on the
first step (9 steps with a warmup of 10%) and starts below the peak if that would come even earlier; and its state holds
the number of steps, so that a run cannot be resumed with more epochs. `SequentialLR` of `LinearLR` and
`CosineAnnealingLR` divides by zero in some runs of one to three steps, and its recursive cosine drifts from the closed
form, by up to 1e-14 of the learning rate in 3,700 steps.
"""

import math
from collections.abc import Callable
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import Timer
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, ReduceLROnPlateau

from halo.config import CosineConfig, CustomConfig, OneCycleConfig, PlateauConfig, ScheduleVariant
from halo.runtime.errors import InputError, require
from halo.runtime.user_classes import construct, import_class

NO_LIMIT = 1_000_000
"""The steps of the schedule of a run that only a time limit ends: the resolution of its clock."""


class Position:
    """Returns the position in a schedule, in steps: that of the updates, or that of the clock of a time limit if later.

    Args:
        total_steps: The number of optimizer steps of the whole run; infinity for no limit.
        elapsed: Returns the fraction of the time limit that has elapsed, the same in all processes; None for no limit.
    """

    def __init__(self, total_steps: float, elapsed: Callable[[], float] | None) -> None:
        self.total_steps = NO_LIMIT if math.isinf(total_steps) else int(total_steps)
        self._counts_steps = not math.isinf(total_steps)
        self._elapsed = elapsed
        self._latest = (-1, 0.0)

    def __call__(self, step: int) -> float:
        """Returns the position after `step` updates; the clock is read once a step."""
        if self._elapsed is None:
            return step
        if self._latest[0] != step:
            by_time = self._elapsed() * self.total_steps
            self._latest = (step, max(step, by_time) if self._counts_steps else by_time)
        return self._latest[1]


def elapsed_fraction(trainer: L.Trainer) -> Callable[[], float] | None:
    """Returns a function that returns the fraction of `trainer.max_time` that has elapsed; None if it is not set.

    The first process decides for all, which would train with different learning rates otherwise. A resumed run
    continues its time.
    """
    callbacks: list[L.Callback] = trainer.callbacks  # type: ignore[attr-defined]
    timers = [each for each in callbacks if isinstance(each, Timer) and each.time_remaining() is not None]
    if not timers:
        return None

    def fraction() -> float:
        elapsed = timers[0].time_elapsed()
        limit = elapsed + (timers[0].time_remaining() or 0.0)
        return float(trainer.strategy.broadcast(min(1.0, elapsed / limit) if limit else 1.0))

    return fraction


def make_schedule(
    config: ScheduleVariant,
    optimizer: Optimizer,
    *,
    total_steps: float,
    monitor: str,
    elapsed: Callable[[], float] | None = None,
) -> dict[str, Any]:
    """Returns the schedule in the form that Lightning takes: the scheduler, its interval, and what it monitors.

    Args:
        config: Settings of the schedule.
        optimizer: The optimizer that it drives, whose learning rate is the highest of the schedule.
        total_steps: The number of optimizer steps of the whole run.
        monitor: The logged value that a plateau schedule monitors.
        elapsed: Returns the fraction of the run's time limit that has elapsed; None for no limit.

    Raises:
        InputError: A one-cycle or cosine schedule for a run without an end, or a class of the user's own that cannot be
            used.
    """
    if isinstance(config, CustomConfig):
        return _make_custom_schedule(config, optimizer, monitor)
    if isinstance(config, OneCycleConfig | CosineConfig) and total_steps == math.inf and elapsed is None:
        needed = "needs a run with an end: set trainer.max_epochs, max_steps or max_time"
        raise InputError(f"schedule={config.name} {needed}")
    at = Position(total_steps, elapsed)
    if isinstance(config, OneCycleConfig):
        one_cycle = LambdaLR(optimizer, lambda step: one_cycle_factor(at(step), at.total_steps, config))
        return {"scheduler": one_cycle, "interval": "step"}
    if isinstance(config, PlateauConfig):
        return _monitored(ReduceLROnPlateau(optimizer, factor=config.factor, patience=config.patience), monitor)
    if isinstance(config, CosineConfig):
        cosine = LambdaLR(optimizer, lambda step: cosine_factor(at(step), at.total_steps, config))
        return {"scheduler": cosine, "interval": "step"}
    return {"scheduler": LambdaLR(optimizer, lambda step: 1.0), "interval": "step"}


def _monitored(schedule: ReduceLROnPlateau, monitor: str) -> dict[str, Any]:
    # Not strict: a run of less than an epoch ends before its first validation.
    return {"scheduler": schedule, "interval": "epoch", "monitor": monitor, "strict": False}


def _make_custom_schedule(config: CustomConfig, optimizer: Optimizer, monitor: str) -> dict[str, Any]:
    """Returns a schedule of the user's own, which steps after each update unless `interval` is `epoch`."""
    schedule_class = import_class(config.target, LRScheduler, key="schedule._target_")
    arguments = dict(config.arguments)
    interval = arguments.pop("interval", None)
    require(interval in (None, "step", "epoch"), "schedule.interval", interval, "must be step or epoch")
    schedule = construct(schedule_class, optimizer, arguments=arguments, key="schedule")
    if isinstance(schedule, ReduceLROnPlateau):
        require(interval != "step", "schedule.interval", interval, "must be epoch: this schedule follows validation")
        return _monitored(schedule, monitor)
    return {"scheduler": schedule, "interval": interval or "step"}


def one_cycle_factor(step: float, total_steps: int, config: OneCycleConfig) -> float:
    """Returns the learning rate of a step as a fraction of the highest one, for the one-cycle schedule.

    The values are those of `torch.optim.lr_scheduler.OneCycleLR`, but a run too short for a warmup starts with the
    highest learning rate.

    Args:
        step: The number of updates before this one, or with a time limit the position of the clock; the schedule also
            asks for `total_steps`, after the last update.
        total_steps: The number of updates of the whole run.
        config: Settings of the schedule.
    """
    first, last = 1 / config.start_divisor, 1 / config.end_divisor
    peak = max(0.0, config.warmup_fraction * (total_steps + 1) - 1)  # of total_steps + 1 rates; may lie between two
    if step >= total_steps:
        return last
    if step < peak:
        return _interpolate_cosine(first, 1, step / peak)
    return _interpolate_cosine(1, last, (step - peak) / (total_steps - peak))


def cosine_factor(step: float, total_steps: int, config: CosineConfig) -> float:
    """Returns the learning rate of a step as a fraction of the highest one, for linear warmup and cosine decay.

    Args:
        step: The number of updates before this one, or with a time limit the position of the clock; the schedule also
            asks for `total_steps`, after the last update.
        total_steps: The number of updates of the whole run.
        config: Settings of the schedule.
    """
    warmup_steps = round(config.warmup_fraction * total_steps)
    if step < warmup_steps:
        return min(1.0, (step + 1) / warmup_steps)
    lowest = 1 / config.end_divisor
    progress = min(1.0, (step - warmup_steps) / max(1, total_steps - 1 - warmup_steps))
    return _interpolate_cosine(1, lowest, progress)


def _interpolate_cosine(start: float, end: float, progress: float) -> float:
    """Returns the value between `start` and `end` on half a cosine, for a progress from 0 to 1."""
    return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2
