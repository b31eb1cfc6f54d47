"""The callbacks of a run are in the order that exact resuming and averaged samples need."""

from dataclasses import replace
from pathlib import Path

import lightning as L
import pytest
from lightning.pytorch.callbacks import ModelCheckpoint

from halo.config import EMAConfig, TrainConfig
from halo.runs.run_callbacks import RunCallbacks
from halo.runtime.errors import InputError
from halo.training.callbacks.averaging import Averaging
from halo.training.callbacks.text_samples import TextSamples
from halo.training.resume.resume_checkpoints import ResumeCheckpoints


def test_resume_checkpoints_come_first_and_averaging_after_the_samples(
    tiny_config: TrainConfig, tmp_path: Path
) -> None:
    own, resume = L.Callback(), ResumeCheckpoints(str(tmp_path), every_n_steps=1, every_n_minutes=None)
    averaged = replace(tiny_config, averaging=EMAConfig(name="ema", decay=0.9))
    order = RunCallbacks.of(averaged, [own, resume]).in_order()
    assert order[0] is resume
    kinds = [type(each) for each in order]
    assert kinds.index(TextSamples) < kinds.index(Averaging) < order.index(own)
    assert len(order) == 8


def test_a_checkpoint_without_its_average_is_refused(tiny_config: TrainConfig) -> None:
    averaged = replace(tiny_config, averaging=EMAConfig(name="ema", decay=0.9))
    weights_only = ModelCheckpoint(save_weights_only=True)
    RunCallbacks.of(tiny_config, [weights_only])
    with pytest.raises(InputError, match="save_weights_only=True: leaves out the average of averaging=ema"):
        RunCallbacks.of(averaged, [weights_only])


def test_without_averaging_there_is_no_average(tiny_config: TrainConfig) -> None:
    callbacks = RunCallbacks.of(tiny_config, [])
    assert callbacks.averaging is None
    assert callbacks.describe_average() is None
    assert not any(isinstance(each, Averaging) for each in callbacks.in_order())
