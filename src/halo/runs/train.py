"""Training itself: Lightning's loop, and what it makes of signals and refused settings."""

import contextlib
from pathlib import Path

import lightning as L
from lightning.fabric.utilities.exceptions import MisconfigurationException

from halo.data.datamodule import CorpusDataModule
from halo.runtime.errors import InputError
from halo.training.module import LanguageModelModule
from halo.training.resume.resume_checkpoints import ResumeCheckpoints


def train(
    trainer: L.Trainer, module: LanguageModelModule, data: CorpusDataModule, *, resume_from: Path | None = None
) -> None:
    """Trains until the Trainer is done.

    Ctrl-C is raised as `KeyboardInterrupt`, after Lightning has closed its loggers and processes.

    Args:
        trainer: The Trainer; signals interrupt it as its `ResumeCheckpoints` callback says.
        module: What is trained.
        data: The text.
        resume_from: A resume checkpoint; None for a new run.

    Raises:
        InputError: A setting that Lightning refuses only now.
    """
    resume_callbacks = [each for each in trainer.callbacks if isinstance(each, ResumeCheckpoints)]  # type: ignore[attr-defined]
    try:
        with contextlib.ExitStack() as stack:
            for each in resume_callbacks:
                stack.enter_context(each.signals.restored())
            trainer.fit(module, datamodule=data, ckpt_path=resume_from)
    except SystemExit as end:
        if isinstance(end.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from end
        raise
    except MisconfigurationException as error:
        raise InputError(f"trainer: {str(error).splitlines()[0].replace('`', '')}") from error
