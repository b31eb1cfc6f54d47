"""The gradient of one training step, group by group, before and after clipping."""

import copy
import math
from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_, parametrize

from halo.data.streams import Window
from halo.models.language_model import LanguageModel
from halo.runtime.errors import InputError

NAMES = {"embedding": "word vectors", "output": "output", "projection": "projection", "pointer": "pointer"}
"""Groups by the first part of their parameters' names; a model of one's own has its own."""


class GradientNorms(NamedTuple):
    """The gradient of a training step.

    Attributes:
        nll: Mean negative log-likelihood of the batch in nats per token, with dropout.
        before: Norm of the gradient of each group of weights.
        after: The same after clipping.
        total: Norm of the whole gradient before clipping.
        num_weights: Number of weights of each group.
    """

    nll: float
    before: dict[str, float]
    after: dict[str, float]
    total: float
    num_weights: dict[str, int]


def gradient_norms(model: LanguageModel, window: Window, *, max_norm: float, seed: int) -> GradientNorms:
    """Returns the gradient norms of a training step on a copy of a model; the model stays as it is.

    Args:
        model: The network.
        window: The batch; its streams are read from states of zeros.
        max_norm: Norm to which the gradient is scaled down (Pascanu et al. 2013).
        seed: Seed of dropout.

    Raises:
        InputError: The loss or the gradient is not finite.
    """
    trained = copy.deepcopy(model).train()
    device = next(trained.parameters()).device
    with torch.random.fork_rng(devices=[] if device.type == "cpu" else [device], device_type=device.type):
        torch.manual_seed(seed)
        with parametrize.cached():
            outputs = trained.read(window.inputs_BT.to(device), None)
            nll = trained.nll(outputs, window.targets_BT.to(device)).sum() / window.num_targets
        penalty = 0.0 if outputs.penalty is None else outputs.penalty / window.num_targets
        (nll + penalty).backward()
    groups = _groups(trained)
    loss = nll.item()
    before = {name: _norm(each) for name, each in groups.items()}
    total = float(clip_grad_norm_(trained.parameters(), max_norm))
    if not (math.isfinite(loss) and math.isfinite(total)):
        raise InputError("the loss or gradient of the training step is not a finite number; use another model")
    after = {name: _norm(each) for name, each in groups.items()}
    sizes = {name: sum(weight.numel() for weight in each) for name, each in groups.items()}
    return GradientNorms(loss, before, after, total, sizes)


def _groups(model: nn.Module) -> dict[str, list[Tensor]]:
    groups: dict[str, list[Tensor]] = {}
    for name, weight in model.named_parameters():
        first, *rest = name.split(".")
        group = f"layer {int(rest[0]) + 1}" if first == "layers" and rest[0].isdigit() else NAMES.get(first, first)
        groups.setdefault(group, []).append(weight)
    return groups


def _norm(weights: Iterable[Tensor]) -> float:
    squares = [float(weight.grad.double().square().sum()) for weight in weights if weight.grad is not None]
    return float(sum(squares) ** 0.5)
