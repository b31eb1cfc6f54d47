"""The weights that are measured are the best by the monitored figure, or the description says which they are."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch.callbacks import ModelCheckpoint

from halo.evaluation.verdict import Validation
from halo.runs.chosen_weights import describe
from tests.conftest import EXHAUSTIVE, Outcome

HISTORY = [
    Validation(19, 1, 300, 200, 1000, 2.0),
    Validation(38, 2, 150, 140, 2000, 4.0),
    Validation(57, 3, 100, 150, 3000, 6.0),
]


@pytest.mark.parametrize(
    ("settings", "step", "expected"),
    [
        ({"monitor": "val/nll"}, 38, "best by val/nll, step 38 of 57"),
        ({"monitor": "val/perplexity"}, 38, "best by val/perplexity, step 38 of 57"),
        ({"monitor": "train/nll"}, 57, "best by train/nll, step 57 of 57"),
        ({"monitor": "val/nll", "mode": "max"}, 19, "best by val/nll (mode=max), step 19 of 57"),
        ({"monitor": "val/nll"}, 57, "best saved by val/nll, step 57 of 57; step 38 was better and not saved"),
        (
            {"monitor": "val/nll"},
            40,
            "step 40 of 57, saved between two validations; best by val/nll: step 38, not saved",
        ),
        ({"monitor": "train/loss"}, 40, "best by train/loss, step 40 of 57"),
    ],
)
def test_the_description_says_which_weights_they_are(settings: dict[str, Any], step: int, expected: str) -> None:
    assert describe(ModelCheckpoint(**settings), HISTORY, step=step, last_step=57) == expected


@pytest.mark.parametrize(
    ("settings", "chosen"),
    [
        (["+callbacks.checkpoint.save_top_k=3"], "best by val/nll, step BEST of 18"),
        (["+callbacks.checkpoint.save_top_k=0"], "last, step 18"),
        pytest.param(["callbacks.checkpoint.monitor=null"], "last, step 18", marks=EXHAUSTIVE),
        pytest.param(["callbacks.checkpoint.dirpath=elsewhere"], "best by val/nll, step BEST of 18", marks=EXHAUSTIVE),
    ],
)
def test_whatever_is_set_the_measured_weights_are_those_that_are_named(
    command: Callable[..., Outcome], tiny: list[str], tmp_path: Path, settings: list[str], chosen: str
) -> None:
    short = ["trainer.limit_train_batches=6", "trainer.max_epochs=3", "optim.lr=0.5", "schedule=constant", "logger=csv"]
    settings = [f"++{each.removeprefix('+')}" for each in settings]
    outcome = command("train", *tiny, *short, *settings, "run_dir=run", "trainer.limit_val_batches=3")
    assert outcome.code == 0, outcome.err
    with (tmp_path / "run" / "csv" / "metrics.csv").open() as file:
        losses = {int(row["step"]) + 1: float(row["val/nll"]) for row in csv.DictReader(file) if row["val/nll"]}
    best = min(losses, key=lambda step: losses[step])
    described = json.loads((tmp_path / "run" / "metrics.json").read_text())["chosen_weights"]
    assert described == chosen.replace("BEST", str(best))
    last = next(tmp_path.rglob("last.ckpt"))
    assert torch.load(last, weights_only=True)["global_step"] == 18
    assert command("generate", "run=run", "prompt=the", "num_words=3", "device=cpu").code == 0
