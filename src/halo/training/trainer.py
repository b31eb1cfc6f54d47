"""Builds the Lightning Trainer from its settings."""

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
    "plugins": "halo writes the checkpoints itself",
    "use_distributed_sampler": "streams are already distributed over devices",
}


def build_trainer(
    settings: dict[str, Any], run_dir: Path, callbacks: Sequence[Callback], loggers: Sequence[Logger]
) -> L.Trainer:
    """Returns the Trainer.

    Args:
        settings: Arguments of `lightning.Trainer`.
        run_dir: The folder for everything that Lightning writes.
        callbacks: Callbacks. Those without output are left out: a progress bar without a terminal, a
            LearningRateMonitor without loggers.
        loggers: Loggers.

    Raises:
        InputError: Lightning does not know a setting or cannot apply it on this machine, or halo reserves it.
    """
    for key, hint in OWNED_BY_HALO.items():
        if key in settings:
            raise InputError(f"trainer.{key}: cannot be set here; {hint}")
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
            callbacks=_with_output(callbacks, shows_progress=shows_progress, has_loggers=bool(loggers)),
            logger=list(loggers),
            plugins=[AtomicCheckpointIO()],
        )
    except (MisconfigurationException, ImportError, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0].removeprefix("Trainer.__init__() ").replace("`", "")
        given = " ".join(f"{key}={settings[key]}" for key in ("accelerator", "devices", "strategy") if key in settings)
        raise InputError(f"trainer: {reason} Given: {given}; accelerator=auto selects an available one") from error


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes checkpoints atomically, within their own folder.

    Lightning writes to the folder for temporary files first, which may be full or on another disk; moving a checkpoint
    from there can leave a truncated file.
    """

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Writes a checkpoint; it is on disk when this returns."""
        buffer = io.BytesIO()
        torch.save(checkpoint, buffer)
        atomic_write_bytes(Path(path), buffer.getbuffer())


def _with_output(callbacks: Sequence[Callback], *, shows_progress: bool, has_loggers: bool) -> list[Callback]:
    """Returns the callbacks without those that have no output: no terminal, or no loggers."""
    if not has_loggers and any(isinstance(each, LearningRateMonitor) for each in callbacks):
        log.info("Without loggers the learning rate is not recorded: LearningRateMonitor is left out")
    left_out = (*(() if shows_progress else (ProgressBar,)), *(() if has_loggers else (LearningRateMonitor,)))
    return [each for each in callbacks if not isinstance(each, left_out)]


def _require_types(settings: dict[str, Any]) -> None:
    """Checks settings against the annotations of `lightning.Trainer`, which would fail later and less clearly."""
    for key, hint in get_type_hints(L.Trainer.__init__).items():
        is_known = key == "precision" and settings.get(key) == "auto"
        if key in settings and not is_known and not _accepts(hint, settings[key]):
            allowed = str(hint).replace("typing.", "")
            raise InputError(f"trainer.{key}={settings[key]}: not allowed; lightning.Trainer accepts {allowed}")


def _accepts(hint: Any, value: object) -> bool:
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    kind = get_origin(hint) or hint
    if kind in (Union, UnionType):
        return any(_accepts(part, value) for part in get_args(hint))
    if kind in (int, float):
        return isinstance(value, int | kind) and not isinstance(value, bool)
    return kind is Any or isinstance(value, kind)


def _quieten_lightning() -> None:
    """Hides messages about Lightning's internals; warnings that concern the run stay visible."""
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings(
        "ignore", message=".*Checkpoint directory .* exists and is not empty.*"
    )  # normal when resuming
    warnings.filterwarnings("ignore", message=".*isinstance\\(treespec, LeafSpec\\).*")
