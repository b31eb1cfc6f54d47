"""What goes wrong with small models on small texts, noticed while they train.

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

log = logging.getLogger(__name__)

LEFT = 0.05  # of ln V: a loss that is lower by this has left it
FIRST_LOSS_NATS = 0.5
CLIPPED_TIMES = 20  # so many times its limit, and a gradient's length no longer means anything
NO_GRADIENT = 1e-6  # of the largest layer's norm
DEAD_DEVIATION = 1e-4  # of a unit's output over a window; outputs of LSTM and GRU lie between -1 and 1
DEAD_SHARE = 0.1
SATURATED = 0.01  # a gate below this, or above 1 minus this
SATURATED_SHARE = 0.5
LOOKS = 3  # one after the other in which something is off before it is told


class Activity(NamedTuple):
    """What a recurrent layer does in a window.

    Attributes:
        dead: Share of the units whose output does not move.
        saturated: Share of the gates, over units and streams, that are all but open or shut after the window.
    """

    dead: float
    saturated: float


class Diagnosis(L.Callback):
    """Looks at loss, gradients and units every few steps, logs what it sees, and prints a hint where something is off.

    Logged under `diagnosis/`: `grad_norm/LAYER` (before clipping), `clipped` (share of the looks so far whose gradient
    was longer than the limit), `dead/LAYER` and `saturated/LAYER` of recurrent layers. Each hint is printed once.

    Args:
        every_n_steps: How often it looks; steps in between cost nothing but a running mean of the loss.
        patience: Steps after which the loss should have left ln V, and the units should be at work.
    """

    def __init__(self, every_n_steps: int, patience: int = 200) -> None:
        self.every_n_steps = every_n_steps
        self.patience = patience
        self.hints: dict[str, str] = {}
        self._uniform_nats = self._first_loss = math.inf
        self._loss: Tensor | None = None
        self._grad_norms: dict[str, float] = {}
        self._activity: dict[str, Activity] = {}
        self._handles: list[RemovableHandle] = []
        self._looks = self._clipped = 0
        self._times_off: defaultdict[str, int] = defaultdict(int)

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        """Notes the loss of a model that knows nothing."""
        data = getattr(trainer, "datamodule", None)
        assert isinstance(data, CorpusDataModule), "the size of the vocabulary is needed"
        self._uniform_nats = math.log(data.corpus.tokenizer.vocab_size)

    def on_train_batch_start(self, trainer: L.Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Listens to the recurrent layers where this step is looked at."""
        if self._is_look(trainer.global_step):
            for name, layer in pl_module.model.named_modules():
                if isinstance(layer, nn.LSTM | nn.GRU):
                    self._handles.append(layer.register_forward_hook(self._listener(name)))

    def _is_look(self, step: int) -> bool:
        return step == 0 or (step + 1) % self.every_n_steps == 0

    def _listener(self, name: str) -> Any:
        def listen(layer: nn.RNNBase, inputs: tuple[Any, ...], outputs: tuple[Tensor, Any]) -> None:
            self._activity[name] = activity(layer, inputs[0].detach(), outputs[0].detach())

        return listen

    def on_before_optimizer_step(self, trainer: L.Trainer, pl_module: Any, optimizer: Optimizer) -> None:
        """Measures the gradient of each layer before it is clipped."""
        if not self._is_look(trainer.global_step):
            return
        squares: defaultdict[str, list[Tensor]] = defaultdict(list)
        for name, parameter in pl_module.model.named_parameters():
            if parameter.grad is not None:
                squares[_layer(name)].append(parameter.grad.detach().float().square().sum())
        self._grad_norms = {name: torch.stack(parts).sum().sqrt().item() for name, parts in squares.items()}

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Looks, where it is time to, and says what is off."""
        loss = outputs["loss"].detach()
        self._loss = loss if self._loss is None else 0.9 * self._loss + 0.1 * loss
        step = trainer.global_step  # after this update
        if not self._handles and not self._grad_norms:
            return
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        clip = pl_module.gradient_clip
        limit = clip.value if clip.algorithm == "norm" and clip.value is not None else math.inf
        self._look(step, self._loss.item(), limit)
        self._write(trainer, step)
        self._grad_norms, self._activity = {}, {}

    def state_dict(self) -> dict[str, Any]:
        """Returns what has been seen so far, for a run that goes on later."""
        return {
            "hints": dict(self.hints),
            "first_loss": self._first_loss,
            "loss": None if self._loss is None else self._loss.item(),
            "looks": self._looks,
            "clipped": self._clipped,
            "times_off": dict(self._times_off),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on from there."""
        self.hints = dict(state_dict["hints"])
        self._first_loss, loss = state_dict["first_loss"], state_dict["loss"]
        self._loss = None if loss is None else torch.tensor(loss)
        self._looks, self._clipped = state_dict["looks"], state_dict["clipped"]
        self._times_off.update(state_dict["times_off"])

    def _look(self, step: int, loss: float, limit: float) -> None:
        uniform = self._uniform_nats
        self._looks += 1
        if step == 1:
            self._first_loss = loss
        if step == 1 and loss - uniform > FIRST_LOSS_NATS:
            self._tell(
                "first loss", f"the first loss is {loss:.2f}, far above ln V = {uniform:.2f}: weights begin too large"
            )
        if step >= self.patience:
            self._look_at_loss(step, loss)
            for name, seen in self._activity.items():
                self._look_at_layer(name, seen)
        norm = math.hypot(*self._grad_norms.values())
        self._clipped += norm > limit
        self._when(
            "clipped",
            norm > CLIPPED_TIMES * limit,
            f"gradients are {norm / limit:.0f} times gradient_clip.value ({limit:g}): raise it, or lower optim.lr",
        )
        largest = max(self._grad_norms.values(), default=0.0)
        for name, own in self._grad_norms.items():
            self._when(f"gradient {name}", own < NO_GRADIENT * largest, f"hardly any gradient reaches {name}")

    def _look_at_loss(self, step: int, loss: float) -> None:
        uniform, begun = self._uniform_nats, min(self._uniform_nats, self._first_loss)
        above = loss > (1 + LEFT) * uniform
        self._when("loss above", above, f"the loss ({loss:.2f}) is above ln V = {uniform:.2f}: lower optim.lr")
        stuck = not above and loss > (1 - LEFT) * begun
        still = f"the loss has not left {begun:.2f}, where it began, after {step} steps: raise optim.lr"
        self._when("loss", stuck, still)

    def _look_at_layer(self, name: str, seen: Activity) -> None:
        dead = f"{seen.dead:.0%} of the units of {name} do not move: lower optim.lr, or model.hidden"
        self._when(f"dead {name}", seen.dead > DEAD_SHARE, dead)
        saturated = f"{seen.saturated:.0%} of the gates of {name} are saturated: lower optim.lr, or raise weight decay"
        self._when(f"saturated {name}", seen.saturated > SATURATED_SHARE, saturated)

    def _when(self, key: str, is_off: bool, hint: str) -> None:
        """Tells a hint once something has been off in several looks, one after the other."""
        self._times_off[key] = self._times_off[key] + 1 if is_off else 0
        if self._times_off[key] >= LOOKS:
            self._tell(key, hint)

    def _tell(self, key: str, hint: str) -> None:
        if key not in self.hints:
            self.hints[key] = hint
            rank_zero_only(log.warning)("Hint: %s", hint)

    @rank_zero_only
    def _write(self, trainer: L.Trainer, step: int) -> None:
        figures = {f"diagnosis/grad_norm/{name}": norm for name, norm in self._grad_norms.items()}
        for name, seen in self._activity.items():
            figures |= {f"diagnosis/dead/{name}": seen.dead, f"diagnosis/saturated/{name}": seen.saturated}
        figures["diagnosis/clipped"] = self._clipped / self._looks
        for logger in trainer.loggers:
            logger.log_metrics(figures, step - 1)


