"""Runs Lightning's training loop, with signals handled."""

import contextlib
from pathlib import Path

import lightning as L

from halo.training.resume.resume_checkpoints import find_resume_callback


def train(
    trainer: L.Trainer, module: L.LightningModule, data: L.LightningDataModule, *, resume_from: Path | None = None
) -> None:
    """Trains the module until the Trainer finishes.

    Ctrl-C is raised as `KeyboardInterrupt`, after Lightning has closed its loggers and processes.

    Args:
        trainer: The Trainer; its `ResumeCheckpoints` callback, if any, handles signals.
        module: The module to train.
        data: The text to train on.
        resume_from: A resume checkpoint; None for a new run.
    """
    resume_callback = find_resume_callback(trainer)
    try:
        with contextlib.nullcontext() if resume_callback is None else resume_callback.signals.restored():
            trainer.fit(module, datamodule=data, ckpt_path=resume_from)
    except SystemExit as end:
        if isinstance(end.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from end
        raise
