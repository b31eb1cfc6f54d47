"""Optimizers and learning-rate schedules from their settings."""

import math
from typing import Any

from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR, ReduceLROnPlateau

from halo.config import (
    AdamConfig,
    AdamWConfig,
    CosineConfig,
    CustomConfig,
    OneCycleConfig,
    OptimVariant,
    PlateauConfig,
    ScheduleVariant,
    SGDConfig,
)
from halo.runtime.errors import InputError


def make_optimizer(config: OptimVariant, model: nn.Module, *, fused: bool) -> Optimizer:
    """Returns the optimizer for the parameters of `model`; biases and norms do not decay, shared weights once.

    Args:
        config: The optimizer.
        model: On the device where it is trained.
        fused: Whether all weights are updated in one operation, which is faster.
    """
    assert not isinstance(config, CustomConfig)
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.dim() > 1], "weight_decay": config.weight_decay, "name": "weights"},
        {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0.0, "name": "biases"},
    ]
    if isinstance(config, SGDConfig):
        return SGD(groups, lr=config.lr, momentum=config.momentum, fused=fused)
    assert isinstance(config, AdamConfig | AdamWConfig)
    kind = AdamW if isinstance(config, AdamWConfig) else Adam
    return kind(groups, lr=config.lr, betas=(config.betas[0], config.betas[1]), fused=fused)


def make_schedule(config: ScheduleVariant, optimizer: Optimizer, *, total_steps: float, monitor: str) -> dict[str, Any]:
    """Returns the schedule as Lightning wants it: the scheduler, when it steps, and what it watches.

    Args:
        config: The schedule.
        optimizer: What it drives; its learning rate is the highest.
        total_steps: Optimizer steps of the whole run.
        monitor: The logged figure that a plateau schedule watches.

    Raises:
        InputError: A one-cycle or cosine schedule for a run without an end.
    """
    if isinstance(config, OneCycleConfig | CosineConfig) and total_steps == math.inf:
        needed = "needs a run with an end: set trainer.max_epochs or trainer.max_steps"
        raise InputError(f"schedule={config.name} {needed}")
    if isinstance(config, OneCycleConfig):
        one_cycle = LambdaLR(optimizer, lambda step: one_cycle_share(step, int(total_steps), config))
        return {"scheduler": one_cycle, "interval": "step"}
    if isinstance(config, PlateauConfig):
        plateau = ReduceLROnPlateau(optimizer, factor=config.factor, patience=config.patience)
        # Not strict: a run of less than an epoch ends before its first validation.
        return {"scheduler": plateau, "interval": "epoch", "monitor": monitor, "strict": False}
    if isinstance(config, CosineConfig):
        cosine = LambdaLR(optimizer, lambda step: cosine_share(step, int(total_steps), config))
        return {"scheduler": cosine, "interval": "step"}
    return {"scheduler": LambdaLR(optimizer, lambda step: 1.0), "interval": "step"}


def one_cycle_share(step: int, total_steps: int, config: OneCycleConfig) -> float:
    """Returns the share of the highest learning rate that a step has.

    These are the values of `torch.optim.lr_scheduler.OneCycleLR`, which divides by zero where a run has so few steps
    that the highest learning rate falls on the first one; here such a run begins with it.

    Args:
        step: Updates before this one, from 0; the schedule also asks for `total_steps`, after the last update.
        total_steps: Updates of the whole run.
        config: The schedule.
    """
    first, last = 1 / config.start_divisor, 1 / config.end_divisor
    top = max(0.0, config.warmup_fraction * (total_steps + 1) - 1)  # of total_steps + 1 rates; may lie between two
    if step >= total_steps:
        return last
    if step < top:
        return _along_cosine(first, 1, step / top)
    return _along_cosine(1, last, (step - top) / (total_steps - top))


def cosine_share(step: int, total_steps: int, config: CosineConfig) -> float:
    """Returns the share of the highest learning rate that a step has.

    Args:
        step: Updates before this one, from 0; the schedule also asks for `total_steps`, after the last update.
        total_steps: Updates of the whole run.
        config: The schedule.
    """
    rising = round(config.warmup_fraction * total_steps)
    if step < rising:
        return (step + 1) / rising
    lowest = 1 / config.end_divisor
    progress = min(1.0, (step - rising) / max(1, total_steps - 1 - rising))
    return _along_cosine(1, lowest, progress)


def _along_cosine(start: float, end: float, progress: float) -> float:
    """Returns what lies between `start` and `end`, half a cosine, after this share of the way."""
    return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2
