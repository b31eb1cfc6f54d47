"""A one-line verdict on a training run: underfitting, overfitting, diverged, or none of these."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from halo.evaluation.text_scores import perplexity
from halo.reports.console import number

STILL_FALLING = 0.02
"""Relative drop of validation perplexity in the last epoch above which more epochs are worthwhile."""
MIN_RISE = 0.01
"""Relative rise of validation perplexity, above its minimum or that of n-grams, that is more than chance."""
SMALL_GAP = 0.05
"""Generalization gap, in nats per token, below which the model has hardly fitted its training text."""
CLOSE = 0.05
"""Distance from the loss of the n-gram model, in nats per token, within which the network has hardly an advantage."""
MIN_STEPS = 50
"""Optimizer steps below which a run says nothing about its settings."""
DIVERGED = 0.5
"""Rise of a loss, or its distance above that of a uniform model, in nats per token, with which a run has diverged."""
TINY_TEXT = 50_000
"""Training tokens below which more text helps more than any setting."""

MORE_TEXT = "use more text"
OTHER_TRAINING = "try another learning rate (find_lr=true suggests one), more epochs or less dropout"


class Validation(NamedTuple):
    """The figures of one validation.

    Attributes:
        step: Optimizer steps so far.
        epochs: Passes over the training text so far, with fractions.
        train: Training perplexity since the previous validation, with dropout.
        validation: Validation perplexity.
        tokens: Training tokens seen so far, repetitions included.
        seconds: Training time so far, without validations and without the time between two processes.
    """

    step: int
    epochs: float
    train: float
    validation: float
    tokens: int
    seconds: float


class FinalNLL(NamedTuple):
    """Mean negative log-likelihoods at the end of a run, in nats per token.

    Attributes:
        train: Of the training text under the chosen weights, without dropout.
        validation: Of the validation text under the chosen weights.
        unigram: Of the validation text under a unigram model.
        uniform: Of any text under a uniform model: ln V.
        kneser_ney: Of the validation text under a Kneser-Ney n-gram model; None if there is none.
        kneser_ney_train: Of the training text under that model.
        train_tokens: The number of tokens of the training text.
    """

    train: float
    validation: float
    unigram: float
    uniform: float
    kneser_ney: float | None = None
    kneser_ney_train: float | None = None
    train_tokens: int = TINY_TEXT

    @property
    def gap(self) -> float:
        """The generalization gap: validation minus training."""
        return self.validation - self.train

    @property
    def is_tiny(self) -> bool:
        """Whether the training text is too small for settings to matter much."""
        return self.train_tokens < TINY_TEXT

    @property
    def is_close_to_ngrams(self) -> bool:
        """Whether the n-gram model predicts the validation text as well as the trained model, or hardly worse."""
        return self.kneser_ney is not None and self.validation > self.kneser_ney - CLOSE

    @property
    def is_worse_than_ngrams(self) -> bool:
        """Whether the n-gram model predicts the validation text better, by more than chance."""
        return self.kneser_ney is not None and self.validation > self.kneser_ney + MIN_RISE

    @property
    def is_exhausted(self) -> bool:
        """Whether the training text has little to learn: n-grams that were memorised fit new text as well."""
        return self.kneser_ney is not None and self.kneser_ney - (self.kneser_ney_train or 0.0) < 2 * SMALL_GAP

    @property
    def compared(self) -> str:
        """The validation perplexities of the trained model and of the n-gram model."""
        ngrams = "" if self.kneser_ney is None else number(perplexity(self.kneser_ney))
        return f"perplexity {number(perplexity(self.validation))}, Kneser-Ney {ngrams}"


class Finding(NamedTuple):
    """What a verdict consists of.

    Attributes:
        kind: The verdict in a word or two.
        reason: The evidence.
        advice: What to change; empty if there is nothing to.
    """

    kind: str
    reason: str
    advice: str = ""


def overfitting_since(history: Sequence[Validation]) -> float | None:
    """Returns the epoch after which validation got worse while training improved; None without overfitting."""
    best, last = lowest(history), history[-1]
    rose = last.validation > (1 + MIN_RISE) * best.validation
    return best.epochs if rose and last.train < best.train else None


def lowest(history: Sequence[Validation]) -> Validation:
    """Returns the first validation with the lowest perplexity; one that is not a number is the worst."""
    return min(history, key=lambda each: math.inf if math.isnan(each.validation) else each.validation)


def verdict(history: Sequence[Validation], final: FinalNLL, *, steps: int, early_end: str | None = None) -> str:
    """Returns one line: whether a run underfits, overfits or has diverged, the evidence, and what to change.

    The conditions are in docs/measurement.md, in the order of the code: the first of them that holds is the verdict.

    Args:
        history: The validations of the run, in order.
        final: The losses of the chosen weights and of the baselines.
        steps: The optimizer steps of the run.
        early_end: Why the run ended before its last epoch, such as `early stopping at epoch 7 of 11 (patience 3)`;
            None if it did not.
    """
    finding = _divergence(history, final)
    gap = "" if finding else f" (generalization gap {final.gap:.3f} nats/token)"
    finding = finding or _too_little(history, steps) or _finding(history, final)
    parts = [f"{finding.kind}: {finding.reason}{gap}", finding.advice, early_end and f"ended by {early_end}"]
    return "; ".join(part for part in parts if part)


def _divergence(history: Sequence[Validation], final: FinalNLL) -> Finding | None:
    """Returns the finding that a run has diverged, or has not recovered from a loss spike; None otherwise."""
    advice = "lower optim.lr or gradient_clip.value"
    if not final.validation <= final.uniform + DIVERGED:  # nor is NaN
        shown = number(perplexity(final.validation), digits=1)
        uniform = number(perplexity(final.uniform), digits=1)
        return Finding("diverged", f"validation perplexity is {shown}, that of a uniform model {uniform}", advice)
    if not history:
        return None
    best, last = lowest(history), history[-1]
    if not is_far_above(last, best):
        return None
    rise = f"from {number(best.validation, digits=1)} to {number(last.validation, digits=1)}"
    reason = f"after epoch {_epoch(best)} perplexity rose on training and validation text, on the latter {rise}"
    if final.validation < math.log(best.validation) + DIVERGED:
        reason += "; the saved weights are from before"
    return Finding("diverged", reason, advice)


def is_far_above(later: Validation, best: Validation) -> bool:
    """Returns whether training and validation perplexity are above those of an earlier validation, the latter far."""
    is_far = not later.validation <= math.exp(DIVERGED) * best.validation  # nor is NaN
    return is_far and not later.train <= best.train


def loss_spike(history: Sequence[Validation]) -> Validation | None:
    """Returns the highest validation that was far above the best before it, on both texts; None without such a spike.

    Args:
        history: The validations of a run, in order.
    """
    spikes = [
        each for position, each in enumerate(history) if position and is_far_above(each, lowest(history[:position]))
    ]
    return max(spikes, key=lambda each: each.validation, default=None)


def _too_little(history: Sequence[Validation], steps: int) -> Finding | None:
    """Returns the finding that a run was too short, or was not validated; None otherwise."""
    if not history:
        return Finding("no verdict", "the run had no validation")
    if steps < MIN_STEPS:
        shown = f"{steps} optimizer step{' is' if steps == 1 else 's are'} too few"
        return Finding("no verdict", shown, "train for more epochs, or on more text")
    return None


def _finding(history: Sequence[Validation], final: FinalNLL) -> Finding:
    """Returns the finding on a run of enough steps that has not diverged."""
    spike = loss_spike(history)
    if spike is not None and history[-1].validation > (1 + MIN_RISE) * lowest(history).validation:
        reason = (
            f"perplexity jumped to {number(spike.validation, digits=1)} at epoch {_epoch(spike)} and is still above "
            f"that of epoch {_epoch(lowest(history))}"
        )
        return Finding("unstable", reason, "lower optim.lr or gradient_clip.value")
    found = _overfitting(history, final) or _worse_than_baseline(history, final) or _trend(history, final)
    if spike is None:
        return found
    jump = f"it recovered from a perplexity of {number(spike.validation, digits=1)} at epoch {_epoch(spike)}"
    return found._replace(reason=f"{found.reason}; {jump}")


def _overfitting(history: Sequence[Validation], final: FinalNLL) -> Finding | None:
    """Returns the finding that a run overfits, or that it cannot be said; None otherwise."""
    since = overfitting_since(history)
    if since is None:
        return None
    if final.gap < -SMALL_GAP:
        rose = f"validation perplexity rose after epoch {since:g}, but {_EASIER}"
        return Finding("no verdict", rose, _OTHER_SPLIT)
    reason = "validation perplexity rose while training perplexity fell"
    if final.is_close_to_ngrams:
        worse = "worse than" if final.is_worse_than_ngrams else "hardly better than"
        reason += f", and its lowest is {worse} that of n-gram counts ({final.compared})"
    others = "more dropout or weight decay, or fewer epochs"
    advice = f"{MORE_TEXT}, or try {others}" if final.is_tiny else f"try {others}, or {MORE_TEXT}"
    return Finding(f"overfitting since epoch {round(since, 2):g}", reason, advice)


_EASIER = "validation text is predicted better than training text, so it is easier or shares passages with it"
_OTHER_SPLIT = "compare with the unigram model, or split the text anew (data.splits.seed)"


def _worse_than_baseline(history: Sequence[Validation], final: FinalNLL) -> Finding | None:
    """Returns the finding that a baseline predicts validation text at least as well; None if none does."""
    if final.validation >= min(final.unigram, final.uniform):
        baseline = "uniform" if final.validation >= final.uniform else "unigram"
        reason = f"validation text is predicted no better than by a {baseline} model"
        return Finding("underfitting", reason, OTHER_TRAINING + (f", or {MORE_TEXT}" if final.is_tiny else ""))
    if not final.is_worse_than_ngrams:
        return None
    reason = f"counts of n-grams predict validation text better ({final.compared})"
    if len(history) > 1 and _last_epoch_drop(history) > STILL_FALLING:
        return Finding("underfitting", f"{reason}, though it still improves", "train for more epochs")
    if final.is_tiny or final.is_exhausted:
        few = f"the training text has only {final.train_tokens:,} tokens" if final.is_tiny else _EXHAUSTED
        return Finding("too little text", f"{reason}; {few}", f"{MORE_TEXT}; a larger model would not help")
    return Finding("underfitting", reason, f"{OTHER_TRAINING} before a larger model")


_EXHAUSTED = "it repeats the training text so closely that there is little else to learn"


def _trend(history: Sequence[Validation], final: FinalNLL) -> Finding:
    """Returns the finding on a run that is better than the baselines and neither diverged nor overfitted."""
    if len(history) == 1:
        advice = "train for more epochs, or validate more often with trainer.val_check_interval"
        return Finding("no verdict", "a single validation shows no trend", advice)
    drop = _last_epoch_drop(history)
    if drop > STILL_FALLING and not (final.is_close_to_ngrams and final.is_exhausted):
        reason = f"validation perplexity still fell by {drop:.0%} in the last epoch"
        return Finding("underfitting", reason, "try more epochs or a higher learning rate")
    if final.gap < -SMALL_GAP:
        return Finding("no verdict", _EASIER, _OTHER_SPLIT)
    return _levelled_off(final)


def _levelled_off(final: FinalNLL) -> Finding:
    """Returns the finding on a run whose validation perplexity has levelled off below that of the baselines."""
    close = f", about that of n-gram counts ({final.compared})" if final.is_close_to_ngrams else ""
    if final.gap >= SMALL_GAP:
        advice = (MORE_TEXT if final.is_tiny else f"{OTHER_TRAINING}, or {MORE_TEXT}") if close else ""
        reason = f"validation perplexity has levelled off{close}"
        return Finding("neither underfitting nor overfitting", reason, advice)
    reason = "training text is predicted hardly better than new text"
    if final.is_tiny:
        few = f"the training text has only {final.train_tokens:,} tokens"
        return Finding("too little text", f"{reason}{close}; {few}", f"{MORE_TEXT}; a larger model would not help")
    if close and final.is_exhausted:
        return Finding("too little text", f"{reason}{close}", f"{MORE_TEXT}, or text that varies more")
    if close:
        return Finding("underfitting", f"{reason}{close}", f"{OTHER_TRAINING} before a larger model")
    return Finding("underfitting", reason, "try a larger model or less dropout")


def _last_epoch_drop(history: Sequence[Validation]) -> float:
    """Returns the relative drop of validation perplexity per epoch between the last validation and the best before it.

    Not between the last two: after a loss spike, their difference is that of the recovery.
    """
    before, last = lowest(history[:-1]), history[-1]
    if not math.isfinite(last.validation) or not math.isfinite(before.validation):
        return 0.0
    epochs = max(last.epochs - before.epochs, 1e-6)
    return 1 - math.exp(math.log(last.validation / before.validation) / epochs)


def _epoch(validation: Validation) -> str:
    return f"{round(validation.epochs, 2):g}"
