"""Whether a run underfits, fits or overfits, in one line."""

import math
from collections.abc import Sequence
from typing import NamedTuple

STILL_FALLING = 0.02  # of validation perplexity in an epoch: so much left to gain is worth more epochs
SMALL_GAP_NATS = 0.05  # a training text that is predicted hardly better than a new one


class Validation(NamedTuple):
    """What is known after a validation.

    Attributes:
        epochs: Passes over the training text so far, with fractions.
        train: Training perplexity since the validation before, with dropout.
        validation: Validation perplexity.
    """

    epochs: float
    train: float
    validation: float


def overfitting_since(history: list[Validation]) -> float | None:
    """Returns the epoch after which validation got worse while training got better; None if it has not."""
    best = min(history, key=lambda point: point.validation)
    last = history[-1]
    return best.epochs if last.validation > best.validation and last.train < best.train else None


def verdict(history: Sequence[Validation], *, generalization_gap: float) -> str:
    """Returns in one line whether a run underfits, fits or overfits, by what that is seen, and what to change.

    Overfitting: validation was best before the end, and training went on to improve. Underfitting: validation
    perplexity still fell by more than 2 % in the last epoch, or the training text is predicted hardly better than the
    validation text. Else the run fits.

    Args:
        history: The validations of the run, in order.
        generalization_gap: Nats per token of the validation text minus those of the training text, both without dropout.
    """
    gap = f"gap between training and validation {generalization_gap:.3f} nats/token"
    if not history:
        return f"no verdict: there was no validation ({gap})"
    since = overfitting_since(list(history))
    if since is not None:
        return f"overfitting since epoch {since:g} ({gap}): more dropout or weight decay, fewer epochs, or more text"
    falling = _falling(history)
    if falling > STILL_FALLING:
        reason = f"validation perplexity still fell by {falling:.0%} an epoch at the end"
        return f"underfitting: {reason} ({gap}): more epochs, or a higher learning rate"
    if generalization_gap < SMALL_GAP_NATS:
        reason = "training text is predicted hardly better than new text"
        return f"underfitting: {reason} ({gap}): a larger model, or less dropout"
    return f"fitting: validation has levelled off and did not turn ({gap})"


def _falling(history: Sequence[Validation]) -> float:
    """Returns the share of validation perplexity that the last epoch took away, from the last two validations."""
    if len(history) < 2:
        return 0.0
    before, last = history[-2:]
    epochs = max(last.epochs - before.epochs, 1e-6)
    return 1 - math.exp(math.log(last.validation / before.validation) / epochs)
