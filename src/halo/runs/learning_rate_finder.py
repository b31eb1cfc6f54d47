"""Suggests a learning rate: trains some steps with a rising rate and finds where the loss falls fastest.

This is the range test of Smith (2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3). Lightning's
`Tuner.lr_find` is not used: it takes the steepest descent over the learning rate instead of its logarithm, which
favours small rates, and it restores the model from a pickled checkpoint.
"""

import contextlib
import json
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np

from halo.config import ConstantConfig, TrainConfig
from halo.data.streams import Window
from halo.distributed.connection import wait_until_prepared
from halo.reports.axis_ticks import tick_label
from halo.runs.build import build
from halo.runs.run_folder import run_folder
from halo.runs.train import train
from halo.runtime.allocator import keep_freed_memory
from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import TrainingError
from halo.training.optimizers import learning_rate_of
from halo.training.trainer import build_trainer, connect_processes

log = logging.getLogger(__name__)

LOWEST_RATE, HIGHEST_RATE = 1e-5, 1e3  # in the default recipe, good rates are about 0.008 for AdamW and 20 for SGD
NUM_STEPS = 200
SETTLING_STEPS = 20  # before these, at the lowest rate: while a pointer's memory fills, the loss falls without learning
SMOOTHING = 0.9
DIVERGENCE_RATIO = 2.0  # of the smoothed loss to its minimum: beyond it the loss will not recover
MIN_FALL = 0.02  # of the first loss: a smaller fall does not show learning
SLOPE_RADIUS = 5  # steps before and after the step whose slope is estimated
SUGGESTION_FACTOR = 10  # suggested rate over the rate of the steepest fall
DIVERGENCE_MARGIN = 4  # last rate, at which the loss had diverged, over the highest suggested rate


@dataclass(frozen=True)
class RangeTestResult:
    """Holds the losses of a range test.

    Attributes:
        learning_rates: The learning rate of each step.
        losses: The loss of each step in nats per token, before its update.
    """

    learning_rates: list[float]
    losses: list[float]

    @property
    def smoothed_losses(self) -> list[float]:
        """The exponential moving average of the losses, with the bias towards its initial zero corrected."""
        mean, smoothed = 0.0, []
        for step, loss in enumerate(self.losses, start=1):
            mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
            smoothed.append(mean / (1 - SMOOTHING**step))
        return smoothed

    @property
    def has_diverged(self) -> bool:
        """Whether the smoothed loss is far above its minimum."""
        smoothed = self.smoothed_losses
        return bool(smoothed) and smoothed[-1] > DIVERGENCE_RATIO * min(smoothed)

    @property
    def steepest(self) -> float | None:
        """The rate at which the smoothed loss fell fastest; None if it did not fall.

        Rates grow by a constant factor, so differences between steps are slopes over the logarithm of the rate.
        """
        smoothed = self.smoothed_losses
        if not smoothed or min(smoothed) > (1 - MIN_FALL) * smoothed[0]:
            return None
        until_lowest = np.array(smoothed[: smoothed.index(min(smoothed)) + 1])
        falls = until_lowest[: -2 * SLOPE_RADIUS] - until_lowest[2 * SLOPE_RADIUS :]
        return self.learning_rates[SLOPE_RADIUS + int(falls.argmax())] if len(falls) else None

    @property
    def suggestion(self) -> float | None:
        """A value for `optim.lr`, to two digits: ten times `steepest`, at most a quarter of the last rate.

        The loss falls fastest where learning sets in; the best peak of a schedule is higher. For recurrent models the
        factor is about the same for optimizers with otherwise unrelated rates: with a plain LSTM on the bundled corpus,
        ten times `steepest` is 0.0071 to 0.01 for AdamW, where 0.008 is known to be good, and 13 to 15 for SGD, where
        20 is; the rate of the lowest loss would be 0.02 and 4 to 5. A transformer needs about a quarter of it.

        The limit of a quarter of the last rate matters if the loss diverges suddenly, as it does without clipping.
        """
        if self.steepest is None:
            return None
        return float(f"{min(SUGGESTION_FACTOR * self.steepest, self.learning_rates[-1] / DIVERGENCE_MARGIN):.2g}")


class RangeTest(L.Callback):
    """Raises the learning rate by a constant factor at each step, and stops training once the loss has diverged.

    With gradient accumulation, the loss of an update is that of its last window.
    """

    def __init__(self) -> None:
        self.result = RangeTestResult([], [])

    def on_train_batch_start(self, trainer: L.Trainer, pl_module: Any, batch: Window, batch_idx: int) -> None:
        """Sets the learning rate of the step."""
        for group in trainer.optimizers[0].param_groups:
            group["lr"] = learning_rate_at(trainer.global_step - SETTLING_STEPS)

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Window, batch_idx: int
    ) -> None:
        """Records the loss, averaged over all processes."""
        step = len(self.result.losses)
        if trainer.global_step > step + SETTLING_STEPS:
            loss = trainer.strategy.reduce(trainer.callback_metrics["train/loss"], reduce_op="mean")
            self.result.learning_rates.append(learning_rate_at(step))
            self.result.losses.append(float(loss))
            trainer.should_stop = self.result.has_diverged


