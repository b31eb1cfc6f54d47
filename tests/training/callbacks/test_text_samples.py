"""Samples come from the configured prompts, and do not disturb training."""

import logging
from dataclasses import replace
from typing import Any

import lightning as L
import pytest
import torch

from halo.config import TrainConfig
from halo.training.callbacks.text_samples import TextSamples
from tests.support.fitting import fit_module


def test_each_prompt_gets_a_text_and_one_without_a_known_word_is_skipped(
    tiny_config: TrainConfig, caplog: pytest.LogCaptureFixture
) -> None:
    samples = TextSamples(replace(tiny_config.samples, prompts=["", "xqzzy", "the"]))
    with caplog.at_level(logging.INFO, logger="halo"):
        module, data, _ = fit_module(tiny_config, samples, max_epochs=1)
    texts = samples.generate(module.model, data.corpus.tokenizer)
    assert len(texts) == 2
    assert texts[1].lower().startswith("the")
    assert caplog.text.count("One of samples.prompts is skipped") == 1
    assert samples.generate(module.model, data.corpus.tokenizer) == texts  # from their own seed


def test_without_prompts_those_of_the_text_are_taken(tiny_config: TrainConfig) -> None:
    assert tiny_config.samples.prompts is None  # only the bundled corpus has some of its own
    samples = TextSamples(tiny_config.samples)
    module, data, _ = fit_module(tiny_config, samples, max_epochs=1)
    ids = [*data.corpus.ids["validation"].tolist(), data.corpus.tokenizer.eos_id, *data.corpus.ids["train"].tolist()]
    text = data.corpus.tokenizer.decode(ids)
    assert samples.first_prompt is not None
    assert f"\n\n{samples.first_prompt}" in f"\n\n{text}"
    assert len(samples.generate(module.model, data.corpus.tokenizer)) > 1


def test_of_a_private_text_there_are_neither_samples_nor_prompts(tiny_config: TrainConfig) -> None:
    samples = TextSamples(tiny_config.samples, is_private=True)
    module, data, _ = fit_module(tiny_config, samples, max_epochs=1)
    assert samples.generate(module.model, data.corpus.tokenizer) == []
    assert samples.first_prompt is None


class _Losses(L.Callback):
    def __init__(self) -> None:
        self.found: list[float] = []

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, *_: Any) -> None:
        self.found.append(outputs["loss"].item())


def test_sampling_after_a_validation_leaves_training_as_it_is(tiny_config: TrainConfig) -> None:
    with_samples, without = _Losses(), _Losses()
    fit_module(tiny_config, TextSamples(tiny_config.samples), with_samples, val_check_interval=0.5)
    fit_module(tiny_config, without, val_check_interval=0.5)
    assert with_samples.found == without.found


def test_sampling_draws_from_no_shared_generator(tiny_config: TrainConfig) -> None:
    samples = TextSamples(replace(tiny_config.samples, prompts=[""]))
    module, data, _ = fit_module(tiny_config, samples, max_epochs=1)
    before = torch.get_rng_state()
    samples.generate(module.model, data.corpus.tokenizer)
    assert torch.equal(torch.get_rng_state(), before)
