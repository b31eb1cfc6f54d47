"""Creates optimizers from their settings."""

from typing import Any

from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from halo.config import AdamConfig, AdamWConfig, CustomConfig, OptimVariant, SGDConfig
from halo.runtime.errors import require
from halo.runtime.user_classes import construct, import_class


def make_optimizer(config: OptimVariant, model: nn.Module, *, fused: bool) -> Optimizer:
    """Returns the optimizer for the parameters of a model; biases and norms do not decay.

    Args:
        config: Settings of the optimizer.
        model: The model, on the device where it is trained.
        fused: Whether all weights may be updated in one fused operation, which is faster; a class of the user's own
            does so if its arguments say so.

    Raises:
        InputError: A class of the user's own cannot be used.
    """
    if isinstance(config, CustomConfig):
        return _make_custom_optimizer(config, model, fused=fused)
    groups = parameter_groups(model, weight_decay=config.weight_decay)
    if isinstance(config, SGDConfig):
        return SGD(groups, lr=config.lr, momentum=config.momentum, fused=fused)
    optimizer_class = AdamW if isinstance(config, AdamWConfig) else Adam
    assert isinstance(config, AdamConfig | AdamWConfig)
    return optimizer_class(groups, lr=config.lr, betas=(config.betas[0], config.betas[1]), fused=fused)


def parameter_groups(model: nn.Module, *, weight_decay: float | None) -> list[dict[str, Any]]:
    """Returns the parameters of a model in two groups, each parameter once: matrices, and biases and norms.

    Args:
        model: The model.
        weight_decay: Weight decay of the matrices; None for the default of the optimizer. Biases and norms have none.
    """
    parameters = list(model.parameters())
    weights: dict[str, Any] = {"params": [p for p in parameters if p.dim() > 1], "name": "weights"}
    biases = {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0.0, "name": "biases"}
    return [weights if weight_decay is None else {**weights, "weight_decay": weight_decay}, biases]


def learning_rate_of(config: OptimVariant) -> float | None:
    """Returns the learning rate in the settings of an optimizer; None for a class of the user's own without `lr`."""
    rate = config.arguments.get("lr") if isinstance(config, CustomConfig) else config.lr
    return rate if isinstance(rate, int | float) else None


def _make_custom_optimizer(config: CustomConfig, model: nn.Module, *, fused: bool) -> Optimizer:
    unscales_itself = bool(config.arguments.get("fused")) and not fused
    require(not unscales_itself, "optim.fused", True, "must be false with trainer.precision=16-mixed")
    optimizer_class = import_class(config.target, Optimizer, key="optim._target_")
    groups = parameter_groups(model, weight_decay=None)
    optimizer = construct(optimizer_class, groups, arguments=config.arguments, key="optim")
    has_rates = all("lr" in group for group in optimizer.param_groups)
    require(has_rates, "optim._target_", config.target, "its parameter groups must have an lr, which schedules change")
    return optimizer
