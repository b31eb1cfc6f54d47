"""The LightningModule: training and evaluation steps, carried state, gradient clipping and metrics.

Shape letters: B streams, T tokens of a window, V words of the vocabulary.
"""

import math
from collections.abc import Callable
from statistics import fmean
from typing import Any

import lightning as L
import torch
from lightning.pytorch.core.optimizer import LightningOptimizer
from torch import Tensor
from torch.nn.utils import clip_grad_norm_, clip_grad_value_, get_total_norm, parametrize
from torch.optim import Optimizer

from halo.config import GradientClipConfig, OptimVariant, SampledSoftmaxConfig, ScheduleVariant
from halo.data.streams import IGNORED, StreamLoader, Window
from halo.evaluation.text_scores import perplexity
from halo.models.dropout import LockedDropout, StreamShare
from halo.models.language_model import LanguageModel, State, detach
from halo.runtime.errors import TrainingError
from halo.training.metrics import MeanNLL
from halo.training.optimizers import learning_rate_of, make_optimizer
from halo.training.schedules import elapsed_fraction, make_schedule
from halo.training.sharding import ShardedStrategy, release_weights, whole

SYNCHRONOUS_DEVICES = {"cpu"}
"""Device types on which the loss is checked at every step; on others, reading it would stall the next step."""

MONITOR = "val/nll"
"""The logged value that checkpoints, early stopping and plateau schedules monitor: validation loss, nats per token."""

LOGGED = (
    *("val/nll", "val/perplexity", "train/nll", "train/perplexity", "train/loss", "train/penalty", "train/grad_norm"),
    *("train/tokens_per_second", "tokens_seen", "seconds"),
)
"""The values that callbacks can monitor: those of this module and of the throughput."""


MIN_ENTRIES = 10
"""Entries of a training curve, at least: a run with fewer times `log_every_n_steps` is logged more often."""


def is_logged_step(trainer: L.Trainer) -> bool:
    """Returns whether this step is logged; logging every step would cost more than the update of a small model."""
    return bool((trainer.global_step + 1) % max(1, trainer.log_every_n_steps) == 0)  # type: ignore[attr-defined]


