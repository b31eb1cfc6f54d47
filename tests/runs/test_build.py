"""A run starts from its seed and its settings alone."""

from dataclasses import replace

import torch
from torch.nn.utils import parameters_to_vector

from halo.config import TrainConfig
from halo.models.language_model import num_parameters
from halo.runs.build import build


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