@torch.no_grad()
def activity(layer: nn.RNNBase, inputs_BTD: Tensor, outputs_BTH: Tensor) -> Activity:
    """Returns what an LSTM or GRU layer did in a window, of at least two tokens.

    Args:
        layer: The layer, batch first; its gates are computed again, for the last token of the window.
        inputs_BTD: What it was given.
        outputs_BTH: What it returned.
    """
    dead = (outputs_BTH.float().flatten(0, 1).std(0) < DEAD_DEVIATION).float().mean().item()
    if outputs_BTH.size(1) < 2:
        return Activity(dead, 0.0)
    weight_ih, weight_hh, bias_ih, bias_hh = layer.all_weights[0]
    input_BD, before_BH = inputs_BTD[:, -1], outputs_BTH[:, -2]
    if isinstance(layer, MogrifierLSTM):
        input_BD, before_BH = layer.mogrify(input_BD, before_BH)
    from_input = nn.functional.linear(input_BD, weight_ih, bias_ih)
    from_state = nn.functional.linear(before_BH, weight_hh, bias_hh)
    places, parts = ((0, 1, 3), 4) if isinstance(layer, nn.LSTM) else ((0, 1), 3)  # the others are no gates
    stacked = (from_input + from_state).float().chunk(parts, dim=-1)
    gates_GBH = torch.stack([stacked[place] for place in places]).sigmoid()
    shut_or_open = (gates_GBH < SATURATED) | (gates_GBH > 1 - SATURATED)
    return Activity(dead, shut_or_open.float().mean().item())


def _layer(name: str) -> str:
    """Returns the layer of a weight; that of n-grams is called by what it is, not by the machinery that adds it.

    >>> _layer("layers.0.bias_ih_l0"), _layer("embedding.parametrizations.weight.0.vectors")
    ('layers.0', 'embedding.subwords')
    """
    plain = name.replace("parametrizations.weight.original", "weight")
    return plain.replace("parametrizations.weight.0.vectors", "subwords.vectors").rpartition(".")[0]
