"""Optimizers and learning-rate schedules from their settings."""

import math
from typing import Any

from torch import nn
from torch.optim import SGD, AdamW, Optimizer
from torch.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau

from halo.config import AdamWConfig, OneCycleConfig, OptimConfig, PlateauConfig, ScheduleConfig, SGDConfig
from halo.errors import InputError


def make_optimizer(config: OptimConfig, model: nn.Module) -> Optimizer:
    """Returns the optimizer for the parameters of `model`; biases do not decay, shared weights decay once."""
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.dim() > 1], "weight_decay": config.weight_decay, "name": "weights"},
        {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0.0, "name": "biases"},
    ]
    if isinstance(config, SGDConfig):
        return SGD(groups, lr=config.lr, momentum=config.momentum)
    assert isinstance(config, AdamWConfig)
    return AdamW(groups, lr=config.lr, betas=(config.betas[0], config.betas[1]))


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
        InputError: A one-cycle schedule for a run without an end.
    """
    if isinstance(config, OneCycleConfig):
        if total_steps == math.inf:
            raise InputError("schedule=one_cycle needs a run with an end: set trainer.max_epochs or trainer.max_steps")
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
    assert isinstance(config, PlateauConfig)
    plateau = ReduceLROnPlateau(optimizer, factor=config.factor, patience=config.patience)
    return {"scheduler": plateau, "interval": "epoch", "monitor": monitor}
