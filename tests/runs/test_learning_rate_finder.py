"""What the range test suggests on curves whose answer is known, and what the command leaves."""

import itertools
import json
import math
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch

from halo.config import ConstantConfig, GradientClipConfig, SGDConfig, TrainConfig
from halo.data.datamodule import CorpusDataModule
from halo.runs import learning_rate_finder
from halo.runs.learning_rate_finder import (
    SETTLING_STEPS,
    RangeTest,
    RangeTestResult,
    find_learning_rate,
    learning_rate_at,
)
from tests.conftest import EXHAUSTIVE, Outcome, model_config
from tests.support.fitting import fit_module

GRID = learning_rate_at(1) / learning_rate_at(0)


def curve(losses: list[float]) -> RangeTestResult:
    return RangeTestResult([learning_rate_at(step) for step in range(len(losses))], losses)


def falling(*, first: int, last: int) -> list[float]:
    """8 nats up to the step `first`, from there in a line down to 6 at `last`, then slowly up again."""
    line = [8 - 2 * (step - first) / (last - first) for step in range(first, last)]
    return [*[8.0] * first, *line, *[6.0 + 0.02 * step for step in range(70)]]


@pytest.mark.parametrize(("first", "last"), [(60, 75), (100, 115), (40, 75)])
def test_ten_times_the_rate_of_the_steepest_fall_is_suggested(first: int, last: int) -> None:
    result = curve(falling(first=first, last=last))
    assert result.steepest is not None
    # The mean falls faster and faster up to the end of the line; ten steps of it are looked at together.
    assert learning_rate_at(last - 5) <= result.steepest <= learning_rate_at(last)
    assert result.suggestion == pytest.approx(10 * result.steepest, rel=0.05)  # two digits of it


def test_a_later_fall_at_a_rate_that_went_too_far_does_not_count() -> None:
    losses = falling(first=60, last=75)
    assert curve([*losses, *[12.0] * 20, *[6.5] * 20]).steepest == curve(losses).steepest


def test_a_rate_near_divergence_is_not_suggested() -> None:
    result = curve([*[8.0] * 60, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 50.0, 500.0])
    assert result.has_diverged
    assert result.suggestion == pytest.approx(learning_rate_at(67) / 4, rel=0.05)


@pytest.mark.parametrize(
    "losses", [[], [8.0], [8.0] * 200, [8.0, 8.1, 9.0, 99.0], [8.0 - step / 2000 for step in range(200)]]
)
def test_without_a_fall_nothing_is_suggested(losses: list[float]) -> None:
    result = curve(losses)
    assert result.steepest is None
    assert result.suggestion is None


def test_the_mean_has_no_bias_towards_zero() -> None:
    assert curve([5.0] * 30).smoothed_losses == pytest.approx([5.0] * 30)
    assert curve([2.0, 4.0]).smoothed_losses == pytest.approx([2.0, (0.9 * 2 + 4) / 1.9])


class _Taken(L.Callback):
    def __init__(self) -> None:
        self.rates: list[float] = []
        self.losses: list[float] = []

    def on_before_optimizer_step(self, trainer: L.Trainer, pl_module: Any, optimizer: torch.optim.Optimizer) -> None:
        self.rates.append(optimizer.param_groups[0]["lr"])
        self.losses.append(trainer.callback_metrics["train/loss"].item())


@pytest.mark.parametrize("windows", [pytest.param(1, marks=EXHAUSTIVE), 2])
def test_every_update_is_made_with_the_rate_that_is_noted(tiny_config: TrainConfig, windows: int) -> None:
    test, taken = RangeTest(), _Taken()
    constant = replace(tiny_config, schedule=ConstantConfig(name="constant"))
    settings: dict[str, Any] = {"limit_val_batches": 0, "accumulate_grad_batches": windows, "max_epochs": 4}
    fit_module(constant, test, taken, log_every_n_steps=1, **settings)
    assert len(test.result.losses) > 10
    assert set(taken.rates[:SETTLING_STEPS]) == {1e-5}
    assert test.result.learning_rates == taken.rates[SETTLING_STEPS:]
    factors = [later / earlier for earlier, later in itertools.pairwise(test.result.learning_rates)]
    assert factors == pytest.approx([GRID] * len(factors))


PLAIN = model_config("lstm", "mogrifier_rounds=0", "subword_lengths=null", "pointer_tokens=null", "dropout_input=0.5")


