"""What a run shows while it trains: speed, a line a validation, the learning curve, and samples of its text."""

import logging
import time
from pathlib import Path
from typing import Any, NamedTuple

import lightning as L
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only

from halo.config import SamplesConfig
from halo.data.datamodule import CorpusDataModule
from halo.data.streams import Window
from halo.errors import InputError
from halo.generation.generator import encode_prompt, generate
from halo.models.language_model import LanguageModel
from halo.reporting import show_samples
from halo.text.corpus import Corpus
from halo.text.tokenizer import TextTokenizer

log = logging.getLogger(__name__)


class Throughput(L.Callback):
    """Counts trained tokens, of all processes, and the seconds that they took, without validation.

    Attributes:
        tokens_seen: Trained tokens.
        seconds: Time spent on them.
    """

    def __init__(self) -> None:
        self.tokens_seen = 0
        self.seconds = 0.0
        self._since = self._began = time.perf_counter()
        self._seconds_before = 0.0  # of the run, before it was stopped and went on

    @property
    def minutes(self) -> float:
        """Duration of the whole run so far, without what was lost or waited for before it went on."""
        return (self._seconds_before + time.perf_counter() - self._began) / 60

    @property
    def tokens_per_second(self) -> float:
        """Trained tokens per second, over the whole run so far."""
        return self.tokens_seen / self.seconds if self.seconds else 0.0

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Starts the clock; a run that goes on begins within an epoch."""
        self._since = time.perf_counter()

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Leaves out what came between two epochs."""
        self._since = time.perf_counter()

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Window, batch_idx: int
    ) -> None:
        """Reads the clock, and logs the figures."""
        now = time.perf_counter()
        self.seconds += now - self._since
        self._since = now
        self.tokens_seen += batch.num_targets
        if trainer.global_step % max(1, trainer.log_every_n_steps) == 0:  # type: ignore[attr-defined]  # after the update
            pl_module.log("tokens_seen", float(self.tokens_seen), batch_size=1)
            pl_module.log("train/tokens_per_second", self.tokens_per_second, batch_size=1)
            if trainer.progress_bar_callback is not None:
                pl_module.log("tokens/s", self.tokens_per_second, batch_size=1, prog_bar=True, logger=False)

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Leaves out the time that validation took."""
        self._since = time.perf_counter()

    def state_dict(self) -> dict[str, Any]:
        """Returns what has been counted, for a run that goes on later."""
        return {"tokens_seen": self.tokens_seen, "seconds": self.seconds, "run_seconds": 60 * self.minutes}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on counting from there."""
        self.tokens_seen, self.seconds = state_dict["tokens_seen"], state_dict["seconds"]
        self._seconds_before = state_dict["run_seconds"]


class Validation(NamedTuple):
    """What is known after a validation.

    Attributes:
        epochs: Passes over the training text so far, with fractions.
        train: Training perplexity since the validation before, with dropout.
        validation: Validation perplexity.
    """

    epochs: float
    train: float
    validation: float


