"""Says why a run ended before the number of epochs and steps that was asked for."""

import lightning as L
from lightning.pytorch.callbacks import EarlyStopping, Timer
from lightning.pytorch.callbacks.early_stopping import EarlyStoppingReason


def early_end(trainer: L.Trainer) -> str | None:
    """Returns when and why training ended early; None if it reached its last epoch or step.

    Args:
        trainer: The Trainer, after training.
    """
    if not trainer.should_stop:
        return None
    callbacks: list[L.Callback] = trainer.callbacks  # type: ignore[attr-defined]
    reasons = [
        *(_reason_of(each) for each in callbacks if isinstance(each, EarlyStopping)),
        *(
            "the time limit is over (trainer.max_time)"
            for each in callbacks
            if isinstance(each, Timer) and is_over(each)
        ),
    ]
    why = "; ".join(reason for reason in reasons if reason) or "a callback asked for it"
    return f"Training ended early, after step {trainer.global_step}: {why}"


def is_over(timer: Timer) -> bool:
    """Returns whether the time of a timer is over."""
    remaining = timer.time_remaining()
    return remaining is not None and remaining <= 0


def _reason_of(stopping: EarlyStopping) -> str:
    """Returns why early stopping has ended a run; empty if it has not."""
    monitor, best = stopping.monitor, f"its best was {stopping.best_score:.4f}"
    return {
        EarlyStoppingReason.NOT_STOPPED: "",
        EarlyStoppingReason.PATIENCE_EXHAUSTED: f"{monitor} has not improved for {stopping.wait_count} validations "
        f"(early stopping, patience={stopping.patience}; {best})",
        EarlyStoppingReason.STOPPING_THRESHOLD: f"{monitor} reached stopping_threshold={stopping.stopping_threshold}",
        EarlyStoppingReason.DIVERGENCE_THRESHOLD: f"{monitor} passed divergence_threshold="
        f"{stopping.divergence_threshold}",
        EarlyStoppingReason.NON_FINITE_METRIC: f"{monitor} is not finite; {best}",
    }[stopping.stopping_reason]
