"""Reports the learning curve: a line per validation, and a plot at the end."""

import logging
import math
from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.utilities import rank_zero_only

from halo.evaluation.verdict import Validation, is_far_above, lowest, overfitting_since
from halo.reports.axis_ticks import log_ticks, padded_range, tick_label
from halo.reports.console import WIDTH, number
from halo.training.callbacks.throughput import Throughput
from halo.training.endings import epochs_trained

log = logging.getLogger(__name__)


class LearningCurve(L.Callback):
    """Prints a line after each validation, and plots training and validation perplexity at the end.

    Args:
        file: The plot to write, .png.
        throughput: The source of the tokens seen, the training time and the tokens per second.
    """

    def __init__(self, file: Path, throughput: Throughput) -> None:
        self.file = file
        self.throughput = throughput
        self.history: list[Validation] = []

    @rank_zero_only
    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Records and prints the perplexities; `*` marks the best validation so far."""
        figures = trainer.callback_metrics
        if trainer.sanity_checking or "train/perplexity" not in figures:
            return
        latest = Validation(
            step=trainer.global_step,
            epochs=epochs_trained(trainer),
            train=figures["train/perplexity"].item(),
            validation=figures["val/perplexity"].item(),
            tokens=self.throughput.tokens_seen,
            seconds=self.throughput.seconds,
        )
        is_best = all(latest.validation < earlier.validation for earlier in self.history)
        self.history.append(latest)
        log.info(progress_line(latest, trainer.max_epochs, self.throughput.tokens_per_second, is_best=is_best))

    def state_dict(self) -> dict[str, Any]:
        """Returns the validations so far, for the checkpoint."""
        return {"history": [list(validation) for validation in self.history]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restores the validations from a checkpoint."""
        self.history = [Validation(*figures) for figures in state_dict["history"]]

    @rank_zero_only
    def on_fit_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Plots the curve."""
        if self.history:
            draw_learning_curve(self.history, self.file)

    @rank_zero_only
    def on_exception(self, trainer: L.Trainer, pl_module: L.LightningModule, exception: BaseException) -> None:
        """Plots the curve so far."""
        if self.history:
            draw_learning_curve(self.history, self.file)


def progress_line(latest: Validation, max_epochs: int | None, tokens_per_second: float, *, is_best: bool) -> str:
    """Returns the line about a validation, which leaves out what is said elsewhere where it would not fit.

    Args:
        latest: The validation.
        max_epochs: The last epoch; -1 for no limit.
        tokens_per_second: Training throughput.
        is_best: Whether it has the lowest perplexity so far.

    >>> progress_line(Validation(9, 1.5, 80.0, 60.0, tokens=9, seconds=1.0), 20, 9345.6, is_best=False)
    'epoch 1.5/20  perplexity: train 80.0 (dropout), validation 60.0  9,346 tokens/s'
    """
    epochs = f"epoch {round(latest.epochs, 2):g}/{'-' if max_epochs == -1 else max_epochs}"
    train, validation = number(latest.train, digits=1), number(latest.validation, digits=1)
    best, speed = " *" * is_best, f"  {tokens_per_second:,.0f} tokens/s"
    for hint, end in ((" (dropout)", speed), ("", speed), ("", "")):
        line = f"{epochs}  perplexity: train {train}{hint}, validation {validation}{best}{end}"
        if len(line) <= WIDTH:
            break
    return line


def draw_learning_curve(history: list[Validation], file: Path) -> None:
    """Plots training and validation perplexity by epoch, and marks where overfitting starts.

    A perplexity that is not finite leaves a gap in the curve.

    Args:
        history: The validations, at least one.
        file: The plot to write, .png.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(7, 4.2), dpi=130, layout="constrained")
    axes = figure.subplots()
    epochs = [each.epochs for each in history]
    curves = {"train (with dropout)": [each.train for each in history]}
    curves["validation"] = [each.validation for each in history]
    for label, curve in curves.items():
        axes.plot(epochs, [_finite(figure) for figure in curve], "o-", markersize=3, label=label)
    best = lowest(history)
    axes.plot(best.epochs, _finite(best.validation), "k*", markersize=11, label=f"best: {number(best.validation)}")
    since = overfitting_since(history)
    if since is not None:
        axes.axvspan(since, epochs[-1], color="tab:red", alpha=0.12, label="overfitting")
    axes.set(xlabel="epoch", ylabel="perplexity (logarithmic scale)", yscale="log", title=_title(history, since))
    axes.xaxis.set_major_locator(MaxNLocator(integer=epochs[-1] > 2, min_n_ticks=1))
    if len(history) == 1:
        axes.set_xticks(epochs, [f"{epochs[0]:g}"])
    finite = [figure for curve in curves.values() for figure in curve if math.isfinite(figure)]
    low, high = padded_range(finite or [1.0])
    axes.set_ylim(low, high)
    axes.set_yticks(ticks := log_ticks(low, high), map(tick_label, ticks))
    axes.minorticks_off()
    axes.grid(visible=True, alpha=0.25)
    axes.legend()
    figure.savefig(file)


def _finite(perplexity: float) -> float:
    return perplexity if math.isfinite(perplexity) else math.nan


def _title(history: list[Validation], since: float | None) -> str:
    """Returns what the curve shows."""
    if since is not None:
        return f"overfitting after epoch {round(since, 2):g}"
    if not math.isfinite(history[-1].validation) or is_far_above(history[-1], lowest(history)):
        return "diverged"
    if len(history) == 1:
        return "a single validation"
    if lowest(history) is history[-1]:
        return "no overfitting: validation was best at the end"
    return "no overfitting"
