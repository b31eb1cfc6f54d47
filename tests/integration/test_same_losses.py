"""Optimizations for speed change no loss: neither the loss computed in place nor the fused optimizer."""

from dataclasses import replace
from typing import Any

import lightning as L
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from halo.config import SampledSoftmaxConfig, TrainConfig
from halo.models import output
from halo.models.loss import token_nll
from halo.training import module
from halo.training.optimizers import make_optimizer
from tests.conftest import EXHAUSTIVE
from tests.support.fitting import fit_module

STEPS = 200


class Losses(L.Callback):
    def __init__(self) -> None:
        self.losses: list[float] = []

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, *_: Any) -> None:
        self.losses.append(outputs["loss"].item())


def plain_nll(features_BTD: Tensor, words_WD: Tensor, bias_W: Tensor, targets_BT: Tensor) -> Tensor:
    return token_nll(F.linear(features_BTD, words_WD, bias_W), targets_BT)


@pytest.mark.parametrize("num_frequent", [pytest.param(None, marks=EXHAUSTIVE), 20])
def test_the_loss_of_each_step_equals_that_of_the_plain_path(
    num_frequent: int | None, tiny_config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(tiny_config, sampled_softmax=SampledSoftmaxConfig(num_frequent))
    fast, plain = Losses(), Losses()
    limits: dict[str, Any] = {"max_epochs": 1000, "max_steps": STEPS, "limit_val_batches": 0}
    fit_module(config, fast, **limits)
    monkeypatch.setattr(output, "linear_nll", plain_nll)
    monkeypatch.setattr(module, "make_optimizer", lambda *args, fused: make_optimizer(*args, fused=False))
    fit_module(config, plain, **limits)
    assert len(fast.losses) == STEPS
    assert fast.losses[-1] < fast.losses[0]
    torch.testing.assert_close(torch.tensor(fast.losses), torch.tensor(plain.losses), rtol=1e-5, atol=0)
