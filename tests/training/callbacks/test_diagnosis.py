"""Each hint for a model that is rigged to need it, and none for one that is not."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
from torch import nn

from halo.config import AdamWConfig, GradientClipConfig, RecurrentConfig, TrainConfig
from halo.runs.fit import fit
from halo.training.callbacks.diagnosis import Diagnosis, activity
from tests.conftest import Run

Rig = Callable[[nn.Module], None]


class Rigged(L.Callback):
    """Does something to the weights before training."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig

    def on_fit_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        with torch.no_grad():
            self.rig(pl_module.model)


def hints(config: TrainConfig, rig: Rig = lambda _: None, *, lr: float = 8e-3, clip: float = 0.25) -> dict[str, str]:
    assert isinstance(config.optim, AdamWConfig)
    optim, clipping = replace(config.optim, lr=lr), GradientClipConfig("norm", clip)
    # From a unigram model such a text has hardly anything more to teach.
    config = replace(
        config, optim=optim, gradient_clip=clipping, model=replace(config.model, init_bias_from_unigram=False)
    )
    diagnosis = Diagnosis(every_n_steps=2, patience=40)
    fit(config, callbacks=[Rigged(rig), diagnosis], loggers=[])
    return diagnosis.hints


def test_a_healthy_run_gets_no_hint(tiny_config: TrainConfig) -> None:
    assert hints(tiny_config) == {}


def test_layers_whose_weights_are_dropped_are_looked_at_too(tiny_config: TrainConfig) -> None:
    assert isinstance(tiny_config.model, RecurrentConfig)
    assert hints(replace(tiny_config, model=replace(tiny_config.model, dropout_weights=0.2))) == {}


def test_weights_that_begin_too_large(tiny_config: TrainConfig) -> None:
    def enlarge(model: nn.Module) -> None:
        model.get_parameter("embedding.parametrizations.weight.original").mul_(300)

    assert "the initial weights are too large" in hints(tiny_config, enlarge)["first loss"]


def test_a_learning_rate_that_is_too_small(tiny_config: TrainConfig) -> None:
    found = hints(tiny_config, lr=1e-7)
    assert found.keys() == {"loss"}
    assert found["loss"].endswith("steps: raise optim.lr")


def test_a_learning_rate_that_is_too_large(tiny_config: TrainConfig) -> None:
    assert "lower optim.lr" in hints(tiny_config, lr=30.0)["loss above"]


def test_a_limit_that_is_all_there_is_of_the_gradient(tiny_config: TrainConfig) -> None:
    assert "times gradient_clip.value (0.0001)" in hints(tiny_config, clip=1e-4)["clipped"]


def test_units_that_do_not_move(tiny_config: TrainConfig) -> None:
    def shut(model: nn.Module) -> None:
        model.get_parameter("layers.0.bias_ih_l0")[48:52] = -1000  # output gates of four units of sixteen

    found = hints(tiny_config, shut)
    assert "25% of the units of layers.0 have a constant output" in found["dead layers.0"]


def test_gates_that_are_saturated(tiny_config: TrainConfig) -> None:
    def open_wide(model: nn.Module) -> None:
        model.get_parameter("layers.0.bias_ih_l0")[:32] = 100

    assert "67% of the gates of layers.0 are saturated" in hints(tiny_config, open_wide)["saturated layers.0"]


def test_a_layer_that_no_gradient_reaches(tiny_config: TrainConfig) -> None:
    def cut_off(model: nn.Module) -> None:
        model.get_parameter("layers.0.bias_ih_l0")[48:] = -1000

    assert "the gradient of layers.0 is close to zero" in hints(tiny_config, cut_off)["gradient layers.0"]


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_the_gates_are_those_of_the_layer(kind: type[nn.LSTM] | type[nn.GRU]) -> None:
    """Weights of zero leave what the biases say: one unit of four with open gates."""
    layer = kind(3, 4, batch_first=True)
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    with torch.no_grad():
        gates = 4 if kind is nn.LSTM else 3
        for gate in range(gates):
            layer.get_parameter("bias_ih_l0")[4 * gate] = 50
    inputs_BTD = torch.randn(2, 5, 3)
    assert activity(layer, inputs_BTD, layer(inputs_BTD)[0]).saturated == pytest.approx(0.25)


def test_figures_are_logged_beside_the_curves(trained: Run) -> None:
    with Path(trained.folder / "csv" / "metrics.csv").open(encoding="utf-8") as file:
        columns = next(csv.reader(file))
    expected = {"grad_norm/embedding", "grad_norm/layers.0", "clipped", "dead/layers.0", "saturated/layers.0"}
    assert {f"diagnosis/{name}" for name in expected} <= set(columns)
    assert "Hint:" not in trained.out
