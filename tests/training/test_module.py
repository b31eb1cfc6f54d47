"""One step and what is around it: the carried state, clipping, a loss that is not finite."""

import csv
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import Tensor

from halo.config import AdamWConfig, GradientClipConfig, TrainConfig
from halo.data.streams import Window
from halo.evaluation.text_scores import NLLSummary, text_nll
from halo.models.language_model import State
from halo.models.ngram.unigram import Unigram
from halo.runs.build import build
from halo.runtime.errors import TrainingError
from halo.training.callbacks.diagnosis import Diagnosis
from halo.training.callbacks.throughput import Throughput
from halo.training.module import logging_interval
from halo.training.trainer import build_trainer
from tests.conftest import EXHAUSTIVE, MODELS, model_config
from tests.support.fitting import fit_module


class Recorder(L.Callback):
    """Remembers the states that each step began with, and the gradient that each update used."""

    def __init__(self) -> None:
        self.train_states: list[State | None] = []
        self.eval_states: list[State | None] = []
        self.losses: list[float] = []
        self.gradients: list[Tensor] = []

    def on_train_batch_start(self, trainer: L.Trainer, pl_module: Any, batch: Window, batch_idx: int) -> None:
        self.train_states.append(pl_module._train_state)

    def on_validation_batch_start(self, trainer: L.Trainer, pl_module: Any, *_: Any) -> None:
        self.eval_states.append(pl_module._eval_state)

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, *_: Any) -> None:
        self.losses.append(outputs["loss"].item())


@pytest.mark.parametrize("name", MODELS)
def test_states_are_carried_detached_and_reset_with_each_pass(tiny_config: TrainConfig, name: str) -> None:
    recorder = Recorder()
    fit_module(replace(tiny_config, model=model_config(name)), recorder, val_check_interval=0.5)
    per_epoch = len(recorder.train_states) // 2
    assert per_epoch > 4
    for step, state in enumerate(recorder.train_states):
        assert (state is None) == (step % per_epoch == 0)  # validation in mid-epoch leaves the training state alone
        if state is not None:
            for tensor in (tensor for layer in state for tensor in layer):
                assert tensor.size(0) == 4
                assert not tensor.requires_grad
                assert tensor.abs().sum() > 0
    per_validation = len(recorder.eval_states) // 4
    for step, state in enumerate(recorder.eval_states):
        assert (state is None) == (step % per_validation == 0)


def test_the_state_is_in_no_weights(tiny_config: TrainConfig) -> None:
    module, _, _ = fit_module(tiny_config, Recorder(), max_epochs=1)
    assert all(key.startswith("model.") for key in module.state_dict())


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=EXHAUSTIVE) if name in ("awd_lstm", "gru") else name for name in MODELS]
)
def test_the_same_seed_gives_the_same_losses(tiny_config: TrainConfig, name: str) -> None:
    first, again, other = Recorder(), Recorder(), Recorder()
    config = replace(tiny_config, model=model_config(name))
    fit_module(config, first, max_epochs=1)
    fit_module(config, again, max_epochs=1)
    fit_module(replace(config, seed=2), other, max_epochs=1)
    assert first.losses == again.losses
    assert first.losses != other.losses


def test_logged_validation_and_test_are_the_scores_of_the_weights(tiny_config: TrainConfig) -> None:
    module, data, trainer = fit_module(tiny_config, Recorder())
    expected = NLLSummary.from_tokens(text_nll(module.model, data.val_dataloader()))
    assert trainer.callback_metrics["val/nll"].item() == pytest.approx(expected.nll, rel=1e-6)
    assert trainer.callback_metrics["val/perplexity"].item() == pytest.approx(expected.perplexity, rel=1e-6)
    (tested,) = trainer.test(module, datamodule=data, verbose=False)
    expected = NLLSummary.from_tokens(text_nll(module.model, data.test_dataloader()))
    assert tested["test/perplexity"] == pytest.approx(expected.perplexity, rel=1e-6)


def test_it_learns(tiny_config: TrainConfig) -> None:
    recorder = Recorder()
    model = model_config("lstm", "pointer_tokens=null")  # which begins with less
    tiny_config = replace(tiny_config, model=replace(model, init_bias_from_unigram=False))
    _, data, _ = fit_module(tiny_config, recorder, max_epochs=4)
    assert recorder.losses[0] == pytest.approx(math.log(data.corpus.tokenizer.vocab_size), rel=0.02)
    assert sum(recorder.losses[-5:]) < 0.9 * sum(recorder.losses[:5])


