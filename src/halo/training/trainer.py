"""Builds the Lightning Trainer from its settings."""

import io
import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.fabric.plugins import TorchCheckpointIO
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import Callback, Checkpoint, LearningRateMonitor, ProgressBar
from lightning.pytorch.loggers import Logger
from lightning.pytorch.utilities import rank_zero_only

from halo.config import RESERVED, RunConfig, plain, unknown_setting
from halo.distributed.connection import STEP_TIMEOUT, connect
from halo.distributed.settling import log_notes, settle_ranks
from halo.runtime.annotations import accepts, argument_types, name_of
from halo.runtime.atomic_files import atomic_write_bytes
from halo.runtime.errors import InputError, reason
from halo.runtime.process_ranks import is_launched_by_first_process, process_group
from halo.runtime.progress import has_terminal
from halo.training.precision import precision_of
from halo.training.sharding import ShardedStrategy

log = logging.getLogger(__name__)

LOWEST = {
    **{"max_epochs": 1, "max_steps": 1, "min_epochs": 0, "min_steps": 0},
    **{"accumulate_grad_batches": 1, "check_val_every_n_epoch": 1, "log_every_n_steps": 0, "fast_dev_run": 0},
    **{"overfit_batches": 0, "reload_dataloaders_every_n_epochs": 0},
}
"""The lowest value of each argument of `lightning.Trainer` for which it says nothing itself."""

HIDDEN_WARNINGS = (
    r".*does not have many workers.*",  # windows are slices of an array
    r".*Checkpoint directory .* exists and is not empty.*",  # normal when resuming
    r".*isinstance\(treespec, LeafSpec\).*",  # between Lightning and torch
    r".*smaller than the logging interval.*",  # the module shortens the interval
    r".*ModelCheckpoint\(monitor=.*could not find the monitored key.*",  # before the first validation
    r".*ReduceLROnPlateau conditioned on metric.*strict.*",  # the same for plateau schedules
    r".*RNN module weights are not part of single contiguous chunk of memory.*",  # those of trainer.strategy=fsdp
    r".*FSDP2-wrapped module .* returned a view tensor.*",  # nothing changes it in place
    r".*recommended to use `self\.log\(.*sync_dist=True.*",  # figures are sums over all processes already
    r".*GPU available but not used.*",  # trainer.accelerator=cpu
    r".*callbacks used to create the checkpoint need to be provided.*",  # those that may change are named in restore
    r".*`srun` command is available on your system but is not used.*",  # told by settle_ranks where it matters
    r".*constrained_layout not applied.*",
    r".*[Gg]lyph .* missing from .*font.*",  # a script that the font of the figures lacks
)
"""Warnings of libraries that do not concern the run."""

UNLIMITED = ("max_epochs", "max_steps")
SHARES = ("limit_train_batches", "val_check_interval")


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
    _require_names(settings)
    settings = {**settings, **settle_ranks(settings)._asdict()}
    _require_types(settings)
    log_notes()
    _require_values(settings)
    if settings.get("max_epochs", 1) is None:  # for Lightning a limit of 1000
        settings = {**settings, "max_epochs": -1}
    precision = precision_of(settings.get("precision", "32-true"), settings.get("accelerator", "auto"))
    if batches := settings.get("overfit_batches"):
        log.warning(
            "trainer.overfit_batches=%s: every epoch trains on the same first batches, and validates on as many; "
            "the final figures are of the whole text",
            batches,
        )
    sharded = {"strategy": ShardedStrategy()} if settings.get("strategy") == ShardedStrategy.strategy_name else {}
    shows_progress = has_terminal()
    _quieten_libraries()
    try:
        trainer = L.Trainer(
            **{"enable_progress_bar": shows_progress, **settings, **sharded, "precision": precision},
            default_root_dir=run_dir,
            use_distributed_sampler=False,
            enable_checkpointing=any(isinstance(each, Checkpoint) for each in callbacks),
            callbacks=_with_output(callbacks, shows_progress=shows_progress, has_loggers=bool(loggers)),
            logger=list(loggers),
            plugins=[AtomicCheckpointIO()],
        )
    except (MisconfigurationException, ImportError, TypeError, ValueError, RuntimeError) as error:
        raise InputError(_explain(error, settings)) from error
    if trainer.world_size > 1:
        trainer.strategy._timeout = STEP_TIMEOUT  # type: ignore[attr-defined]  # a strategy's name has no arguments
    else:
        # In a script, Lightning was imported, and has read its rank, before the ranks were settled.
        rank_zero_only.rank = 0  # type: ignore[attr-defined]
    return trainer


