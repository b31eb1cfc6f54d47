"""Says why a run ended before the number of epochs and steps that was asked for."""

from typing import NamedTuple

import lightning as L
from lightning.pytorch.callbacks import EarlyStopping, Timer
from lightning.pytorch.callbacks.early_stopping import EarlyStoppingReason

from halo.runtime.errors import counted


class EarlyEnd(NamedTuple):
    """Describes why and when a run ended early.

    Attributes:
        line: A sentence for the log.
        summary: A few words for the verdict: `early stopping after epoch 7 of 11 (patience 3)`.
    """

    line: str
    summary: str


def epochs_trained(trainer: L.Trainer) -> float:
    """Returns the number of passes over the training text so far, with fractions, during training or after it."""
    finished = trainer.fit_loop.epoch_progress.current.ready - 1
    batches = trainer.fit_loop.epoch_loop.batch_progress.current.ready
    return float(max(0, finished) + batches / max(1, trainer.num_training_batches))


def early_end(trainer: L.Trainer) -> EarlyEnd | None:
    """Returns when and why training ended early; None if it reached its last epoch or step.

    Args:
        trainer: The Trainer, after training.
    """
    if not trainer.should_stop:
        return None
    callbacks: list[L.Callback] = trainer.callbacks  # type: ignore[attr-defined]
    reasons = [_reason_of(each) for each in callbacks if isinstance(each, EarlyStopping)]
    reasons += [_TIME_LIMIT for each in callbacks if isinstance(each, Timer) and is_over(each)]
    found = [reason for reason in reasons if reason is not None] or [EarlyEnd("a callback asked for it", "a callback")]
    epoch = f"epoch {round(epochs_trained(trainer), 2):g}"
    if trainer.max_epochs is not None and trainer.max_epochs > 0:
        epoch += f" of {trainer.max_epochs}"
    line = f"Training ended early, after {epoch} (step {trainer.global_step}): {'; '.join(each.line for each in found)}"
    cause, _, detail = found[0].summary.partition(" (")
    return EarlyEnd(line, f"{cause} after {epoch}{detail and f' ({detail}'}")


def is_over(timer: Timer) -> bool:
    """Returns whether the time of a timer is over."""
    remaining = timer.time_remaining()
    return remaining is not None and remaining <= 0


_TIME_LIMIT = EarlyEnd("the time limit is over (trainer.max_time)", "the time limit (trainer.max_time)")


def _reason_of(stopping: EarlyStopping) -> EarlyEnd | None:
    """Returns why early stopping has ended a run; None if it has not."""
    monitor, best = stopping.monitor, f"its best was {stopping.best_score:.4f}"
    waited, patience = counted(stopping.wait_count, "validation"), stopping.patience
    found = {
        EarlyStoppingReason.PATIENCE_EXHAUSTED: EarlyEnd(
            f"{monitor} has not improved for {waited} (early stopping, patience={patience}; {best})",
            f"early stopping (patience {patience})",
        ),
        EarlyStoppingReason.STOPPING_THRESHOLD: EarlyEnd(
            f"{monitor} reached stopping_threshold={stopping.stopping_threshold}", "early stopping (stopping_threshold)"
        ),
        EarlyStoppingReason.DIVERGENCE_THRESHOLD: EarlyEnd(
            f"{monitor} passed divergence_threshold={stopping.divergence_threshold}",
            "early stopping (divergence_threshold)",
        ),
        EarlyStoppingReason.NON_FINITE_METRIC: EarlyEnd(
            f"{monitor} is not finite; {best}", f"early stopping ({monitor} not finite)"
        ),
    }
    return found.get(stopping.stopping_reason)
