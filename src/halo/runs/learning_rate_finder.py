"""Which learning rate to train with: some steps of training whose rate rises, and where the loss falls fastest in them.

The range test of Smith (2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3). Lightning's own
`Tuner.lr_find` is not used: it looks for the steepest fall over the learning rate instead of its logarithm, which
favours small rates, and it pickles a checkpoint to come back to.
"""

import contextlib
import json
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np

from halo.config import ConstantConfig, CustomConfig, TrainConfig
from halo.data.streams import Window
from halo.runs.build import build
from halo.runs.run_folder import run_folder
from halo.runs.train import train
from halo.runtime.allocator import keep_freed_memory
from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import TrainingError
from halo.training.trainer import build_trainer

log = logging.getLogger(__name__)

LOWEST_RATE, HIGHEST_RATE = 1e-5, 1e3  # with the default recipe AdamW wants about 0.008, SGD about 20
STEPS = 200
SETTLING_STEPS = 20  # before them, at the lowest rate: as a pointer's memory fills, the loss falls without learning
SMOOTHING = 0.9
DIVERGED = 2.0  # times its minimum: the smoothed loss will not come back
LEAST_FALL = 0.02  # of the first loss: what falls less has not begun to learn
SPAN = 5  # steps before and after the one whose fall is looked at
HIGHER = 10  # times the rate of the steepest fall
LOWER = 4  # times lower than the last rate, at which the loss had diverged


@dataclass(frozen=True)
class RangeTestResult:
    """What was seen while the learning rate rose.

    Attributes:
        learning_rates: The rate of each step.
        losses: The loss of each step in nats per token, before its update.
    """

    learning_rates: list[float]
    losses: list[float]

    @property
    def smoothed_losses(self) -> list[float]:
        """The exponential mean of the losses so far, without a bias towards the zero that it begins with."""
        mean, smoothed = 0.0, []
        for step, loss in enumerate(self.losses, start=1):
            mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
            smoothed.append(mean / (1 - SMOOTHING**step))
        return smoothed

    @property
    def has_diverged(self) -> bool:
        """Whether the smoothed loss is far above its minimum."""
        smoothed = self.smoothed_losses
        return bool(smoothed) and smoothed[-1] > DIVERGED * min(smoothed)

    @property
    def steepest(self) -> float | None:
        """The rate at which the smoothed loss fell fastest; None where it did not fall.

        Rates grow by the same factor from step to step, so that a fall from step to step is one over their logarithm.
        """
        smoothed = self.smoothed_losses
        if not smoothed or min(smoothed) > (1 - LEAST_FALL) * smoothed[0]:
            return None
        until_lowest = np.array(smoothed[: smoothed.index(min(smoothed)) + 1])
        falls = until_lowest[: -2 * SPAN] - until_lowest[2 * SPAN :]
        return self.learning_rates[SPAN + int(falls.argmax())] if len(falls) else None

    @property
    def suggestion(self) -> float | None:
        """A value for `optim.lr`, in two digits: ten times `steepest`, at most a quarter of the last rate.

        The loss falls fastest where learning sets in; what a schedule had best rise to lies higher, with recurrent
        models by about the same factor for optimizers whose rates have nothing else in common. With a plain LSTM on the
        bundled corpus ten times is 0.0071 to 0.01 with AdamW, where 0.008 is known to be good, and 13 to 15 with SGD,
        where 20 is; the rate of the smallest loss would be 0.02 and 4 to 5. A transformer wants about a quarter of it.

        The quarter of the last rate is for losses that diverge at once, as they do without clipping.
        """
        if self.steepest is None:
            return None
        return float(f"{min(HIGHER * self.steepest, self.learning_rates[-1] / LOWER):.2g}")


class RangeTest(L.Callback):
    """Raises the learning rate from step to step by the same factor, and stops once the loss has diverged.

    Where several windows make an update, its loss is that of the last one.
    """

    def __init__(self) -> None:
        self.result = RangeTestResult([], [])

    def on_train_batch_start(self, trainer: L.Trainer, pl_module: Any, batch: Window, batch_idx: int) -> None:
        """Sets the learning rate of the step."""
        for group in trainer.optimizers[0].param_groups:
            group["lr"] = rate_of(trainer.global_step - SETTLING_STEPS)

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Window, batch_idx: int
    ) -> None:
        """Notes the loss, over all processes."""
        step = len(self.result.losses)
        if trainer.global_step > step + SETTLING_STEPS:
            loss = trainer.strategy.reduce(trainer.callback_metrics["train/loss"], reduce_op="mean")
            self.result.learning_rates.append(rate_of(step))
            self.result.losses.append(float(loss))
            trainer.should_stop = self.result.has_diverged


