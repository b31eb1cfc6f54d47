"""Detects common problems of small models on small texts while they train.

Shape letters: B streams, T tokens of a window, D features in, H hidden size, G gates.
"""

import logging
import math
from collections import defaultdict
from typing import Any, NamedTuple

import lightning as L
import torch
from lightning.pytorch.utilities import rank_zero_only
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.hooks import RemovableHandle

from halo.data.datamodule import CorpusDataModule
from halo.models.mogrifier import MogrifierLSTM
from halo.runtime.errors import require
from halo.training.sharding import whole

log = logging.getLogger(__name__)

LOSS_TOLERANCE = 0.05  # relative: a loss within this of the uniform model's has not improved
MAX_FIRST_EXCESS = 0.5  # nats per token of the first loss above ln V
MAX_CLIPPING_RATIO = 20  # gradient norm over its limit, beyond which only the direction of the gradient is left
MIN_GRADIENT_RATIO = 1e-6  # of a layer's gradient norm to that of the largest
DEAD_DEVIATION = 1e-4  # standard deviation of a unit's output over a window; outputs lie between -1 and 1
MAX_DEAD_FRACTION = 0.1
SATURATED_MARGIN = 0.01  # a gate closer than this to 0 or 1 is saturated
MAX_SATURATED_FRACTION = 0.5
CONSECUTIVE_CHECKS = 3  # in which a problem must be found before a hint is printed


class Activity(NamedTuple):
    """Describes the activity of a recurrent layer in a window.

    Attributes:
        dead: Fraction of the units whose output is constant.
        saturated: Fraction of the gates, over units and streams, that are close to 0 or 1 after the window.
    """

    dead: float
    saturated: float


