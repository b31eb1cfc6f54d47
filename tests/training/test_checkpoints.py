"""Checkpoints do not overwrite each other, and the last one holds the last weights."""

from pathlib import Path

import pytest
import torch
from lightning.pytorch.callbacks import ModelCheckpoint

from halo.config import TrainConfig
from halo.training.checkpoints import LastCheckpoint, keep_names_apart
from tests.support.fitting import fit_module


@pytest.mark.parametrize(
    ("save_top_k", "filename", "expected"),
    [
        (1, "best", "best"),
        (0, "best", "best"),
        (3, "best", "best-{step}"),
        (-1, "best", "best-{step}"),
        (2, "{epoch}-{val/nll:.2f}", "{epoch}-{val/nll:.2f}-{step}"),
        (2, "{step:05d}", "{step:05d}"),
        (2, None, None),
    ],
)
def test_names_of_several_checkpoints_differ(save_top_k: int, filename: str | None, expected: str | None) -> None:
    checkpoint = ModelCheckpoint(monitor="val/nll", save_top_k=save_top_k, filename=filename)
    keep_names_apart(checkpoint)
    assert checkpoint.filename == expected


@pytest.mark.parametrize("save_last", [True, "link", False])
@pytest.mark.parametrize("save_top_k", [0, 1])
def test_the_last_checkpoint_is_the_last(
    tiny_config: TrainConfig, tmp_path: Path, save_last: bool, save_top_k: int
) -> None:
    best = ModelCheckpoint(tmp_path, "best", "train/nll", mode="max", save_last=save_last, save_top_k=save_top_k)
    trainer = fit_module(tiny_config, LastCheckpoint(), best, limit_train_batches=3, max_epochs=3).trainer
    steps = {file.stem: torch.load(file, weights_only=True)["global_step"] for file in tmp_path.glob("*.ckpt")}
    assert trainer.global_step == 9
    assert steps == {**({"best": 3} if save_top_k else {}), **({"last": 9} if save_last else {})}