def logging_interval(configured: int, *, steps_per_epoch: float, total_steps: float) -> int:
    """Returns the number of steps between two entries of the logs, so that short runs have curves too.

    Args:
        configured: `trainer.log_every_n_steps`; 0 logs nothing.
        steps_per_epoch: Optimizer steps of an epoch; there is at least one entry before each validation at its end.
        total_steps: Optimizer steps of the run; infinity for no limit.

    >>> [logging_interval(20, steps_per_epoch=steps, total_steps=11 * steps) for steps in (250, 19, 3)]
    [20, 19, 3]
    >>> logging_interval(20, steps_per_epoch=250, total_steps=5)
    1
    """
    return int(max(1, min(configured, steps_per_epoch, total_steps // MIN_ENTRIES))) if configured else 0


class LanguageModelModule(L.LightningModule):
    """Trains a language model on consecutive windows, carrying the recurrent state from each window to the next.

    The state after a window is detached: gradients flow back to the start of the window (truncated backpropagation
    through time), while the forward pass has seen the text from its beginning. Training, validation and test each have
    their own state, which is reset to zeros at the start of each pass over the text.

    Logged values: `train/loss` (nats per token of a window), `train/penalty` (the activation regularisation added to
    the loss, if any), `train/grad_norm` (before clipping), and after each validation `train/nll`, `train/perplexity`
    (since the previous validation, with dropout), `val/nll` and `val/perplexity`.

    Args:
        model: The network.
        optim: Settings of the optimizer.
        schedule: Settings of the learning-rate schedule.
        gradient_clip: Settings of gradient clipping; the clipping of the Trainer is not used.
        sampled_softmax: Settings of the sampled softmax in the training loss.
    """

    def __init__(
        self,
        model: LanguageModel,
        *,
        optim: OptimVariant,
        schedule: ScheduleVariant,
        gradient_clip: GradientClipConfig,
        sampled_softmax: SampledSoftmaxConfig,
    ) -> None:
        super().__init__()
        self.model = model
        self.optim = optim
        self.schedule = schedule
        self.gradient_clip = gradient_clip
        self.sampled_softmax = sampled_softmax
        self.train_metric = MeanNLL()
        self.eval_metric = MeanNLL()
        # Plain attributes: a buffer would be saved in the weights and broadcast between processes.
        self._train_state: State | None = None
        self._eval_state: State | None = None
        self._learning_rate_factors: list[float] = []  # of the windows since the last update
        self._random_state = torch.get_rng_state()  # after the initial weights were drawn

    def configure_model(self) -> None:
        """Divides the weights among the processes with `trainer.strategy=fsdp`."""
        if isinstance(self.trainer.strategy, ShardedStrategy):
            self.trainer.strategy.shard(self)

    def forward(self, ids_BT: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Returns the logits of the next tokens, shape (B, T, V), and the state after the window."""
        logits_BTV, next_state = self.model(ids_BT, state)
        return logits_BTV, next_state

    def on_train_start(self) -> None:
        """Shortens the interval of the logs in a short run, and tells dropout which streams this process has."""
        torch.set_rng_state(self._random_state)  # Lightning seeds the processes of ddp again, but not a single one
        loader = self.trainer.train_dataloader
        if isinstance(loader, StreamLoader):
            for module in self.model.modules():
                if isinstance(module, LockedDropout):
                    module.share = StreamShare(loader.own_streams, loader.num_streams)
        steps_per_epoch = math.ceil(self.trainer.num_training_batches / self.trainer.accumulate_grad_batches)
        total_steps = self.trainer.estimated_stepping_batches
        if elapsed_fraction(self.trainer) is not None:  # the time may be over in the first epoch
            total_steps = min(total_steps, steps_per_epoch)
        self.trainer.log_every_n_steps = logging_interval(  # type: ignore[attr-defined]
            self.trainer.log_every_n_steps,  # type: ignore[attr-defined]
            steps_per_epoch=steps_per_epoch,
            total_steps=total_steps,
        )

    def on_train_epoch_start(self) -> None:
        """Resets the state: the streams start again."""
        self._train_state = None

    def on_train_batch_start(self, batch: Window, batch_idx: int) -> None:
        """Records the learning-rate factor of the window."""
        self._learning_rate_factors.append(batch.learning_rate_factor)

    def training_step(self, window: Window, batch_idx: int) -> Tensor:
        """Returns the loss: nats per token over the windows of all processes, plus the regularisation penalty.

        Raises:
            TrainingError: The loss is not finite; on a GPU this is checked at logged steps, before each validation and
                before a checkpoint is written.
        """
        with parametrize.cached():
            outputs = self.model.read(window.inputs_BT, self._train_state)
            nll = self.model.nll(outputs, window.targets_BT, num_frequent=self.sampled_softmax.num_frequent).sum()
        self._train_state = detach(outputs.state)
        # DDP averages gradients over processes, which may hold different numbers of targets: with this scale the
        # average is the mean over all targets.
        scale = self.trainer.world_size / window.num_targets
        loss = nll * scale
        self.train_metric.update(nll.detach(), (window.targets_BT != IGNORED).sum())
        if loss.device.type in SYNCHRONOUS_DEVICES or is_logged_step(self.trainer):
            self._require_finite()
        if is_logged_step(self.trainer):
            self.log("train/loss", loss.detach(), batch_size=1)
            if self.trainer.progress_bar_callback is not None:
                self.log("perplexity", loss.detach().exp(), batch_size=1, prog_bar=True, logger=False)
            if outputs.penalty is not None:
                self.log("train/penalty", outputs.penalty.detach() * scale, batch_size=1)
        return loss if outputs.penalty is None else loss + outputs.penalty * scale

    def _require_finite(self) -> None:
        """Checks the summed loss since the previous validation, which stays non-finite once one window was."""
        nll = self.train_metric.total_nll
        if not torch.isfinite(nll):
            checkpoint = getattr(self.trainer.checkpoint_callback, "best_model_path", "")
            kept = f"the best checkpoint so far is {checkpoint}" if checkpoint else "no checkpoint was written yet"
            rate = learning_rate_of(self.optim)
            set_rate = "" if rate is None else f" ({rate:g})"
            raise TrainingError(
                f"the loss became {nll.item()} at step {self.trainer.global_step} (epoch {self.current_epoch + 1}); "
                f"lower optim.lr{set_rate} or gradient_clip.value ({self.gradient_clip.value}); {kept}"
            )

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Raises `TrainingError` instead of saving a model whose loss is not finite."""
        self._require_finite()

    def configure_gradient_clipping(
        self,
        optimizer: Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clips the gradient as configured by `gradient_clip`, and logs its norm before clipping."""
        parameters = [p for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        if self.gradient_clip.algorithm == "norm" and self.gradient_clip.value is not None:
            norm = clip_grad_norm_(parameters, self.gradient_clip.value)
        else:
            norm = get_total_norm([p.grad for p in parameters if p.grad is not None])
            if self.gradient_clip.value is not None:
                clip_grad_value_(parameters, self.gradient_clip.value)
        if is_logged_step(self.trainer):
            self.log("train/grad_norm", whole(norm), batch_size=1)

    def optimizer_step(
        self,
        epoch: int,
        batch_idx: int,
        optimizer: Optimizer | LightningOptimizer,
        optimizer_closure: Callable[[], Any] | None = None,
    ) -> None:
        """Updates the weights, with the learning rate scaled by the length of the windows for this step only.

        The loss is a mean over the tokens of a window, so without this scaling each token of a short window would move
        the weights further than one of a long window (Merity et al. 2018).
        """
        factor = fmean(self._learning_rate_factors)
        self._learning_rate_factors.clear()
        scheduled = [group["lr"] for group in optimizer.param_groups]
        for group, rate in zip(optimizer.param_groups, scheduled, strict=True):
            group["lr"] = rate * factor
        super().optimizer_step(epoch, batch_idx, optimizer, optimizer_closure)
        for group, rate in zip(optimizer.param_groups, scheduled, strict=True):
            group["lr"] = rate

    def on_validation_epoch_start(self) -> None:
        """Resets the evaluation state: the text starts again."""
        self._require_finite()
        self._start_evaluation()

    def validation_step(self, window: Window, batch_idx: int) -> None:
        """Adds a window to the validation metric."""
        self._evaluate(window)

    def on_validation_epoch_end(self) -> None:
        """Logs the validation metrics, and the training metrics since the previous validation."""
        release_weights(self)
        self._log_metric("val", self.eval_metric)
        if self.train_metric.update_called:
            self._log_metric("train", self.train_metric)

    def on_test_epoch_start(self) -> None:
        """Resets the evaluation state: the text starts again."""
        self._start_evaluation()

    def test_step(self, window: Window, batch_idx: int) -> None:
        """Adds a window to the test metric."""
        self._evaluate(window)

    def on_test_epoch_end(self) -> None:
        """Logs the test metrics."""
        release_weights(self)
        self._log_metric("test", self.eval_metric)

    def _start_evaluation(self) -> None:
        self._eval_state = None
        self.eval_metric.reset()

    def _evaluate(self, window: Window) -> None:
        with parametrize.cached():
            outputs = self.model.read(window.inputs_BT, self._eval_state)
            nll = self.model.nll(outputs, window.targets_BT).sum()
        self._eval_state = outputs.state
        self.eval_metric.update(nll, (window.targets_BT != IGNORED).sum())

    def _log_metric(self, name: str, metric: MeanNLL) -> None:
        nll = metric.compute().item()  # summed over processes, so the same on each of them
        metric.reset()
        figures = {f"{name}/nll": nll, f"{name}/perplexity": perplexity(nll)}
        self.log_dict(figures, batch_size=1, sync_dist=self.trainer.world_size > 1)

    def carry_state(self) -> dict[str, Any]:
        """Returns what this process carries between windows and a Lightning checkpoint lacks, on the CPU."""
        state = self._train_state
        return {
            "state": None if state is None else [tuple(tensor.cpu() for tensor in layer) for layer in state],
            "total_nll": self.train_metric.total_nll.item(),
            "num_tokens": int(self.train_metric.num_tokens.item()),
        }

    def load_carry_state(self, carry_state: dict[str, Any]) -> None:
        """Restores the result of `carry_state`, before the first window."""
        state = carry_state["state"]
        self._train_state = None
        if state is not None:
            self._train_state = [tuple(tensor.to(self.device) for tensor in layer) for layer in state]
        self.train_metric.total_nll.fill_(carry_state["total_nll"])
        self.train_metric.num_tokens.fill_(carry_state["num_tokens"])

    def configure_optimizers(self) -> Any:
        """Returns the optimizer and its schedule."""
        # With 16-mixed, a fused optimizer unscales the gradients itself, after they have been clipped; torch has no
        # fused SGD for sharded weights.
        fused = self.trainer.precision != "16-mixed" and not isinstance(self.trainer.strategy, ShardedStrategy)
        optimizer = make_optimizer(self.optim, self.model, fused=fused)
        schedule = make_schedule(
            self.schedule,
            optimizer,
            total_steps=self.trainer.estimated_stepping_batches,
            monitor=MONITOR,
            elapsed=elapsed_fraction(self.trainer),
        )
        return {"optimizer": optimizer, "lr_scheduler": schedule}
