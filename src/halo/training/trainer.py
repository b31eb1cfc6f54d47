"""The Lightning Trainer from its settings."""

import io
import logging
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import lightning as L
import torch
from lightning.fabric.plugins import TorchCheckpointIO
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import Callback, Checkpoint, LearningRateMonitor, ProgressBar
from lightning.pytorch.loggers import Logger

from halo.runtime.atomic_files import atomic_write_bytes
from halo.runtime.errors import InputError
from halo.training.precision import precision_of

log = logging.getLogger(__name__)

OWNED_BY_HALO = {
    "callbacks": "use the callbacks group",
    "logger": "use the logger group",
    "default_root_dir": "use run_dir",
    "gradient_clip_val": "use gradient_clip.value",
    "gradient_clip_algorithm": "use gradient_clip.algorithm",
    "enable_checkpointing": "use callbacks.checkpoint",
    "plugins": "checkpoints are written by halo",
    "use_distributed_sampler": "streams are divided between devices already",
}


def build_trainer(
    settings: dict[str, Any], run_dir: Path, callbacks: Sequence[Callback], loggers: Sequence[Logger]
) -> L.Trainer:
    """Returns the Trainer.

    Args:
        settings: Arguments of `lightning.Trainer`.
        run_dir: Where whatever Lightning writes goes.
        callbacks: Callbacks; those among them that have nowhere to write are left out: a progress bar where there is no
            terminal, a LearningRateMonitor where there are no loggers.
        loggers: Loggers.

    Raises:
        InputError: A setting that Lightning does not know, cannot follow on this machine, or that halo keeps to itself.
    """
    for key, remedy in OWNED_BY_HALO.items():
        if key in settings:
            raise InputError(f"trainer.{key}: not set here; {remedy}")
    _require_types(settings)
    precision = precision_of(settings.get("precision", "32-true"), settings.get("accelerator", "auto"))
    shows_progress = sys.stdout.isatty()
    _quieten_lightning()
    try:
        return L.Trainer(
            **{"enable_progress_bar": shows_progress, **settings, "precision": precision},
            default_root_dir=run_dir,
            use_distributed_sampler=False,
            enable_checkpointing=any(isinstance(each, Checkpoint) for each in callbacks),
            callbacks=_heard(callbacks, shows_progress=shows_progress, has_loggers=bool(loggers)),
            logger=list(loggers),
            plugins=[AtomicCheckpointIO()],
        )
    except (MisconfigurationException, ImportError, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0].removeprefix("Trainer.__init__() ").replace("`", "")
        asked = " ".join(f"{key}={settings[key]}" for key in ("accelerator", "devices", "strategy") if key in settings)
        raise InputError(f"trainer: {reason} Asked for {asked}; accelerator=auto takes what is there") from error


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes checkpoints that are whole or not there, in their own folder.

    Lightning's own way leads through the folder for temporary files, which may be full, or on another disk: then a
    checkpoint that is being moved from there can be cut short.
    """

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Writes a checkpoint; it has reached the disk when this returns."""
        buffer = io.BytesIO()
        torch.save(checkpoint, buffer)
        atomic_write_bytes(Path(path), buffer.getbuffer())


def _heard(callbacks: Sequence[Callback], *, shows_progress: bool, has_loggers: bool) -> list[Callback]:
    """Returns the callbacks that have somewhere to write."""
    if not has_loggers and any(isinstance(each, LearningRateMonitor) for each in callbacks):
        log.info("Without loggers the learning rate is not recorded: LearningRateMonitor is left out")
    unheard = (*(() if shows_progress else (ProgressBar,)), *(() if has_loggers else (LearningRateMonitor,)))
    return [each for each in callbacks if not isinstance(each, unheard)]


def _require_types(settings: dict[str, Any]) -> None:
    """Refuses what Lightning's own annotations do not allow; Lightning itself would fail later and less clearly."""
    for key, hint in get_type_hints(L.Trainer.__init__).items():
        is_known = key == "precision" and settings.get(key) == "auto"
        if key in settings and not is_known and not _admits(hint, settings[key]):
            allowed = str(hint).replace("typing.", "")
            raise InputError(f"trainer.{key}={settings[key]}: not allowed; lightning.Trainer takes {allowed}")


def _admits(hint: Any, value: object) -> bool:
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    kind = get_origin(hint) or hint
    if kind in (Union, UnionType):
        return any(_admits(part, value) for part in get_args(hint))
    if kind in (int, float):
        return isinstance(value, int | kind) and not isinstance(value, bool)
    return kind is Any or isinstance(value, kind)


def _quieten_lightning() -> None:
    """Keeps Lightning's notices about its own workings out of the user's sight; its warnings about the run stay."""
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings("ignore", message=".*Checkpoint directory .* exists and is not empty.*")  # of a resumed run
    warnings.filterwarnings("ignore", message=".*isinstance\\(treespec, LeafSpec\\).*")
