"""A one-line verdict on a training run: underfitting, overfitting, diverged, or none of these."""

import math
from collections.abc import Sequence
from typing import NamedTuple

STILL_FALLING = 0.02
"""Relative drop of validation perplexity in the last epoch above which more epochs are worthwhile."""
SMALL_GAP = 0.05
"""Generalization gap, in nats per token, below which the model has hardly fitted its training text."""
MIN_STEPS = 50
"""Optimizer steps below which a run says nothing about its settings."""
DIVERGED = 0.5
"""Rise of a loss, or its distance above that of a uniform model, in nats per token, with which a run has diverged."""


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


class FinalNLL(NamedTuple):
    """Mean negative log-likelihoods at the end of a run, in nats per token.

    Attributes:
        train: Of the training text under the chosen weights, without dropout.
        validation: Of the validation text under the chosen weights.
        unigram: Of the validation text under a unigram model.
        uniform: Of any text under a uniform model: ln V.
    """

    train: float
    validation: float
    unigram: float
    uniform: float

    @property
    def gap(self) -> float:
        """The generalization gap: validation minus training."""
        return self.validation - self.train


def overfitting_since(history: list[Validation]) -> float | None:
    """Returns the epoch after which validation got worse while training improved; None without overfitting."""
    best = min(history, key=lambda each: each.validation)
    last = history[-1]
    return best.epochs if last.validation > best.validation and last.train < best.train else None


def verdict(history: Sequence[Validation], final: FinalNLL, *, steps: int) -> str:
    """Returns one line: whether a run underfits, overfits or has diverged, the evidence, and what to change.

    The first of these that holds:

    - Diverged: validation is more than 0.5 nats above its best, and training is worse too; or it is that far above a
      uniform model.
    - No verdict: there was no validation, or there were fewer than 50 steps.
    - Overfitting: validation perplexity was lowest before the end and training perplexity kept falling.
    - Underfitting: the model is worse than a uniform or a unigram model; validation perplexity still fell by more than
      2% in the last epoch; or the training text is predicted hardly better than the validation text.
    - No verdict: a single validation shows no trend, or the validation text is easier than the training text.
    - Neither: validation perplexity has levelled off.

    Args:
        history: The validations of the run, in order.
        final: The losses of the chosen weights and of the baselines.
        steps: The optimizer steps of the run.
    """
    gap = f"generalization gap {final.gap:.3f} nats/token"
    diverged = _divergence(history, final)
    if diverged is not None:
        return f"diverged: {diverged}; lower optim.lr or gradient_clip.value"
    if not history:
        return f"no verdict: the run had no validation ({gap})"
    if steps < MIN_STEPS:
        return f"no verdict: {steps} optimizer steps are too few ({gap}); train for more epochs, or on more text"
    return _verdict_on_fit(list(history), final, gap)


def _verdict_on_fit(history: list[Validation], final: FinalNLL, gap: str) -> str:
    """Returns the verdict on a run of enough steps that has not diverged."""
    since = overfitting_since(history)
    if since is not None:
        reason = "validation perplexity rose while training perplexity fell"
        advice = "try more dropout or weight decay, fewer epochs, or more text"
        return f"overfitting since epoch {since:g}: {reason} ({gap}); {advice}"
    if final.validation >= min(final.unigram, final.uniform):
        baseline = "uniform" if final.validation >= final.uniform else "unigram"
        reason = f"validation text is predicted no better than by a {baseline} model"
        return f"underfitting: {reason} ({gap}); try more epochs or another learning rate (find_lr=true suggests one)"
    if len(history) == 1:
        advice = "train for more epochs, or validate more often with trainer.val_check_interval"
        return f"no verdict: a single validation shows no trend ({gap}); {advice}"
    return _verdict_on_trend(history, final, gap)


def _divergence(history: Sequence[Validation], final: FinalNLL) -> str | None:
    """Returns the evidence that a run has diverged; None if it has not."""
    if not final.validation <= final.uniform + DIVERGED:  # nor is NaN
        return f"validation text is predicted far worse than by a uniform model ({final.validation:.1f} nats/token)"
    if not history:
        return None
    best, last = min(history, key=lambda each: each.validation), history[-1]
    if last.train > best.train and last.validation > math.exp(DIVERGED) * best.validation:
        return f"perplexity rose on training and validation text after epoch {best.epochs:g}"
    return None


def _verdict_on_trend(history: Sequence[Validation], final: FinalNLL, gap: str) -> str:
    """Returns the verdict on a run with several validations that neither diverged nor overfitted."""
    drop = _last_epoch_drop(history)
    if drop > STILL_FALLING:
        reason = f"validation perplexity still fell by {drop:.0%} in the last epoch"
        return f"underfitting: {reason} ({gap}); try more epochs or a higher learning rate"
    if final.gap < -SMALL_GAP:
        reason = "validation text is predicted better than training text, so it is easier or shares passages with it"
        return (
            f"no verdict: {reason} ({gap}); compare with the unigram model, or split the text anew (data.splits.seed)"
        )
    if final.gap < SMALL_GAP:
        reason = "training text is predicted hardly better than new text"
        return f"underfitting: {reason} ({gap}); try a larger model or less dropout"
    return f"neither underfitting nor overfitting: validation perplexity has levelled off ({gap})"


def _last_epoch_drop(history: Sequence[Validation]) -> float:
    """Returns the relative drop of validation perplexity per epoch between the last two validations."""
    before, last = history[-2:]
    epochs = max(last.epochs - before.epochs, 1e-6)
    return 1 - math.exp(math.log(last.validation / before.validation) / epochs)
