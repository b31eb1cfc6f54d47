"""The Lightning Trainer from its settings."""

import logging
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning as L
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import Callback, ProgressBar
from lightning.pytorch.loggers import Logger

from halo.errors import InputError

OWNED_BY_HALO = {
    "callbacks": "use the callbacks group",
    "logger": "use the logger group",
    "default_root_dir": "use run_dir",
    "gradient_clip_val": "use gradient_clip.value",
    "gradient_clip_algorithm": "use gradient_clip.algorithm",
    "use_distributed_sampler": "streams are divided between devices already",
}


def build_trainer(
    settings: dict[str, Any], run_dir: Path, callbacks: Sequence[Callback], loggers: Sequence[Logger]
) -> L.Trainer:
    """Returns the Trainer.

    Args:
        settings: Arguments of `lightning.Trainer`.
        run_dir: Where whatever Lightning writes goes.
        callbacks: Callbacks; a progress bar among them is left out where no terminal shows it.
        loggers: Loggers.

    Raises:
        InputError: A setting that Lightning does not know, cannot follow on this machine, or that halo keeps to itself.
    """
    for key, remedy in OWNED_BY_HALO.items():
        if key in settings:
            raise InputError(f"trainer.{key}: not set here; {remedy}")
    shows_progress = sys.stdout.isatty()
    _quieten_lightning()
    try:
        return L.Trainer(
            **{"enable_progress_bar": shows_progress, **settings},
            default_root_dir=run_dir,
            use_distributed_sampler=False,
            callbacks=[each for each in callbacks if shows_progress or not isinstance(each, ProgressBar)],
            logger=list(loggers),
        )
    except (MisconfigurationException, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0].removeprefix("Trainer.__init__() ").replace("`", "")
        asked = {key: settings[key] for key in ("accelerator", "devices", "strategy", "precision") if key in settings}
        raise InputError(f"trainer: {reason} (asked for: {asked})") from error


def _quieten_lightning() -> None:
    """Keeps Lightning's notices about its own workings out of the user's sight; its warnings about the run stay."""
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings("ignore", message=".*isinstance\\(treespec, LeafSpec\\).*")
