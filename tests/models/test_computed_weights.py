"""Computed weights: cached for a while, or replaced by their values."""

import torch
from torch.nn.utils import parametrize

from halo.models.computed_weights import cached_weights, fix_computed_weights
from halo.models.model_spec import build_model
from tests.conftest import model_config
from tests.models.test_subword_vectors import WORDS

IDS_BT = torch.tensor([[3, 4, 10, 17], [5, 6, 11, 2]])


def test_a_model_with_fixed_weights_predicts_the_same_and_shares_them() -> None:
    torch.manual_seed(0)
    model = build_model(model_config("lstm", "ensemble_size=2"), WORDS).eval()
    for name, weight in model.named_parameters():
        if "vectors" in name:
            torch.nn.init.normal_(weight)
    expected = model(IDS_BT)[0]
    fix_computed_weights(model)
    assert torch.equal(model(IDS_BT)[0], expected)
    assert not any(map(parametrize.is_parametrized, model.modules()))
    embedding, output = model.get_submodule("members.0.embedding"), model.get_submodule("members.0.output.words")
    assert embedding is output


def test_only_a_model_with_computed_weights_uses_the_cache_that_all_threads_share() -> None:
    model = build_model(model_config("lstm"), WORDS)
    with cached_weights(model):
        assert parametrize._cache_enabled == 1
    fix_computed_weights(model)
    with cached_weights(model):
        assert parametrize._cache_enabled == 0
