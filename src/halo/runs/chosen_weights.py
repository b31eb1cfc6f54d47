"""Chooses the weights that a run measures and saves, and says which they are."""

import logging
from collections.abc import Sequence
from pathlib import Path

import lightning as L
from lightning.pytorch.callbacks import ModelCheckpoint

from halo.bundle.checkpoints import load_checkpoint
from halo.evaluation.verdict import Validation
from halo.models.language_model import LanguageModel
from halo.runs.run_callbacks import RunCallbacks

log = logging.getLogger(__name__)

FIGURES = {
    **{"val/nll": "validation", "val/perplexity": "validation"},
    **{"train/nll": "train", "train/perplexity": "train"},
}
"""The attribute of `Validation` that orders validations as a logged figure does, for each that a validation logs."""


def choose_weights(trainer: L.Trainer, model: LanguageModel, run_callbacks: RunCallbacks) -> str:
    """Loads the best checkpoint into the model if there is one, and returns a description of the weights.

    Args:
        trainer: The Trainer, after training.
        model: The model with the last weights, changed in place.
        run_callbacks: The callbacks of the run.
    """
    model.to(trainer.strategy.root_device)  # Lightning moves it to the CPU when training ends
    checkpoint = _best_checkpoint(trainer)
    if checkpoint is None:
        log.warning("There is no best checkpoint: the last weights are measured and saved")
        chosen, average = f"last, step {trainer.global_step}", run_callbacks.describe_average()
    else:
        step, average = load_checkpoint(model, checkpoint.best_model_path)
        chosen = describe(checkpoint, run_callbacks.learning_curve.history, step=step, last_step=trainer.global_step)
    return f"{chosen}, {average}" if average else chosen


def _best_checkpoint(trainer: L.Trainer) -> ModelCheckpoint | None:
    """Returns the first callback that has chosen a checkpoint by a figure; None if there is none."""
    for callback in trainer.checkpoint_callbacks:
        if isinstance(callback, ModelCheckpoint) and callback.monitor and Path(callback.best_model_path).is_file():
            return callback
    return None


def describe(checkpoint: ModelCheckpoint, history: Sequence[Validation], *, step: int, last_step: int) -> str:
    """Returns which weights a checkpoint holds.

    They are the best by the figure that the callback monitors only if they are those of the best validation: a callback
    may save more seldom than validations happen, or between them, when its figure is that of earlier weights.

    Args:
        checkpoint: The callback that has written it.
        history: The validations of the run, in order.
        step: The optimizer step of the checkpoint.
        last_step: The last optimizer step of the run.
    """
    monitor, place = checkpoint.monitor, f"step {step} of {last_step}"
    order = f"{monitor} (mode=max)" if checkpoint.mode == "max" else monitor
    if monitor not in FIGURES or not history:
        return f"best by {order}, {place}"
    figures = {each.step: getattr(each, FIGURES[monitor]) for each in history}
    best_step = (max if checkpoint.mode == "max" else min)(figures, key=lambda each: figures[each])
    if step not in figures:
        return f"{place}, saved between two validations; best by {order}: step {best_step}, not saved"
    if figures[step] == figures[best_step]:
        return f"best by {order}, {place}"
    return f"best saved by {order}, {place}; step {best_step} was better and not saved"
