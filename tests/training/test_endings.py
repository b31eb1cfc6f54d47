"""A run that ends early says when and why."""

import re
from types import SimpleNamespace
from typing import Any, cast

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import EarlyStopping, Timer

from halo.config import TrainConfig
from halo.training.endings import early_end
from tests.support.fitting import fit_module


def ended(*callbacks: L.Callback) -> Any:
    progress = SimpleNamespace(current=SimpleNamespace(ready=3))
    loop = SimpleNamespace(epoch_progress=progress, epoch_loop=SimpleNamespace(batch_progress=progress))
    batches = {"fit_loop": loop, "num_training_batches": 3, "max_epochs": 11}
    return cast(Any, SimpleNamespace(should_stop=True, global_step=7, callbacks=callbacks, **batches))


def stopping(current: float, **settings: Any) -> EarlyStopping:
    """Returns early stopping after validations of 5 and then of `current`."""
    callback = EarlyStopping("val/nll", patience=1, **settings)
    for figure in (5.0, current):
        callback._evaluate_stopping_criteria(torch.tensor(figure))
    return callback


@pytest.mark.parametrize(
    ("callbacks", "reason", "summary"),
    [
        (
            [stopping(6.0)],
            r"val/nll has not improved for 1 validation \(early stopping, patience=1; its best was 5",
            "early stopping after epoch 3 of 11 (patience 1)",
        ),
        (
            [stopping(4.0, stopping_threshold=4.5)],
            r"val/nll reached stopping_threshold=4\.5",
            "early stopping after epoch 3 of 11 (stopping_threshold)",
        ),
        (
            [stopping(9.0, divergence_threshold=8.0)],
            r"val/nll passed divergence_threshold=8\.0",
            "early stopping after epoch 3 of 11 (divergence_threshold)",
        ),
        (
            [stopping(float("nan"))],
            r"val/nll is not finite; its best was 5\.0000",
            "early stopping after epoch 3 of 11 (val/nll not finite)",
        ),
        (
            [Timer(duration="00:00:00:00")],
            r"the time limit is over \(trainer\.max_time\)",
            "the time limit after epoch 3 of 11 (trainer.max_time)",
        ),
        ([Timer(duration="01:00:00:00"), stopping(4.0)], "a callback asked for it", "a callback after epoch 3 of 11"),
        (
            [stopping(6.0), Timer(duration="00:00:00:00")],
            r"val/nll has not improved .*; the time limit is over",
            "early stopping after epoch 3 of 11 (patience 1)",
        ),
    ],
)
def test_the_reason_is_that_of_the_callback(callbacks: list[L.Callback], reason: str, summary: str) -> None:
    end = early_end(ended(*callbacks))
    assert end is not None
    assert re.match(rf"Training ended early, after epoch 3 of 11 \(step 7\): {reason}", end.line), end.line
    assert end.summary == summary


def test_a_run_that_reached_its_end_has_no_early_end(tiny_config: TrainConfig) -> None:
    assert early_end(fit_module(tiny_config, max_epochs=1, limit_train_batches=3).trainer) is None


def test_a_stopped_run_says_so(tiny_config: TrainConfig) -> None:
    worse = EarlyStopping("train/nll", mode="max", patience=1)
    end = early_end(fit_module(tiny_config, worse, max_epochs=9, limit_train_batches=3).trainer)
    assert end is not None
    assert end.line.startswith("Training ended early, after epoch 2 of 9 (step 6): ")
    assert "train/nll has not improved for 1 validation " in end.line
