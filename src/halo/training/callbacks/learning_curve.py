"""Reports the learning curve: a line per validation, and a plot at the end."""

import logging
from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.utilities import rank_zero_only

from halo.evaluation.verdict import Validation, overfitting_since
from halo.reports.console import number
from halo.training.callbacks.throughput import Throughput

log = logging.getLogger(__name__)


class LearningCurve(L.Callback):
    """Prints a line after each validation, and plots training and validation perplexity at the end.

    Args:
        file: The plot to write, .png.
        throughput: The source of the tokens per second.
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
        batches = trainer.fit_loop.epoch_loop.batch_progress.current.ready
        latest = Validation(
            step=trainer.global_step,
            epochs=trainer.current_epoch + batches / trainer.num_training_batches,
            train=figures["train/perplexity"].item(),
            validation=figures["val/perplexity"].item(),
        )
        is_best = all(latest.validation < earlier.validation for earlier in self.history)
        self.history.append(latest)
        log.info(
            "epoch %g/%s  perplexity: train %s (with dropout), validation %s%s  %s tokens/s",
            round(latest.epochs, 2),
            "-" if trainer.max_epochs == -1 else trainer.max_epochs,
            number(latest.train, digits=1),
            number(latest.validation, digits=1),
            " *" if is_best else "",
            f"{self.throughput.tokens_per_second:,.0f}",
        )

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


def draw_learning_curve(history: list[Validation], file: Path) -> None:
    """Plots training and validation perplexity by epoch, and marks where overfitting starts.

    Args:
        history: The validations, at least one.
        file: The plot to write, .png.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.2), dpi=130, layout="constrained")
    axes = figure.subplots()
    epochs = [each.epochs for each in history]
    axes.plot(epochs, [each.train for each in history], "o-", markersize=3, label="train (with dropout)")
    axes.plot(epochs, [each.validation for each in history], "o-", markersize=3, label="validation")
    best = min(history, key=lambda each: each.validation)
    axes.plot(best.epochs, best.validation, "k*", markersize=11, label=f"best: {best.validation:.1f}")
    since = overfitting_since(history)
    if since is None:
        title = "no overfitting: validation was best at the end" if best is history[-1] else "no overfitting"
    else:
        title = f"overfitting after epoch {since:g}"
        axes.axvspan(since, epochs[-1], color="tab:red", alpha=0.12, label="overfitting")
    axes.set(xlabel="epoch", ylabel="perplexity", yscale="log", title=title)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_minor_formatter(lambda value, _: f"{value:g}" if str(value)[0] in "235" else "")
    axes.grid(visible=True, which="both", alpha=0.25)
    axes.legend()
    figure.savefig(file)