def connect_processes(trainer: L.Trainer, config: RunConfig) -> None:
    """Connects the processes of a run that torchrun, srun or the user has started, and checks that they do the same.

    Those that Lightning launches when training starts do the same as this one, and are connected then.

    Raises:
        InputError: They differ, or cannot reach each other.
    """
    strategy: Any = trainer.strategy
    if trainer.world_size == 1 or process_group() is not None or is_launched_by_first_process():
        return
    if not strategy.cluster_environment.creates_processes_externally:
        return
    strategy.set_world_ranks()
    strategy.accelerator.setup_device(strategy.root_device)
    connect(
        plain(config),
        rank=trainer.global_rank,
        world_size=trainer.world_size,
        backend=strategy._get_process_group_backend(),
        device=strategy.root_device,
    )


def _explain(error: Exception, settings: dict[str, Any]) -> str:
    """Returns why Lightning refuses to make a Trainer, with the devices that were asked for if it is about them."""
    problem = reason(error).removeprefix("Trainer.__init__() ").replace("`", "").rstrip(".")
    given = [f"{key}={settings[key]}" for key in ("accelerator", "devices", "strategy") if key in settings]
    is_about_devices = any(word in problem.lower() for word in ("accelerator", "device", "strategy", "gpu", "backend"))
    if not is_about_devices:
        return f"trainer: {problem}; correct the setting"
    return f"trainer: {problem}. Given: {' '.join(given)}; accelerator=auto selects an available one"


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


def _require_names(settings: dict[str, Any]) -> None:
    """Checks that `lightning.Trainer` has arguments of these names, and that they are not those that halo sets."""
    names = [f"trainer.{name}" for name in argument_types(L.Trainer) if name not in (*RESERVED, "return")]
    for key in settings:
        if key in RESERVED:
            raise InputError(f"trainer.{key}: cannot be set here; {RESERVED[key]}")
        if f"trainer.{key}" not in names:
            raise InputError(unknown_setting(f"trainer.{key}", names))


def _require_types(settings: dict[str, Any]) -> None:
    """Checks settings against the annotations of `lightning.Trainer`, which would fail later and less clearly."""
    for key, annotation in argument_types(L.Trainer).items():
        is_known = key == "precision" and settings.get(key) == "auto"
        if key in settings and not is_known and not accepts(annotation, settings[key]):
            allowed = name_of(annotation)
            raise InputError(f"trainer.{key}={settings[key]}: not allowed; lightning.Trainer accepts {allowed}")


def _require_values(settings: dict[str, Any]) -> None:
    """Checks values that Lightning accepts and on which it fails later, or with which nothing would be trained."""
    for key, lowest in LOWEST.items():
        value = settings.get(key)
        if isinstance(value, int | float) and value < lowest and not (key in UNLIMITED and value == -1):
            no_limit = ", or -1 for no limit" if key in UNLIMITED else ""
            raise InputError(f"trainer.{key}={value}: must be at least {lowest}{no_limit}")
    for key in SHARES:
        if settings.get(key) == 0:
            raise InputError(f"trainer.{key}={settings[key]}: must be above 0: a share, or a number of batches from 1")
    strategy = settings.get("strategy", "auto")
    supported = strategy in ("auto", "ddp", ShardedStrategy.strategy_name) or str(strategy).startswith(
        ("ddp_find_unused", "ddp_static", "single")
    )
    if isinstance(strategy, str) and not supported:
        allowed = "must be auto (one process, or ddp on several devices), ddp or fsdp"
        raise InputError(f"trainer.strategy={strategy}: {allowed}")
    precision = settings.get("precision")
    if strategy == ShardedStrategy.strategy_name and precision in ("16-mixed", "16", 16, "64-true", "64", 64):
        raise InputError(f"trainer.precision={precision}: not with trainer.strategy=fsdp; use 32-true or bf16-mixed")
    interval = settings.get("val_check_interval")
    if isinstance(interval, str | dict):
        allowed = "must be a share of an epoch (0.5) or a number of batches (100), not a time"
        raise InputError(f"trainer.val_check_interval={interval}: {allowed}")


def _quieten_libraries() -> None:
    """Hides messages about the internals of libraries; those that were asked for, or concern the run, stay visible."""
    for name in ("lightning", "lightning.pytorch", "lightning.fabric"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        if logging.getLogger().hasHandlers():  # otherwise Lightning's own would print every message again
            logger.handlers.clear()
            logger.propagate = True
    for name in ("lightning.pytorch.callbacks", "lightning.pytorch.profilers"):  # verbose=true, summaries, profiles
        logging.getLogger(name).setLevel(logging.INFO)
    for name in ("lightning.pytorch.utilities.rank_zero", "lightning.fabric.utilities.rank_zero"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        if _is_asked_for not in logger.filters:
            logger.addFilter(_is_asked_for)
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # the font cache, fonts that it looks for
    for message in HIDDEN_WARNINGS:
        warnings.filterwarnings("ignore", message=message)


def _is_asked_for(record: logging.LogRecord) -> bool:
    """Returns whether a message of Lightning is a warning, or one that a callback was configured to give."""
    file = Path(record.pathname)
    return record.levelno >= logging.WARNING or (file.parent.name == "callbacks" and file.stem != "timer")