def learning_rate_at(step: int) -> float:
    """Returns the learning rate of a step, counted from 0; the lowest rate for the negative settling steps.

    >>> [round(learning_rate_at(step), 7) for step in (0, 199)]
    [1e-05, 1000.0]
    """
    return float(LOWEST_RATE * (HIGHEST_RATE / LOWEST_RATE) ** (max(0, step) / (NUM_STEPS - 1)))


def find_learning_rate(config: TrainConfig) -> RangeTestResult | None:
    """Runs a learning-rate range test, and writes `lr_finder.json` and `lr_finder.png` in `config.run_dir`.

    Text, model, carried state and clipping are those of the run. Schedule, averaging and validation are left out, the
    output bias starts uniform so that the loss has far to fall, and the model is discarded. Returns None on ranks other
    than 0.

    Args:
        config: The run to find a learning rate for.

    Raises:
        InputError: A setting or the text cannot be used.
    """
    keep_freed_memory()
    config = _range_test_config(config)
    run_dir, test = run_folder(config), RangeTest()
    trainer = build_trainer(config.trainer, run_dir, [test], [])
    connect_processes(trainer, config)
    data, module = build(config)
    wait_until_prepared()
    log.info("Learning-rate range test: at most %d steps, from %g to %g", NUM_STEPS, LOWEST_RATE, HIGHEST_RATE)
    with contextlib.suppress(TrainingError):  # a non-finite loss has diverged, which ends the test
        train(trainer, module, data)
    if not trainer.is_global_zero:
        return None
    run_dir.mkdir(parents=True, exist_ok=True)
    atomic_write(run_dir / "lr_finder.json", json.dumps(_plain(test.result), indent=2))
    draw_range_test(test.result, run_dir / "lr_finder.png", set_rate=learning_rate_of(config.optim))
    return test.result


def _range_test_config(config: TrainConfig) -> TrainConfig:
    """Returns the configuration of the range test for a run."""
    steps = {"max_epochs": -1, "max_steps": SETTLING_STEPS + NUM_STEPS, "limit_val_batches": 0}
    return replace(
        config,
        trainer={**config.trainer, **steps, "log_every_n_steps": 1, "enable_progress_bar": False},
        schedule=ConstantConfig(name="constant"),
        model=replace(config.model, init_bias_from_unigram=False),
    )


def _plain(result: RangeTestResult) -> dict[str, Any]:
    return {
        "suggested_lr": result.suggestion,
        "steepest_lr": result.steepest,
        "learning_rates": result.learning_rates,
        "losses": result.losses,
        "smoothed_losses": result.smoothed_losses,
    }


def draw_range_test(result: RangeTestResult, file: Path, *, set_rate: float | None) -> None:
    """Plots the loss over the learning rate.

    Args:
        result: The range test.
        file: The plot to write, .png.
        set_rate: The value of `optim.lr`; None if the optimizer has no such setting.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.2), dpi=130, layout="constrained")
    axes = figure.subplots()
    rates, smoothed = result.learning_rates, result.smoothed_losses
    if set_rate is not None:
        axes.axvline(set_rate, color="tab:gray", alpha=0.35, linewidth=6, label=f"optim.lr: {set_rate:g}")
    axes.plot(rates, result.losses, "o", markersize=2.5, color="tab:blue", alpha=0.35, label="loss of each step")
    axes.plot(rates, smoothed, color="tab:blue", label="smoothed")
    title = "no suggestion: the loss did not fall"
    if result.suggestion is not None and result.steepest is not None:
        title = f"suggested: optim.lr={result.suggestion:g}"
        steepest = smoothed[rates.index(result.steepest)]
        axes.plot(result.steepest, steepest, "ks", markersize=5, label=f"steepest: {result.steepest:.2g}")
        axes.axvline(result.suggestion, color="tab:red", linestyle="--", label=f"suggested: {result.suggestion:g}")
    axes.set(xscale="log", xlabel="learning rate", ylabel="training loss (nats per token)", title=title)
    axes.xaxis.set_major_formatter(lambda value, _: tick_label(value))
    if smoothed:
        fall = smoothed[0] - min(result.losses)
        axes.set_ylim(min(result.losses) - 0.1 * fall - 0.05, smoothed[0] + 0.5 * fall + 0.05)
    axes.grid(visible=True, which="major", alpha=0.25)
    axes.legend(loc="lower left")
    figure.savefig(file)
