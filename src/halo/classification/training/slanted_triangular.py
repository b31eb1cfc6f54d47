"""The slanted triangular learning-rate schedule."""

import math

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR


def slanted_triangular(step: int, *, total_steps: int, warmup_fraction: float, ratio: float) -> float:
    """Returns the learning rate of a step as a share of the highest one.

    It rises linearly for the first share of the steps, and then falls linearly for the rest of them (Howard and Ruder
    2018, equation 3).

    Args:
        step: The step, from 0.
        total_steps: The number of steps, T.
        warmup_fraction: The share of the steps in which it rises, `cut_frac`.
        ratio: The highest learning rate divided by the lowest.

    >>> rates = [slanted_triangular(step, total_steps=100, warmup_fraction=0.1, ratio=32) for step in (0, 10, 100)]
    >>> [round(rate, 4) for rate in rates]
    [0.0312, 1.0, 0.0312]
    """
    cut = max(1, math.floor(total_steps * warmup_fraction))
    share = step / cut if step < cut else 1 - (step - cut) / max(1, total_steps - cut)
    return (1 + max(0.0, share) * (ratio - 1)) / ratio


def make_slanted_triangular(
    optimizer: Optimizer, *, total_steps: int, warmup_fraction: float, ratio: float
) -> LambdaLR:
    """Returns the schedule, which steps after each update and drives the learning rates of all parameter groups.

    Args:
        optimizer: The optimizer, whose learning rates are the highest ones.
        total_steps: As in `slanted_triangular`.
        warmup_fraction: As in `slanted_triangular`.
        ratio: As in `slanted_triangular`.
    """
    return LambdaLR(
        optimizer,
        lambda step: slanted_triangular(step, total_steps=total_steps, warmup_fraction=warmup_fraction, ratio=ratio),
    )
