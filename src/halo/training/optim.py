"""Optimizers and learning-rate schedules from their settings."""

import math
from typing import Any

from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR, OneCycleLR, ReduceLROnPlateau

from halo.config import (
    AdamConfig,
    AdamWConfig,
    CosineConfig,
    OneCycleConfig,
    OptimConfig,
    PlateauConfig,
    ScheduleConfig,
    SGDConfig,
)
from halo.errors import InputError


def make_optimizer(config: OptimConfig, model: nn.Module) -> Optimizer:
    """Returns the optimizer for the parameters of `model`; biases and norms do not decay, shared weights once."""
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.dim() > 1], "weight_decay": config.weight_decay, "name": "weights"},
        {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0.0, "name": "biases"},
    ]
    if isinstance(config, SGDConfig):
        return SGD(groups, lr=config.lr, momentum=config.momentum)
    assert isinstance(config, AdamConfig)
    kind = AdamW if isinstance(config, AdamWConfig) else Adam
    return kind(groups, lr=config.lr, betas=(config.betas[0], config.betas[1]))


def make_schedule(
    config: ScheduleConfig, optimizer: Optimizer, *, learning_rate: float, total_steps: float, monitor: str
) -> dict[str, Any]:
    """Returns the schedule as Lightning wants it: the scheduler, when it steps, and what it watches.

    Args:
        config: The schedule.
        optimizer: What it drives.
        learning_rate: The highest learning rate.
        total_steps: Optimizer steps of the whole run.
        monitor: The logged figure that a plateau schedule watches.

    Raises:
        InputError: A one-cycle or cosine schedule for a run without an end.
    """
    if isinstance(config, OneCycleConfig | CosineConfig) and total_steps == math.inf:
        needed = "needs a run with an end: set trainer.max_epochs or trainer.max_steps"
        raise InputError(f"schedule={config.name} {needed}")
    if isinstance(config, OneCycleConfig):
        one_cycle = OneCycleLR(
            optimizer,
            max_lr=learning_rate,
            total_steps=int(total_steps) + 1,  # the scheduler also steps after the last update
            pct_start=config.warmup_fraction,
            div_factor=config.start_divisor,
            final_div_factor=config.end_divisor / config.start_divisor,
            cycle_momentum=False,
        )
        return {"scheduler": one_cycle, "interval": "step"}
    if isinstance(config, PlateauConfig):
        plateau = ReduceLROnPlateau(optimizer, factor=config.factor, patience=config.patience)
        return {"scheduler": plateau, "interval": "epoch", "monitor": monitor}
    if isinstance(config, CosineConfig):
        cosine = LambdaLR(optimizer, lambda step: cosine_share(step, int(total_steps), config))
        return {"scheduler": cosine, "interval": "step"}
    return {"scheduler": LambdaLR(optimizer, lambda step: 1.0), "interval": "step"}


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
    return lowest + (1 - lowest) * (1 + math.cos(math.pi * progress)) / 2
