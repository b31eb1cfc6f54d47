"""Averages of the weights: what is evaluated, kept and saved in place of the weights that the optimizer trains."""

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

log = logging.getLogger(__name__)


def is_triggered(history: list[float], *, patience: int) -> bool:
    """Returns whether validation has stopped improving: the last is worse than the best one before `patience` others.

    The non-monotonic criterion of Merity et al. (2018), as their program has it.

    Args:
        history: Nats per token of each validation so far, in order.
        patience: How many validations before the last one do not count.

    >>> is_triggered([5.0, 4.0, 4.5, 4.4, 4.1], patience=2)
    True
    """
    earlier = history[: max(0, len(history) - 1 - patience)]
    return bool(earlier) and history[-1] > min(earlier)


def moving_average(decay: float) -> Any:
    """Returns the update of an exponential moving average, for `AveragedModel`.

    In step n the decay is at most (1 + n) / (10 + n), so that the first weights, which are random, are soon forgotten.
    """

    @torch.no_grad()
    def update(averages: list[Tensor], weights: list[Tensor], count: Tensor) -> None:
        steps = count.item()
        torch._foreach_lerp_(averages, weights, 1 - min(decay, (1 + steps) / (10 + steps)))

    return update


class Averaging(L.Callback):
    """Keeps an average of the model's weights, and puts it in their place for validation, for saving and at the end.

    Whatever looks at a validation (the best checkpoint, early stopping, schedules, samples) sees the average, and the
    model that a run leaves has it. A checkpoint holds it under `state_dict`, as if there were no other weights, and
    says what it is under `averaging`; the weights that the optimizer goes on with are beside it. All that is plain data.

    Lightning's own `WeightAveraging` does not exist before 2.6, and cannot begin when validation stops improving.

    Args:
        config: What is averaged, and from when on.
    """

    def __init__(self, config: EMAConfig | NTASGDConfig) -> None:
        self.config = config
        self.history: list[float] = []
        self.began_at: int | None = 0 if isinstance(config, EMAConfig) else None
        self._average: AveragedModel | None = None
        self._trained: list[Tensor] | None = None  # what validation keeps while the average is in the model
        self._seen_step = 0

    def describe(self) -> str | None:
        """Returns what the averaged weights are; None where there is no average yet."""
        if self._average is None or not self._average.n_averaged:
            return None
        if isinstance(self.config, EMAConfig):
            return f"exponential moving average, decay {self.config.decay:g}"
        return f"mean of the steps since {self.began_at} (NT-ASGD)"

    def setup(self, trainer: L.Trainer, pl_module: L.LightningModule, stage: str) -> None:
        """Makes room for the average, so that a checkpoint can be loaded into it."""
        if stage == "fit":
            update = moving_average(self.config.decay) if isinstance(self.config, EMAConfig) else None
            self._average = AveragedModel(_model(pl_module), multi_avg_fn=update)

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Moves the average to where the model is."""
        self._averaged().to(pl_module.device)

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Window, batch_idx: int
    ) -> None:
        """Adds the weights to the average after each update, once it has begun."""
        if self.began_at is not None and trainer.global_step > self._seen_step:
            self._averaged().update_parameters(_model(pl_module))
        self._seen_step = trainer.global_step

    def on_validation_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Puts the average into the model."""
        if self.describe() is not None and not trainer.sanity_checking:
            self._trained = [weight.detach().clone() for weight in _model(pl_module).parameters()]
            _copy(self._averaged().module.parameters(), _model(pl_module))

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Puts the trained weights back, and sees whether the mean begins."""
        if trainer.sanity_checking:
            return
        self._put_back(pl_module)
        if self.began_at is None and isinstance(self.config, NTASGDConfig):
            self.history.append(trainer.callback_metrics[MONITOR].item())
            if is_triggered(self.history, patience=self.config.patience):
                self.began_at = trainer.global_step
                log.info("Validation has stopped improving: weights are averaged from step %d on", self.began_at)

    def on_exception(self, trainer: L.Trainer, pl_module: L.LightningModule, exception: BaseException) -> None:
        """Puts the trained weights back, should validation have been cut short: a checkpoint may be written now."""
        self._put_back(pl_module)

    def on_fit_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Leaves the average in the model."""
        if self.describe() is not None:
            _copy(self._averaged().module.parameters(), _model(pl_module))

    def on_save_checkpoint(self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]) -> None:
        """Puts the average where weights are looked for, and the trained weights beside it."""
        described = self.describe()
        if described is not None:
            average = self._averaged().module.state_dict()
            checkpoint["trained_state_dict"] = checkpoint["state_dict"]
            checkpoint["state_dict"] = {f"model.{name}": value for name, value in average.items()}
            checkpoint["averaging"] = described

    def on_load_checkpoint(self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]) -> None:
        """Takes up the average and the trained weights again."""
        if self._average is not None and "trained_state_dict" in checkpoint:
            average = {name.removeprefix("model."): value for name, value in checkpoint["state_dict"].items()}
            self._average.module.load_state_dict(average)
            pl_module.load_state_dict(checkpoint["trained_state_dict"])

    def state_dict(self) -> dict[str, Any]:
        """Returns what the average is made of, besides itself."""
        count = 0 if self._average is None else int(self._average.n_averaged)
        return {"history": self.history, "began_at": self.began_at, "seen_step": self._seen_step, "count": count}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes it up again."""
        self.history, self.began_at = list(state_dict["history"]), state_dict["began_at"]
        self._seen_step = state_dict["seen_step"]
        self._averaged().n_averaged.fill_(state_dict["count"])

    def _put_back(self, pl_module: L.LightningModule) -> None:
        if self._trained is not None:
            _copy(self._trained, _model(pl_module))
            self._trained = None

    def _averaged(self) -> AveragedModel:
        assert self._average is not None, "the average is made when training is set up"
        return self._average


def make_averaging(config: AveragingConfig) -> Averaging | None:
    """Returns the callback that averages the weights as `config` says; None where it says `none`."""
    return Averaging(config) if isinstance(config, EMAConfig | NTASGDConfig) else None


def _model(pl_module: L.LightningModule) -> nn.Module:
    assert isinstance(pl_module.model, nn.Module)
    return pl_module.model


@torch.no_grad()
def _copy(weights: Iterable[Tensor], model: nn.Module) -> None:
    """Overwrites the values of the model's weights; the optimizer and DistributedDataParallel hold the tensors."""
    for weight, value in zip(model.parameters(), weights, strict=True):
        weight.copy_(value)
