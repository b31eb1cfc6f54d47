"""Averaged weights against plain loops: when the mean begins, what is evaluated, kept, saved and gone on with."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from torch.nn.utils import parameters_to_vector

from halo.bundle.checkpoints import load_checkpoint
from halo.bundle.loading import open_model
from halo.config import AveragingConfig, EMAConfig, NTASGDConfig, SampledSoftmaxConfig, TrainConfig
from halo.corpus.prepare import prepare
from halo.data.streams import Window
from halo.evaluation.text_metrics import evaluate_split
from halo.evaluation.text_scores import NLLSummary, text_nll
from halo.models.model_spec import build_model
from halo.training.callbacks.averaging import Averaging, is_triggered, make_averaging
from tests.conftest import EXHAUSTIVE, Outcome, model_config
from tests.support.fitting import fit_module

EMA = EMAConfig(name="ema", decay=0.9)


class Weights(L.Callback):
    """Remembers the trained weights after each step, and the evaluated ones of each validation."""

    def __init__(self) -> None:
        self.trained: list[torch.Tensor] = []
        self.evaluated: list[torch.Tensor] = []

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Window, _: int) -> None:
        self.trained.append(parameters_to_vector(pl_module.parameters()).detach().clone())

    def on_validation_batch_start(
        self, trainer: L.Trainer, pl_module: Any, batch: Window, batch_idx: int, *_: Any
    ) -> None:
        if batch_idx == 0:
            self.evaluated.append(parameters_to_vector(pl_module.parameters()).detach().clone())


def vector(module: L.LightningModule) -> torch.Tensor:
    return parameters_to_vector(module.parameters()).detach()


def test_the_trigger_on_a_literal_sequence() -> None:
    history = [5.0, 4.5, 4.3, 4.4, 4.2, 4.25, 4.35, 4.31, 4.1]
    triggered = [is_triggered(history[: count + 1], patience=2) for count in range(len(history))]
    # The last figure against the best before the two validations that precede it:
    #   -      -      -      5.0    4.5    4.3    4.3 (5, 4.5, 4.3, 4.4)  4.2    4.2
    assert triggered == [False, False, False, False, False, False, True, True, False]
    assert not is_triggered([3.0], patience=0)
    assert is_triggered([3.0, 3.1], patience=0)
    assert not is_triggered([3.0, 3.0], patience=0)  # as good is not worse


def test_an_exponential_average_is_that_of_a_plain_loop(tiny_config: TrainConfig) -> None:
    weights = Weights()
    module, data, trainer = fit_module(tiny_config, Averaging(EMA), weights)
    expected = weights.trained[0]
    for step, trained in enumerate(weights.trained[1:], start=1):
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * trained
        if step == len(weights.trained) // 2 - 1:
            torch.testing.assert_close(weights.evaluated[0], expected)
    torch.testing.assert_close(weights.evaluated[1], expected)
    torch.testing.assert_close(vector(module), expected)  # and the model that is left has it
    scored = NLLSummary.from_tokens(text_nll(module.model, data.val_dataloader()))
    assert trainer.callback_metrics["val/nll"].item() == pytest.approx(scored.nll, rel=1e-6)


def test_averaging_leaves_training_as_it_is(tiny_config: TrainConfig) -> None:
    averaged, plain = Weights(), Weights()
    fit_module(tiny_config, Averaging(EMA), averaged, val_check_interval=0.5)
    never = Averaging(NTASGDConfig(name="nt_asgd", patience=99))
    module, _, _ = fit_module(tiny_config, never, plain, val_check_interval=0.5)
    assert all(torch.equal(*pair) for pair in zip(averaged.trained, plain.trained, strict=True))
    assert torch.equal(vector(module), plain.trained[-1])  # no average, so the weights as they were trained
    assert never.describe() is None


def test_nt_asgd_is_the_mean_since_validation_stopped_improving(tiny_config: TrainConfig) -> None:
    weights = Weights()
    averaging = Averaging(NTASGDConfig(name="nt_asgd", patience=0))
    averaging.history.append(0.0)  # no validation will be better
    module, _, _ = fit_module(tiny_config, averaging, weights, max_epochs=3)
    per_epoch = len(weights.trained) // 3
    assert averaging.start_step == per_epoch
    assert averaging.describe() == f"mean of the steps since {per_epoch} (NT-ASGD)"
    assert torch.equal(weights.evaluated[0], weights.trained[per_epoch - 1])
    since = torch.stack(weights.trained[per_epoch:])
    torch.testing.assert_close(weights.evaluated[1], since[:per_epoch].mean(0), atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(vector(module), since.mean(0), atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("config", [EMA, pytest.param(NTASGDConfig(name="nt_asgd", patience=0), marks=EXHAUSTIVE)])
def test_a_checkpoint_holds_the_average_and_goes_on_as_if_nothing_had_been(
    tiny_config: TrainConfig, tmp_path: Path, config: AveragingConfig
) -> None:
    def averaging() -> Averaging:
        made = make_averaging(config)
        assert made is not None
        made.history.append(0.0)
        return made

    steady = model_config("lstm", "dropout_input=0", "dropout_hidden=0", "dropout_output=0")
    tiny_config = replace(tiny_config, model=steady, sampled_softmax=SampledSoftmaxConfig(num_frequent=None))
    keeper = ModelCheckpoint(dirpath=tmp_path, filename="{epoch}", save_top_k=-1)
    whole = Weights()
    module, _, _ = fit_module(tiny_config, averaging(), whole, keeper, max_epochs=3)
    second = tmp_path / "epoch=1.ckpt"
    saved = torch.load(second, weights_only=True)
    assert saved["averaging"]
    per_epoch = len(whole.trained) // 3
    reader = build_model(tiny_config.model, prepare(tiny_config.data).tokenizer.words())
    assert load_checkpoint(reader, second).average == saved["averaging"]
    assert torch.equal(parameters_to_vector(reader.parameters()), whole.evaluated[1])
    resumed = Weights()
    fresh = make_averaging(config)
    assert fresh is not None
    again, _, _ = fit_module(tiny_config, fresh, resumed, checkpoint=second, max_epochs=3)
    assert len(resumed.trained) == per_epoch
    assert torch.equal(vector(again), vector(module))


@pytest.mark.parametrize("kept", [True, pytest.param(False, marks=EXHAUSTIVE)])
def test_a_run_measures_and_saves_the_average_and_says_so(
    command: Callable[..., Outcome], tiny: list[str], tmp_path: Path, kept: bool
) -> None:
    callbacks = [] if kept else ["callbacks=none"]
    outcome = command("train", *tiny, *callbacks, "logger=csv", "averaging=ema", "averaging.decay=0.9")
    assert outcome.code == 0, outcome.err
    (run,) = (path.parent for path in tmp_path.glob("outputs/train/*/*/metrics.json"))
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["chosen_weights"].startswith("best by val/nll, step" if kept else "last, step")
    assert metrics["chosen_weights"].endswith(", exponential moving average, decay 0.9")
    assert metrics["chosen_weights"] in (run / "bundle" / "README.md").read_text().replace("\n", " ")
    opened = open_model(run=None, bundle=str(run / "bundle"), device="cpu")
    result = evaluate_split(opened.model, prepare(opened.config.data), "train", opened.config.data)
    assert result.perplexity == pytest.approx(metrics["train_perplexity"], rel=1e-6)