@pytest.mark.parametrize("name", MODELS)
def test_it_begins_with_what_a_unigram_model_knows(tiny_config: TrainConfig, name: str) -> None:
    pointer = [] if name == "transformer" else ["pointer_tokens=null"]
    data, module = build(replace(tiny_config, model=replace(model_config(name, *pointer), init_bias_from_unigram=True)))
    corpus = data.corpus
    unigram = Unigram(corpus.ids["train"], corpus.tokenizer.vocab_size)
    expected = unigram.total_nll(corpus.ids["validation"]) / len(corpus.ids["validation"])
    assert expected < 0.95 * math.log(corpus.tokenizer.vocab_size)
    nll = text_nll(module.model, data.val_dataloader()).mean()
    assert nll == pytest.approx(expected, rel=0.02)


def test_penalties_are_trained_on_and_logged_and_not_in_the_reported_nats(tiny_config: TrainConfig) -> None:
    recorder = Recorder()
    first: dict[str, Any] = {"max_epochs": 1, "limit_train_batches": 1, "log_every_n_steps": 1}
    weights = ("activation_regularisation=2", "temporal_activation_regularisation=1")
    _, _, penalised = fit_module(replace(tiny_config, model=model_config("lstm", *weights)), recorder, **first)
    _, _, unpenalised = fit_module(replace(tiny_config, model=model_config("lstm")), Recorder(), **first)
    figures = penalised.callback_metrics
    assert figures["train/penalty"] > 0
    assert recorder.losses[0] == pytest.approx((figures["train/loss"] + figures["train/penalty"]).item(), rel=1e-6)
    assert figures["train/loss"] == unpenalised.callback_metrics["train/loss"]
    assert figures["train/nll"] == unpenalised.callback_metrics["train/nll"]
    assert figures["val/nll"] != unpenalised.callback_metrics["val/nll"]  # it was trained on


class _Rates(L.Callback):
    """Remembers for each step the length of its window, the scheduled learning rate and the one that was taken."""

    def __init__(self) -> None:
        self.lengths: list[int] = []
        self.scheduled: list[float] = []
        self.taken: list[float] = []

    def on_train_batch_start(self, trainer: L.Trainer, pl_module: Any, batch: Window, batch_idx: int) -> None:
        self.lengths.append(batch.inputs_BT.size(1))
        self.scheduled.append(trainer.optimizers[0].param_groups[0]["lr"])

    def on_before_optimizer_step(self, trainer: L.Trainer, pl_module: Any, optimizer: torch.optim.Optimizer) -> None:
        self.taken.append(optimizer.param_groups[0]["lr"])


def test_the_learning_rate_of_a_step_goes_by_the_length_of_its_window(tiny_config: TrainConfig) -> None:
    rates = _Rates()
    data = replace(tiny_config.data, variable_sequence_length=True)
    fit_module(replace(tiny_config, data=data), rates, max_epochs=3)
    per_epoch = len(rates.lengths) // 3
    epochs = [rates.lengths[first : first + per_epoch] for first in range(0, 3 * per_epoch, per_epoch)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == sorted(epochs[2])
    assert len({tuple(lengths) for lengths in epochs}) == 3
    assert len(set(rates.lengths)) > 3
    expected = [rate * length / 16 for rate, length in zip(rates.scheduled, rates.lengths, strict=True)]
    assert rates.taken == pytest.approx(expected, rel=1e-12)
    plain = _Rates()
    fit_module(tiny_config, plain, max_epochs=1)
    assert plain.taken == plain.scheduled


def test_windows_of_one_update_share_its_learning_rate(tiny_config: TrainConfig) -> None:
    rates = _Rates()
    data = replace(tiny_config.data, variable_sequence_length=True)
    fit_module(replace(tiny_config, data=data), rates, max_epochs=1, accumulate_grad_batches=2)
    pairs = [rates.lengths[first : first + 2] for first in range(0, len(rates.lengths), 2)]
    expected = [rate * sum(pair) / len(pair) / 16 for rate, pair in zip(rates.scheduled[::2], pairs, strict=True)]
    assert rates.taken == pytest.approx(expected, rel=1e-12)


class _Gradients(Recorder):
    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, *_: Any) -> None:
        self.gradients.append(torch.cat([p.grad.flatten() for p in pl_module.parameters()]))


