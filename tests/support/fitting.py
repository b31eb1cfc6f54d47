"""Trains a module as a run does, without a run folder."""

from pathlib import Path
from typing import Any, NamedTuple

import lightning as L

from halo.config import TrainConfig
from halo.data.datamodule import CorpusDataModule
from halo.runs.build import build
from halo.training.callbacks.throughput import Throughput
from halo.training.module import LanguageModelModule
from halo.training.trainer import build_trainer


class Fitted(NamedTuple):
    """Holds the trained module, its data and its Trainer."""

    module: LanguageModelModule
    data: CorpusDataModule
    trainer: L.Trainer


def fit_module(config: TrainConfig, *callbacks: L.Callback, checkpoint: Path | None = None, **trainer: Any) -> Fitted:
    """Trains with other Trainer settings: `fit_module(config, Recorder(), max_epochs=1)`."""
    data, module = build(config)
    settings = {**config.trainer, **trainer}
    fitted = build_trainer(settings, Path(str(config.run_dir)), [Throughput(), *callbacks], [])
    fitted.fit(module, datamodule=data, ckpt_path=checkpoint)
    return Fitted(module, data, fitted)
