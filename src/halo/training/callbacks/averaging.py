"""Averages the weights; the average is evaluated, kept and saved in place of the trained weights."""

import logging
from collections.abc import Iterable
from typing import Any

import lightning as L
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from halo.config import AveragingConfig, EMAConfig, NTASGDConfig
from halo.data.streams import Window
from halo.training.module import MONITOR
from halo.training.sharding import ShardedStrategy, load_whole_state_dict, release_weights, whole_state_dict

log = logging.getLogger(__name__)


def is_triggered(history: list[float], *, patience: int) -> bool:
    """Returns whether the last validation is worse than the best one, ignoring the `patience` validations before it.

    This is the non-monotonic criterion of Merity et al. (2018), as implemented in their code.

    Args:
        history: The validation losses so far in nats per token, in order.
        patience: The number of validations before the last one that are ignored.

    >>> is_triggered([5.0, 4.0, 4.5, 4.4, 4.1], patience=2)
    True
    """
    earlier = history[: max(0, len(history) - 1 - patience)]
    return bool(earlier) and history[-1] > min(earlier)


def moving_average(decay: float) -> Any:
    """Returns the update function of an exponential moving average, for `AveragedModel`.

    The decay of step n is at most (1 + n) / (10 + n), so that the random initial weights are soon forgotten.
    """

    @torch.no_grad()
    def update(averages: list[Tensor], weights: list[Tensor], count: Tensor) -> None:
        steps = count.item()
        torch._foreach_lerp_(averages, weights, 1 - min(decay, (1 + steps) / (10 + steps)))

    return update


class Averaging(L.Callback):
    """Averages the weights of the model, and swaps the average in for validation, for checkpoints and at the end.

    Everything that depends on a validation (best checkpoint, early stopping, schedules, samples) sees the average, and
    the trained model ends with it. A checkpoint holds the average under `state_dict`, like any other weights, its
    description under `averaging`, and the weights that the optimizer trains under `trained_state_dict`, as plain data.

    Lightning's `WeightAveraging` (2.6) is not used: until its `should_update` first returns true, as in NT-ASGD, it
    validates, saves and finally keeps the initial weights; and it restores the trained weights before
    `on_validation_end`, so that samples would not come from the average. Most of its hooks would have to be overridden.

    Args:
        config: The kind of average and its settings.
    """

    def __init__(self, config: EMAConfig | NTASGDConfig) -> None:
        self.config = config
        self.history: list[float] = []
        self.start_step: int | None = 0 if isinstance(config, EMAConfig) else None
        self._average: AveragedModel | None = None
        self._trained: list[Tensor] | None = None  # saved while the average is in the model
        self._last_step = 0

    def describe(self) -> str | None:
        """Returns a description of the average; None if averaging has not started."""
        if self._average is None or not self._average.n_averaged:
            return None
        if isinstance(self.config, EMAConfig):
            return f"exponential moving average, decay {self.config.decay:g}"
        return f"mean of the steps since {self.start_step} (NT-ASGD)"

    def setup(self, trainer: L.Trainer, pl_module: L.LightningModule, stage: str) -> None:
        """Allocates the average, so that a checkpoint can be loaded into it."""
        if stage == "fit":
            update = moving_average(self.config.decay) if isinstance(self.config, EMAConfig) else None
            self._average = AveragedModel(_model(pl_module), multi_avg_fn=update)

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Moves the average to the device of the model; of sharded weights, every process averages its part."""
        average = self._averaged()
        if isinstance(trainer.strategy, ShardedStrategy):
            trainer.strategy.shard(average.module)
        average.to(pl_module.device)

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Window, batch_idx: int
    ) -> None:
        """Adds the weights to the average after each update, once averaging has started."""
        if self.start_step is not None and trainer.global_step > self._last_step:
            self._averaged().update_parameters(_model(pl_module))
        self._last_step = trainer.global_step

    def on_validation_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Swaps the average in."""
        if self.describe() is not None and not trainer.sanity_checking:
            self._trained = [weight.detach().clone() for weight in _model(pl_module).parameters()]
            _copy(self._averaged().module.parameters(), _model(pl_module))

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Restores the trained weights, and checks whether NT-ASGD starts averaging."""
        if trainer.sanity_checking:
            return
        self._restore_trained(pl_module)
        if self.start_step is None and isinstance(self.config, NTASGDConfig):
            self.history.append(trainer.callback_metrics[MONITOR].item())
            if is_triggered(self.history, patience=self.config.patience):
                self.start_step = trainer.global_step
                log.info("Validation has stopped improving: averaging the weights from step %d", self.start_step)

    def on_exception(self, trainer: L.Trainer, pl_module: L.LightningModule, exception: BaseException) -> None:
        """Restores the trained weights if validation was interrupted: a checkpoint may follow."""
        self._restore_trained(pl_module)

    def on_fit_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Copies the average into the model."""
        if self.describe() is not None:
            _copy(self._averaged().module.parameters(), _model(pl_module))

    def on_save_checkpoint(self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]) -> None:
        """Stores the average as the weights of the checkpoint, and the trained weights separately."""
        description = self.describe()
        if description is not None:
            average = whole_state_dict(self._averaged().module)
            checkpoint["trained_state_dict"] = checkpoint["state_dict"]
            checkpoint["state_dict"] = {f"model.{name}": value for name, value in average.items()}
            checkpoint["averaging"] = description

    def on_load_checkpoint(self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]) -> None:
        """Restores the average and the trained weights."""
        if self._average is not None and "trained_state_dict" in checkpoint:
            average = {name.removeprefix("model."): value for name, value in checkpoint["state_dict"].items()}
            load_whole_state_dict(self._average.module, average)
            load_whole_state_dict(pl_module, checkpoint["trained_state_dict"])

    def state_dict(self) -> dict[str, Any]:
        """Returns the state of the average, without its weights."""
        count = 0 if self._average is None else int(self._average.n_averaged)
        return {"history": self.history, "start_step": self.start_step, "last_step": self._last_step, "count": count}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restores the state of the average, without its weights."""
        self.history, self.start_step = list(state_dict["history"]), state_dict["start_step"]
        self._last_step = state_dict["last_step"]
        self._averaged().n_averaged.fill_(state_dict["count"])

    def _restore_trained(self, pl_module: L.LightningModule) -> None:
        if self._trained is not None:
            _copy(self._trained, _model(pl_module))
            self._trained = None

    def _averaged(self) -> AveragedModel:
        assert self._average is not None, "the average is allocated in setup"
        return self._average


def make_averaging(config: AveragingConfig) -> Averaging | None:
    """Returns the callback for `config`; None for `averaging=none`."""
    return Averaging(config) if isinstance(config, EMAConfig | NTASGDConfig) else None


def _model(pl_module: L.LightningModule) -> nn.Module:
    assert isinstance(pl_module.model, nn.Module)
    release_weights(pl_module)  # a validation may have been interrupted
    return pl_module.model


@torch.no_grad()
def _copy(weights: Iterable[Tensor], model: nn.Module) -> None:
    """Overwrites the weights in place: the optimizer and DistributedDataParallel hold references to the tensors."""
    for weight, value in zip(model.parameters(), weights, strict=True):
        weight.copy_(value)
