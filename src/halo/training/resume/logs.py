"""Continues the logs of a resumed run without gaps or duplicates."""

import csv
import io
import warnings
from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.loggers import CSVLogger, Logger, TensorBoardLogger
from torch.utils.tensorboard import SummaryWriter

from halo.runtime.atomic_files import atomic_write
from halo.training.loggers.mlflow import RunMLflowLogger
from halo.training.loggers.wandb import RunWandbLogger


def flush_loggers(trainer: L.Trainer) -> None:
    """Writes out the buffers of the loggers: a resume checkpoint relies on everything that was logged before it."""
    for logger in trainer.loggers:
        logger.save()
        if isinstance(logger, TensorBoardLogger):
            logger.experiment.flush()


def resume_logs(loggers: list[Logger], settings: dict[str, Any], step: int) -> None:
    """Continues the curves from a step: values logged from this step on are removed, since they are logged again.

    Args:
        loggers: Loggers that have not been used yet.
        settings: The settings of the run, which the CSV logger writes again.
        step: The first step that will be logged.
    """
    for logger in loggers:
        if isinstance(logger, CSVLogger):
            _continue_csv(logger, step)
            logger.log_hyperparams(settings)
        elif isinstance(logger, TensorBoardLogger):
            # TensorBoard ignores the values of earlier files in the folder from this step on.
            SummaryWriter(logger.log_dir, purge_step=step).close()
        elif isinstance(logger, RunMLflowLogger | RunWandbLogger):
            logger.resume()


def _continue_csv(logger: CSVLogger, step: int) -> None:
    """Keeps the rows before a step, which Lightning's logger would delete, even if the process is killed in between."""
    file = Path(logger.log_dir) / "metrics.csv"
    backup = file.with_name(".metrics.csv.resuming")
    if file.exists() and not backup.exists():
        file.replace(backup)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*exists and is not empty.*")
        experiment = logger.experiment
    if not backup.exists():
        return
    with backup.open(encoding="utf-8", newline="") as source:
        reader = csv.DictReader(source)
        kept = [row for row in reader if row["step"] and float(row["step"]) < step]
        keys = [key for key in reader.fieldnames or [] if any(row[key] for row in kept)]
    if kept:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, keys, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(kept)
        atomic_write(file, text.getvalue())
        experiment.metrics_keys = keys
    backup.unlink()