class LearningCurve(L.Callback):
    """Prints a line after each validation, and draws training and validation perplexity at the end.

    Args:
        file: The picture, .png.
        throughput: What has counted the tokens and seconds so far.
    """

    def __init__(self, file: Path, throughput: Throughput) -> None:
        self.file = file
        self.throughput = throughput
        self.history: list[Validation] = []

    @rank_zero_only
    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Adds the figures and prints them; `*` marks the best so far."""
        figures = trainer.callback_metrics
        if trainer.sanity_checking or "train/perplexity" not in figures:
            return
        batches = trainer.fit_loop.epoch_loop.batch_progress.current.ready
        point = Validation(
            epochs=trainer.current_epoch + batches / trainer.num_training_batches,
            train=figures["train/perplexity"].item(),
            validation=figures["val/perplexity"].item(),
        )
        is_best = all(point.validation < earlier.validation for earlier in self.history)
        self.history.append(point)
        log.info(
            "epoch %g/%s  perplexity: train %.1f (with dropout), validation %.1f%s  %s tokens/s",
            round(point.epochs, 2),
            trainer.max_epochs,
            point.train,
            point.validation,
            " *" if is_best else "",
            f"{self.throughput.tokens_per_second:,.0f}",
        )

    def state_dict(self) -> dict[str, Any]:
        """Returns the figures so far, for a run that goes on later."""
        return {"history": [list(point) for point in self.history]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on from them."""
        self.history = [Validation(*point) for point in state_dict["history"]]

    @rank_zero_only
    def on_fit_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Draws the curve."""
        if self.history:
            draw_learning_curve(self.history, self.file)

    @rank_zero_only
    def on_exception(self, trainer: L.Trainer, pl_module: L.LightningModule, exception: BaseException) -> None:
        """Draws the curve as far as it goes."""
        if self.history:
            draw_learning_curve(self.history, self.file)


def overfitting_since(history: list[Validation]) -> float | None:
    """Returns the epoch after which validation got worse while training got better; None if it has not."""
    best = min(history, key=lambda point: point.validation)
    last = history[-1]
    return best.epochs if last.validation > best.validation and last.train < best.train else None


def draw_learning_curve(history: list[Validation], file: Path) -> None:
    """Writes the picture of training and validation perplexity by epoch, and of where overfitting begins."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.2), dpi=130, layout="constrained")
    axes = figure.subplots()
    epochs = [point.epochs for point in history]
    axes.plot(epochs, [point.train for point in history], "o-", markersize=3, label="train (with dropout)")
    axes.plot(epochs, [point.validation for point in history], "o-", markersize=3, label="validation")
    best = min(history, key=lambda point: point.validation)
    axes.plot(best.epochs, best.validation, "k*", markersize=11, label=f"best: {best.validation:.1f}")
    since = overfitting_since(history)
    if since is None:
        title = "no overfitting seen: validation was best at the end" if best is history[-1] else "no overfitting seen"
    else:
        title = f"overfitting after epoch {since:g}"
        axes.axvspan(since, epochs[-1], color="tab:red", alpha=0.12, label="overfitting")
    axes.set(xlabel="epoch", ylabel="perplexity", yscale="log", title=title)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_minor_formatter(lambda value, _: f"{value:g}" if str(value)[0] in "235" else "")
    axes.grid(visible=True, which="both", alpha=0.25)
    axes.legend()
    figure.savefig(file)


class SampleText(L.Callback):
    """Writes text from the same beginnings after each validation, into TensorBoard.

    Sampling has a random generator of its own, so training goes as it would without it.

    Args:
        config: The beginnings, and how words are drawn.
    """

    def __init__(self, config: SamplesConfig) -> None:
        self.config = config
        self._prompts: list[list[int]] = []

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Makes the beginnings into ids; those without a known word are left out, with a line that says so."""
        data = _data_of(trainer)
        for prompt in self.config.prompts:
            try:
                ids = encode_prompt(prompt, data.corpus.tokenizer, data.config.cleaning) if prompt else []
                self._prompts.append(ids)
            except InputError as error:
                log.info("No samples from one of samples.prompts: %s", error)

    def samples(self, model: LanguageModel, tokenizer: TextTokenizer) -> list[str]:
        """Returns one text for each beginning."""
        return [
            generate(model, tokenizer, prompt_ids, num_samples=1, sampling=self.config)[0]
            for prompt_ids in self._prompts
        ]

    @rank_zero_only
    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Writes the texts of the model as it is now."""
        if trainer.sanity_checking:
            return
        assert isinstance(pl_module.model, LanguageModel)
        log_text(trainer, "samples", show_samples(self.samples(pl_module.model, _data_of(trainer).corpus.tokenizer)))


def _data_of(trainer: L.Trainer) -> CorpusDataModule:
    data = getattr(trainer, "datamodule", None)
    assert isinstance(data, CorpusDataModule), "sampling needs the data module's tokenizer"
    return data


def log_text(trainer: L.Trainer, tag: str, text: str) -> None:
    """Writes `text` into the trainer's TensorBoard loggers as it is: Markdown would take marks such as * away."""
    for logger in trainer.loggers:
        if isinstance(logger, TensorBoardLogger):
            fenced = "\n".join(f"    {line}" for line in text.splitlines())
            logger.experiment.add_text(tag, fenced, trainer.global_step)


def log_corpus_figures(trainer: L.Trainer, corpus: Corpus) -> None:
    """Draws the figures of the data report into the trainer's TensorBoard loggers, where there are any."""
    loggers = [logger for logger in trainer.loggers if isinstance(logger, TensorBoardLogger)]
    if not loggers:
        return
    from halo.data_report.figures import draw_figures

    for name, figure in draw_figures(corpus).items():
        for logger in loggers:
            logger.experiment.add_figure(f"data/{name}", figure, trainer.global_step)