def rate_of(step: int) -> float:
    """Returns the learning rate of a step, counted from 0; before that it is the lowest.

    >>> [round(rate_of(step), 7) for step in (0, 199)]
    [1e-05, 1000.0]
    """
    return float(LOWEST_RATE * (HIGHEST_RATE / LOWEST_RATE) ** (max(0, step) / (STEPS - 1)))


def find_learning_rate(config: TrainConfig) -> RangeTestResult | None:
    """Trains a model with a rising learning rate, and writes `lr_finder.json` and `lr_finder.png` in `config.run_dir`.

    All is as in a training (text, model, carried state, clipping) but for schedule and averaging, and for a start
    where all words are alike, from which the loss has far to fall; there is no validation, and nothing is kept of the
    model. On all ranks but the first it returns None.

    Args:
        config: The run whose learning rate is looked for.

    Raises:
        InputError: A setting or the text cannot be used.
    """
    keep_freed_memory()
    run_dir, test = run_folder(config), RangeTest()
    settings = {
        **config.trainer,
        **{"max_epochs": -1, "max_steps": SETTLING_STEPS + STEPS, "limit_val_batches": 0},
        **{"log_every_n_steps": 1, "enable_progress_bar": False},
    }
    trainer = build_trainer(settings, run_dir, [test], [])
    data, module = build(
        replace(
            config,
            schedule=ConstantConfig(name="constant"),
            model=replace(config.model, init_bias_from_unigram=False),
        )
    )
    log.info("Learning-rate range test: at most %d steps, from %g to %g", STEPS, LOWEST_RATE, HIGHEST_RATE)
    with contextlib.suppress(TrainingError):  # a loss that is not finite has diverged: the test is over
        train(trainer, module, data)
    if not trainer.is_global_zero:
        return None
    run_dir.mkdir(parents=True, exist_ok=True)
    atomic_write(run_dir / "lr_finder.json", json.dumps(_plain(test.result), indent=2))
    assert not isinstance(config.optim, CustomConfig)
    draw_range_test(test.result, run_dir / "lr_finder.png", set_rate=config.optim.lr)
    return test.result


def _plain(result: RangeTestResult) -> dict[str, Any]:
    return {
        "suggested_lr": result.suggestion,
        "steepest_lr": result.steepest,
        "learning_rates": result.learning_rates,
        "losses": result.losses,
        "smoothed_losses": result.smoothed_losses,
    }


def draw_range_test(result: RangeTestResult, file: Path, *, set_rate: float) -> None:
    """Writes the picture of the loss over the learning rate.

    Args:
        result: The test.
        file: The picture, .png.
        set_rate: What `optim.lr` is set to.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.2), dpi=130, layout="constrained")
    axes = figure.subplots()
    rates, smoothed = result.learning_rates, result.smoothed_losses
    axes.axvline(set_rate, color="tab:gray", alpha=0.35, linewidth=6, label=f"as set: {set_rate:g}")
    axes.plot(rates, result.losses, "o", markersize=2.5, color="tab:blue", alpha=0.35, label="each step")
    axes.plot(rates, smoothed, color="tab:blue", label="smoothed")
    title = "no suggestion: the loss did not fall"
    if result.suggestion is not None and result.steepest is not None:
        title = f"suggested: optim.lr={result.suggestion:g}"
        steepest = smoothed[rates.index(result.steepest)]
        axes.plot(result.steepest, steepest, "ks", markersize=5, label=f"falls fastest: {result.steepest:.2g}")
        axes.axvline(result.suggestion, color="tab:red", linestyle="--", label=f"suggested: {result.suggestion:g}")
    axes.set(xscale="log", xlabel="learning rate", ylabel="training loss (nats per token)", title=title)
    axes.xaxis.set_major_formatter(lambda value, _: np.format_float_positional(value, trim="-"))
    if smoothed:
        fall = smoothed[0] - min(result.losses)
        axes.set_ylim(min(result.losses) - 0.1 * fall - 0.05, smoothed[0] + 0.5 * fall + 0.05)
    axes.grid(visible=True, which="major", alpha=0.25)
    axes.legend(loc="lower left")
    figure.savefig(file)
