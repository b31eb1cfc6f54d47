"""A one-line verdict on a training run: underfitting, overfitting, or neither."""

import math
from collections.abc import Sequence
from typing import NamedTuple

STILL_FALLING = 0.02
"""Relative drop of validation perplexity in the last epoch above which more epochs are worthwhile."""
SMALL_GAP = 0.05
"""Generalization gap, in nats per token, below which the model has hardly fitted its training text."""


class Validation(NamedTuple):
    """The figures of one validation.

    Attributes:
        step: Optimizer steps so far.
        epochs: Passes over the training text so far, with fractions.
        train: Training perplexity since the previous validation, with dropout.
        validation: Validation perplexity.
    """

    step: int
    epochs: float
    train: float
    validation: float


def overfitting_since(history: list[Validation]) -> float | None:
    """Returns the epoch after which validation got worse while training improved; None without overfitting."""
    best = min(history, key=lambda each: each.validation)
    last = history[-1]
    return best.epochs if last.validation > best.validation and last.train < best.train else None


def verdict(history: Sequence[Validation], *, generalization_gap: float) -> str:
    """Returns one line: whether a run underfits or overfits, the evidence, and what to change.

    Overfitting: validation perplexity was lowest before the end and training perplexity kept falling. Underfitting:
    validation perplexity still fell by more than 2% in the last epoch, or the training text is predicted hardly better
    than the validation text.

    Args:
        history: The validations of the run, in order.
        generalization_gap: Validation minus training negative log-likelihood in nats per token, both without dropout.
    """
    gap = f"generalization gap {generalization_gap:.3f} nats/token"
    if not history:
        return f"no verdict: the run had no validation ({gap})"
    since = overfitting_since(list(history))
    if since is not None:
        reason = "validation perplexity rose while training perplexity fell"
        advice = "try more dropout or weight decay, fewer epochs, or more text"
        return f"overfitting since epoch {since:g}: {reason} ({gap}); {advice}"
    drop = _last_epoch_drop(history)
    if drop > STILL_FALLING:
        reason = f"validation perplexity still fell by {drop:.0%} in the last epoch"
        return f"underfitting: {reason} ({gap}); try more epochs or a higher learning rate"
    if generalization_gap < SMALL_GAP:
        reason = "training text is predicted hardly better than new text"
        return f"underfitting: {reason} ({gap}); try a larger model or less dropout"
    return f"neither underfitting nor overfitting: validation perplexity has levelled off ({gap})"


def _last_epoch_drop(history: Sequence[Validation]) -> float:
    """Returns the relative drop of validation perplexity per epoch between the last two validations."""
    if len(history) < 2:
        return 0.0
    before, last = history[-2:]
    epochs = max(last.epochs - before.epochs, 1e-6)
    return 1 - math.exp(math.log(last.validation / before.validation) / epochs)
