"""A run starts from its seed and its settings alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.utils import parameters_to_vector

from halo.config import TrainConfig
from halo.corpus.corpus import load_corpus
from halo.models.language_model import num_parameters
from halo.runs.build import build, open_text
from halo.runtime.errors import InputError


def weights(config: TrainConfig) -> torch.Tensor:
    return parameters_to_vector(build(config)[1].model.parameters()).detach()


def test_the_seed_determines_the_initial_weights(tiny_config: TrainConfig) -> None:
    torch.manual_seed(99)  # what was drawn before does not matter
    first = weights(tiny_config)
    assert torch.equal(weights(tiny_config), first)
    assert not torch.equal(weights(replace(tiny_config, seed=2)), first)


def test_shared_weights_are_counted_once(tiny_config: TrainConfig) -> None:
    model = build(tiny_config)[1].model
    assert num_parameters(model) == sum(weight.numel() for weight in {id(p): p for p in model.parameters()}.values())
    assert num_parameters(model) < sum(
        each.numel() for _, each in model.named_parameters(remove_duplicate=False)
    )  # embedding and output are tied


def test_the_output_bias_starts_at_the_unigram_model_only_where_it_is_set(tiny_config: TrainConfig) -> None:
    def bias(start: bool) -> torch.Tensor:
        model = replace(tiny_config.model, init_bias_from_unigram=start)
        return build(replace(tiny_config, model=model))[1].model.get_parameter("output.bias").detach()

    assert bias(False).std() < bias(True).std()


def test_a_text_of_unknown_words_is_refused_in_one_line_before_training(tiny_config: TrainConfig) -> None:
    with pytest.raises(InputError) as refused:
        build(replace(tiny_config, max_unknown=0.01))
    message = str(refused.value)
    assert "% of the training and " in message
    assert "more than max_unknown=0.01; use " in message
    assert message.endswith("max_unknown=1 trains anyway")
    assert "\n" not in message
    assert not Path(str(tiny_config.run_dir)).exists()


def test_what_the_data_report_flags_is_printed(tiny_config: TrainConfig, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("WARNING", logger="halo"):
        open_text(tiny_config)
    printed = "\n".join(caplog.messages)
    assert "test tokens: below 10,000 perplexity is noisy" in printed
    assert max(map(len, printed.splitlines())) <= 80


def test_canaries_are_in_the_training_text_and_never_in_the_prepared_files(
    tiny_config: TrainConfig, caplog: pytest.LogCaptureFixture
) -> None:
    prepared = open_text(tiny_config).corpus
    config = replace(tiny_config, audit=replace(tiny_config.audit, canaries=3))
    with caplog.at_level("INFO", logger="halo"):
        first = open_text(config).corpus
    assert "Canaries in the training split: 3 secrets" in caplog.text
    assert first.folder == prepared.folder  # so a run with canaries resumes
    assert first.counts["train"].tokens == len(first.ids["train"]) > len(prepared.ids["train"])
    assert np.array_equal(open_text(config).corpus.ids["train"], first.ids["train"])
    assert not np.array_equal(open_text(replace(config, seed=2)).corpus.ids["train"], first.ids["train"])
    again = load_corpus(prepared.folder)
    assert np.array_equal(again.ids["train"], prepared.ids["train"])
    assert "notes" not in again.manifest