@pytest.mark.parametrize("algorithm", ["norm", "value"])
def test_gradients_are_clipped_and_logged_as_they_were_before(tiny_config: TrainConfig, algorithm: Any) -> None:
    clipped = replace(tiny_config, gradient_clip=GradientClipConfig(algorithm=algorithm, value=0.001))
    recorder = _Gradients()
    _, _, trainer = fit_module(clipped, recorder, max_epochs=1)
    assert recorder.gradients
    for gradient in recorder.gradients:
        size = gradient.norm() if algorithm == "norm" else gradient.abs().max()
        assert size.item() == pytest.approx(0.001, rel=1e-3)
    assert trainer.callback_metrics["train/grad_norm"].item() > 0.01


def test_without_a_limit_gradients_stay_as_they_are(tiny_config: TrainConfig) -> None:
    clip = GradientClipConfig(algorithm="norm", value=None)
    assert isinstance(tiny_config.optim, AdamWConfig)
    free = replace(tiny_config, gradient_clip=clip, optim=replace(tiny_config.optim, lr=0.1))
    recorder = _Gradients()
    _, _, trainer = fit_module(free, recorder, max_epochs=1, log_every_n_steps=1)
    logged = trainer.callback_metrics["train/grad_norm"].item()
    assert recorder.gradients[-1].norm().item() == pytest.approx(logged, rel=1e-5)


def test_a_loss_that_is_not_finite_stops_with_step_and_hint(
    tiny_config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Poison(Recorder):
        def on_train_batch_start(self, trainer: L.Trainer, pl_module: Any, batch: Window, batch_idx: int) -> None:
            if trainer.global_step == 3:
                pl_module.model.output.bias.data.fill_(math.nan)

    with pytest.raises(TrainingError, match=r"the loss became nan at step 3 \(epoch 1\); lower optim\.lr"):
        fit_module(tiny_config, Poison())
    # A device that has to be waited for is asked now and then, and before anything is measured or written.
    monkeypatch.setattr("halo.training.module.SYNCHRONOUS_DEVICES", set())
    with pytest.raises(TrainingError, match=r"the loss became nan at step 5 "):
        fit_module(tiny_config, Poison(), log_every_n_steps=6)
    recorder = Poison()
    with pytest.raises(TrainingError, match=r"the loss became nan at step \d+ \(epoch 1\)"):
        fit_module(tiny_config, recorder, log_every_n_steps=1000)
    assert recorder.losses
    assert not recorder.eval_states


@pytest.mark.parametrize(
    ("configured", "steps_per_epoch", "total_steps", "expected"),
    [
        (20, 260, 2860, 20),
        (20, 19, 114, 11),
        (20, 19, 1900, 19),
        (20, 3, 6, 1),
        (20, 1, 1, 1),
        (20, 500, math.inf, 20),
        (1, 500, 5000, 1),
        (0, 3, 6, 0),
    ],
)
def test_short_runs_are_logged_more_often(
    configured: int, steps_per_epoch: float, total_steps: float, expected: int
) -> None:
    assert logging_interval(configured, steps_per_epoch=steps_per_epoch, total_steps=total_steps) == expected


@pytest.mark.parametrize("accumulated", [1, 4])
def test_the_curves_of_all_loggers_have_the_same_steps(
    tiny_config: TrainConfig, tmp_path: Path, accumulated: int
) -> None:
    data, module = build(tiny_config)
    loggers = [CSVLogger(tmp_path, "csv", ""), TensorBoardLogger(tmp_path, "tensorboard", "")]
    settings = {**tiny_config.trainer, "accumulate_grad_batches": accumulated, "max_epochs": 1}
    callbacks = [Throughput(), Diagnosis(every_n_steps=3)]
    build_trainer(settings, tmp_path, callbacks, loggers).fit(module, datamodule=data)
    with (tmp_path / "csv" / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    updates = math.ceil(36 / accumulated)
    for tag in ("train/loss", "tokens_seen", "val/nll", "diagnosis/clipped"):
        steps = [event.step for event in events.Scalars(tag)]
        assert steps == [int(row["step"]) for row in rows if row[tag]], tag
        assert steps == sorted({*steps}), tag
        assert steps[-1] < updates
    assert [event.step for event in events.Scalars("val/nll")] == [updates - 1]
    checked = [step for step in range(updates) if step == 0 or (step + 1) % 3 == 0]
    assert [event.step for event in events.Scalars("diagnosis/clipped")] == checked
