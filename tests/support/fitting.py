"""Trains a module as a run does, without what a run leaves."""

from pathlib import Path
from typing import Any, NamedTuple

import lightning as L

from halo.config import TrainConfig
from halo.data.datamodule import CorpusDataModule
from halo.runs.build import build as assemble
from halo.training.callbacks.throughput import Throughput
from halo.training.module import LanguageModelModule
from halo.training.trainer import build_trainer


class Fitted(NamedTuple):
    """What was trained, on what, and by which trainer."""

    module: LanguageModelModule
    data: CorpusDataModule
    trainer: L.Trainer


def fit_module(config: TrainConfig, *callbacks: L.Callback, checkpoint: Path | None = None, **trainer: Any) -> Fitted:
    """Trains with changed settings of the trainer: `fit_module(config, Recorder(), max_epochs=1)`."""
    data, module = assemble(config)
    settings = {**config.trainer, **trainer}
    fitted = build_trainer(settings, Path(str(config.run_dir)), [Throughput(), *callbacks], [])
    fitted.fit(module, datamodule=data, ckpt_path=checkpoint)
    return Fitted(module, data, fitted)
