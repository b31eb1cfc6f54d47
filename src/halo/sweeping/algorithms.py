"""Optuna's samplers and pruners, from settings."""

import random
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from halo.config.commands.sweep import (
    AshaConfig,
    GridConfig,
    MedianPrunerConfig,
    NoPrunerConfig,
    PrunerConfig,
    SamplerConfig,
    TPEConfig,
)
from halo.sweeping.search_space import Parameter, grid_of

if TYPE_CHECKING:
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler


def make_sampler(config: SamplerConfig, parameters: Sequence[Parameter], *, number: int) -> "BaseSampler":
    """Returns the sampler of one trial.

    Its seed depends on the trial, so that several workers do not draw the same values, and a sweep that was stopped
    draws those that it would have drawn.

    Args:
        config: The settings of the sampler.
        parameters: The search space.
        number: The number of the trial.
    """
    from optuna.exceptions import ExperimentalWarning
    from optuna.samplers import GridSampler, RandomSampler, TPESampler

    if isinstance(config, GridConfig):
        return GridSampler(grid_of(parameters), seed=config.seed)  # the trial's number chooses the combination
    seed = random.Random(f"{config.seed}/{number}").getrandbits(32)
    if isinstance(config, TPEConfig):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            return TPESampler(seed=seed, n_startup_trials=config.num_startup_trials, constant_liar=True)
    return RandomSampler(seed=seed)


def make_pruner(config: PrunerConfig) -> "BasePruner":
    """Returns the pruner, which counts validations from 1."""
    from optuna.pruners import MedianPruner, NopPruner, SuccessiveHalvingPruner

    if isinstance(config, MedianPrunerConfig):
        return MedianPruner(config.num_startup_trials, n_warmup_steps=config.num_warmup_validations + 1)
    if isinstance(config, AshaConfig):
        return SuccessiveHalvingPruner(config.min_validations, config.reduction_factor)
    assert isinstance(config, NoPrunerConfig)
    return NopPruner()