def sgd(config: TrainConfig, *, clip: float | None) -> TrainConfig:
    return replace(
        config,
        optim=SGDConfig(name="sgd", lr=1, weight_decay=0, momentum=0),
        gradient_clip=GradientClipConfig(algorithm="norm", value=clip),
    )


@pytest.mark.exhaustive
def test_shorter_gradients_want_as_much_higher_a_rate(tiny_config: TrainConfig) -> None:
    """A rate that is higher by what an epoch raises it by meets the same windows one epoch later."""
    windows = len(CorpusDataModule(tiny_config.data, seed=1).train_dataloader())
    steady = model_config("lstm", "dropout_input=0", "dropout_hidden=0", "dropout_output=0")
    config = replace(tiny_config, model=steady)
    clips = (0.02, 0.02 / GRID**windows)  # every gradient is longer
    found = [find_learning_rate(sgd(config, clip=clip)) for clip in clips]
    long, short = (result.steepest for result in found if result and result.steepest)
    assert short / long == pytest.approx(GRID**windows, rel=0.1)


@pytest.mark.exhaustive
def test_it_finds_about_what_a_search_finds(tiny_config: TrainConfig) -> None:
    """Of 0.004, 0.01, 0.03, 0.08 and 0.2, ten epochs were best with 0.08; of SGD with 1, 5, 10, 20 and 50 with 20."""
    plain = replace(tiny_config, model=PLAIN)
    for config, best in ((plain, 0.08), (sgd(plain, clip=0.25), 20)):
        result = find_learning_rate(config)
        assert result is not None
        assert result.suggestion is not None
        assert best / 4 < result.suggestion < best * 4


@pytest.mark.parametrize("diverged", [pytest.param(learning_rate_finder.DIVERGENCE_RATIO, marks=EXHAUSTIVE), math.inf])
def test_a_loss_that_explodes_is_the_end_of_the_test_and_no_error(
    tiny_config: TrainConfig, monkeypatch: pytest.MonkeyPatch, diverged: float
) -> None:
    monkeypatch.setattr(learning_rate_finder, "DIVERGENCE_RATIO", diverged)  # infinite: up to a loss that is no number
    result = find_learning_rate(sgd(replace(tiny_config, model=PLAIN), clip=None))
    assert result is not None
    assert 50 < len(result.losses) < 200
    assert all(map(math.isfinite, result.losses))
    assert result.suggestion is not None
    assert result.suggestion < result.learning_rates[-1]
    assert (Path(str(tiny_config.run_dir)) / "lr_finder.png").is_file()


def test_the_command_leaves_a_picture_figures_and_a_command_to_go_on_with(
    command: Callable[..., Outcome], tiny: list[str], tmp_path: Path
) -> None:
    outcome = command("train", *tiny, "find_lr=true", "optim.lr=0.5", "trainer.max_epochs=1", "trainer.max_steps=3")
    assert outcome.code == 0, outcome.err
    (run,) = tmp_path.glob("outputs/train/*/*")
    left = {str(path.relative_to(run)) for path in run.rglob("*") if path.is_file()}
    assert {name for name in left if not name.startswith(".hydra")} == {"lr_finder.json", "lr_finder.png", "train.log"}
    assert (run / "lr_finder.png").read_bytes().startswith(b"\x89PNG")
    figures = json.loads((run / "lr_finder.json").read_text())
    assert len(figures["losses"]) == len(figures["learning_rates"]) == len(figures["smoothed_losses"]) > 50
    suggested = f"optim.lr={figures['suggested_lr']:g}"
    assert f"Suggested: {suggested} (" in outcome.out
    again = shlex.split(outcome.out.splitlines()[-1])
    assert again[:3] == ["python", "-m", "halo.train"]
    assert again[-1] == suggested
    assert tiny[0] in again
    assert not {"find_lr=true", "optim.lr=0.5"} & set(again)
    assert "validation" not in outcome.out.split("Learning-rate range test")[1]


@pytest.mark.exhaustive
def test_a_sweep_of_range_tests_has_a_table_of_suggestions(
    command: Callable[..., Outcome], tiny: list[str], tmp_path: Path
) -> None:
    outcome = command("train", "-m", *tiny, "find_lr=true", "optim=adamw,sgd")
    assert outcome.code == 0, outcome.err
    (table,) = tmp_path.glob("outputs/train/multirun/*/*/sweep.csv")
    header, *rows = (line.split(",") for line in table.read_text().splitlines())
    adamw, sgd = (float(row[header.index("suggested_lr")]) for row in rows)
    assert sgd > 10 * adamw
    assert "validation_perplexity" not in header
