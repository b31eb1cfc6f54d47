"""Training turns Lightning's ways of stopping into exceptions that the commands report."""

import signal
from pathlib import Path
from typing import Any

import lightning as L
import pytest

from halo.config import TrainConfig
from halo.runs.build import build
from halo.runs.train import train
from halo.runtime.errors import Stopped
from halo.training.resume.checkpoint_files import find_resume_checkpoints
from halo.training.resume.resume_checkpoints import ResumeCheckpoints
from halo.training.trainer import build_trainer


class Send(L.Callback):
    """Sends a signal to this process at the start of a step."""

    def __init__(self, number: signal.Signals, step: int) -> None:
        self.number = number
        self.step = step

    def on_train_batch_start(self, trainer: L.Trainer, *_: Any) -> None:
        if trainer.global_step == self.step:
            signal.raise_signal(self.number)


def start(config: TrainConfig, *callbacks: L.Callback) -> None:
    data, module = build(config)
    train(build_trainer(config.trainer, Path(str(config.run_dir)), callbacks, []), module, data)


def test_an_interrupt_without_resume_checkpoints_is_raised(tiny_config: TrainConfig) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        start(tiny_config, Send(signal.SIGINT, 2))
    assert signal.getsignal(signal.SIGINT) is before


def test_a_signal_writes_a_resume_checkpoint_before_the_run_stops(tiny_config: TrainConfig, tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    resume = ResumeCheckpoints(str(tmp_path), every_n_steps=None, every_n_minutes=None)
    with pytest.raises(Stopped, match="stopped by SIGTERM after step 3"):
        start(tiny_config, resume, Send(signal.SIGTERM, 2))
    assert [each.step for each in find_resume_checkpoints(tmp_path)] == [3]
    assert signal.getsignal(signal.SIGTERM) is before