class Diagnosis(L.Callback):
    """Checks loss, gradients and recurrent units every few steps, logs them, and prints a hint about each problem once.

    Logged under `diagnosis/`: `grad_norm/LAYER` (before clipping), `clipped` (fraction of the checks so far in which
    the gradient norm exceeded the limit), `dead/LAYER` and `saturated/LAYER` of recurrent layers.

    Args:
        every_n_steps: Interval between checks; the steps in between only update a moving average of the loss.
        patience: Steps before the loss and the recurrent units are checked.

    Raises:
        InputError: A number is too low.
    """

    def __init__(self, every_n_steps: int, patience: int = 200) -> None:
        hint = "callbacks.diagnosis=null switches it off"
        require(every_n_steps >= 1, "callbacks.diagnosis.every_n_steps", every_n_steps, f"must be at least 1; {hint}")
        require(patience >= 0, "callbacks.diagnosis.patience", patience, "must be at least 0")
        self.every_n_steps = every_n_steps
        self.patience = patience
        self.hints: dict[str, str] = {}
        self._uniform_nll = self._first_loss = math.inf
        self._loss: Tensor | None = None
        self._grad_norms: dict[str, float] = {}
        self._activity: dict[str, Activity] = {}
        self._handles: list[RemovableHandle] = []
        self._num_checks = self._num_clipped = 0
        self._consecutive: defaultdict[str, int] = defaultdict(int)  # checks in which each problem was found

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        """Records the loss of a uniform model, ln V."""
        data = getattr(trainer, "datamodule", None)
        assert isinstance(data, CorpusDataModule), "the size of the vocabulary is needed"
        self._uniform_nll = math.log(data.corpus.tokenizer.vocab_size)

    def on_train_batch_start(self, trainer: L.Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Records the activity of the recurrent layers if this step is checked."""
        if self._is_checked(trainer.global_step):
            for name, layer in pl_module.model.named_modules():
                if isinstance(layer, nn.LSTM | nn.GRU):
                    # First of the hooks: that of a sharded layer releases its weights.
                    self._handles.append(layer.register_forward_hook(self._activity_hook(name), prepend=True))

    def _is_checked(self, step: int) -> bool:
        return step == 0 or (step + 1) % self.every_n_steps == 0

    def _activity_hook(self, name: str) -> Any:
        def record(layer: nn.RNNBase, inputs: tuple[Any, ...], outputs: tuple[Tensor, Any]) -> None:
            self._activity[name] = activity(layer, inputs[0].detach(), outputs[0].detach())

        return record

    def on_before_optimizer_step(self, trainer: L.Trainer, pl_module: Any, optimizer: Optimizer) -> None:
        """Measures the gradient norm of each layer before clipping."""
        if not self._is_checked(trainer.global_step):
            return
        squares: defaultdict[str, list[Tensor]] = defaultdict(list)
        for name, parameter in pl_module.model.named_parameters():
            if parameter.grad is not None:
                squares[_layer_name(name)].append(whole(parameter.grad.detach().float().square().sum()))
        self._grad_norms = {name: torch.stack(parts).sum().sqrt().item() for name, parts in squares.items()}

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Runs the checks of the step, if any, and logs their figures."""
        loss = outputs["loss"].detach()
        self._loss = loss if self._loss is None else 0.9 * self._loss + 0.1 * loss
        step = trainer.global_step  # after this update
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        if not self._grad_norms:  # not checked, or only accumulated gradients for a later update
            return
        clip = pl_module.gradient_clip
        limit = clip.value if clip.algorithm == "norm" and clip.value is not None else math.inf
        self._check(step, self._loss.item(), limit)
        self._log(trainer, step)
        self._grad_norms, self._activity = {}, {}

    def state_dict(self) -> dict[str, Any]:
        """Returns the counts and hints so far, for the checkpoint."""
        return {
            "hints": dict(self.hints),
            "first_loss": self._first_loss,
            "loss": None if self._loss is None else self._loss.item(),
            "num_checks": self._num_checks,
            "num_clipped": self._num_clipped,
            "consecutive": dict(self._consecutive),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restores the counts and hints from a checkpoint."""
        self.hints = dict(state_dict["hints"])
        self._first_loss, loss = state_dict["first_loss"], state_dict["loss"]
        self._loss = None if loss is None else torch.tensor(loss)
        self._num_checks, self._num_clipped = state_dict["num_checks"], state_dict["num_clipped"]
        self._consecutive.update(state_dict["consecutive"])

    def _check(self, step: int, loss: float, clip_limit: float) -> None:
        self._num_checks += 1
        if step == 1:
            self._check_first_loss(loss)
        if step >= self.patience:
            self._check_loss(step, loss)
            for name, layer_activity in self._activity.items():
                self._check_layer(name, layer_activity)
        self._check_gradients(clip_limit)

    def _check_first_loss(self, loss: float) -> None:
        uniform = self._uniform_nll
        self._first_loss = loss
        if loss - uniform > MAX_FIRST_EXCESS:
            too_large = (
                f"the first loss is {loss:.2f}, far above ln V = {uniform:.2f}: the initial weights are too large"
            )
            self._print_hint("first loss", too_large)

    def _check_loss(self, step: int, loss: float) -> None:
        uniform, initial = self._uniform_nll, min(self._uniform_nll, self._first_loss)
        is_above = loss > (1 + LOSS_TOLERANCE) * uniform
        above = f"the loss ({loss:.2f}) is above ln V = {uniform:.2f}, that of a uniform model: lower optim.lr"
        self._report("loss above", is_above, above)
        is_stuck = not is_above and loss > (1 - LOSS_TOLERANCE) * initial
        stuck = f"the loss is still close to its initial value, {initial:.2f}, after {step} steps: raise optim.lr"
        self._report("loss", is_stuck, stuck)

    def _check_layer(self, name: str, layer: Activity) -> None:
        dead = f"{layer.dead:.0%} of the units of {name} have a constant output: lower optim.lr or model.hidden"
        self._report(f"dead {name}", layer.dead > MAX_DEAD_FRACTION, dead)
        saturated = f"{layer.saturated:.0%} of the gates of {name} are saturated: lower optim.lr or raise weight decay"
        self._report(f"saturated {name}", layer.saturated > MAX_SATURATED_FRACTION, saturated)

    def _check_gradients(self, clip_limit: float) -> None:
        norm = math.hypot(*self._grad_norms.values())
        self._num_clipped += norm > clip_limit
        ratio = f"{norm / clip_limit:.0f} times gradient_clip.value ({clip_limit:g})"
        clipped = f"gradient norms are {ratio}: raise it, or lower optim.lr"
        self._report("clipped", norm > MAX_CLIPPING_RATIO * clip_limit, clipped)
        largest = max(self._grad_norms.values(), default=0.0)
        for name, layer_norm in self._grad_norms.items():
            vanishes = layer_norm < MIN_GRADIENT_RATIO * largest
            self._report(f"gradient {name}", vanishes, f"the gradient of {name} is close to zero")

    def _report(self, key: str, is_problem: bool, hint: str) -> None:
        """Prints a hint once a problem has been found in several consecutive checks."""
        self._consecutive[key] = self._consecutive[key] + 1 if is_problem else 0
        if self._consecutive[key] >= CONSECUTIVE_CHECKS:
            self._print_hint(key, hint)

    def _print_hint(self, key: str, hint: str) -> None:
        if key not in self.hints:
            self.hints[key] = hint
            rank_zero_only(log.warning)("Hint: %s", hint)

    @rank_zero_only
    def _log(self, trainer: L.Trainer, step: int) -> None:
        figures = {f"diagnosis/grad_norm/{name}": norm for name, norm in self._grad_norms.items()}
        for name, layer in self._activity.items():
            figures |= {f"diagnosis/dead/{name}": layer.dead, f"diagnosis/saturated/{name}": layer.saturated}
        figures["diagnosis/clipped"] = self._num_clipped / self._num_checks
        for logger in trainer.loggers:
            logger.log_metrics(figures, step - 1)


@torch.no_grad()
def activity(layer: nn.RNNBase, inputs_BTD: Tensor, outputs_BTH: Tensor) -> Activity:
    """Returns the activity of an LSTM or GRU layer in a window; no gate counts as saturated in a window of one token.

    Args:
        layer: The layer, batch first; its gates are recomputed for the last token of the window.
        inputs_BTD: The inputs of the layer.
        outputs_BTH: The outputs of the layer.
    """
    dead = (outputs_BTH.float().flatten(0, 1).std(0) < DEAD_DEVIATION).float().mean().item()
    if outputs_BTH.size(1) < 2:
        return Activity(dead, 0.0)
    weight_ih, weight_hh, bias_ih, bias_hh = layer.all_weights[0]
    input_BD, previous_BH = inputs_BTD[:, -1], outputs_BTH[:, -2]
    if isinstance(layer, MogrifierLSTM):
        input_BD, previous_BH = layer.mogrify(input_BD, previous_BH)
    from_input = nn.functional.linear(input_BD, weight_ih, bias_ih)
    from_state = nn.functional.linear(previous_BH, weight_hh, bias_hh)
    gate_indices, num_blocks = ((0, 1, 3), 4) if isinstance(layer, nn.LSTM) else ((0, 1), 3)  # the rest: candidates
    blocks = (from_input + from_state).float().chunk(num_blocks, dim=-1)
    gates_GBH = torch.stack([blocks[index] for index in gate_indices]).sigmoid()
    is_saturated = (gates_GBH < SATURATED_MARGIN) | (gates_GBH > 1 - SATURATED_MARGIN)
    return Activity(dead, is_saturated.float().mean().item())


def _layer_name(name: str) -> str:
    """Returns the layer that a parameter belongs to; character n-gram vectors are named `embedding.subwords`.

    >>> _layer_name("layers.0.bias_ih_l0"), _layer_name("embedding.parametrizations.weight.0.vectors")
    ('layers.0', 'embedding.subwords')
    """
    plain = name.replace("parametrizations.weight.original", "weight")
    return plain.replace("parametrizations.weight.0.vectors", "subwords.vectors").rpartition(".")[0]
