"""Contexts: what has been read is kept, and can be continued in several ways."""

import pytest
import torch

from halo.generation import context
from halo.generation.context import read_context
from halo.generation.step_decoder import step_decoder
from halo.models.model_spec import build_model
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import MODELS, model_config


@pytest.mark.parametrize("name", MODELS)
def test_a_context_that_is_extended_is_that_of_the_longer_text(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "WINDOW_TOKENS", 3)
    tokenizer = TextTokenizer.train(["the virus spreads in the air ."], kind="word", min_count=1, max_size=None)
    torch.manual_seed(0)
    model = build_model(model_config(name), tokenizer.words()).eval()
    decode_step = step_decoder(model)
    short = read_context(model, tokenizer, [2, 3, 4, 5, 6, 2, 3])
    branches = [short.extended(decode_step, token) for token in (4, 5)]
    for branch, token in zip(branches, (4, 5), strict=True):
        whole = read_context(model, tokenizer, [2, 3, 4, 5, 6, 2, 3, token])
        assert branch.ids == whole.ids
        torch.testing.assert_close(branch.logits_1V, whole.logits_1V, atol=1e-5, rtol=0)
    assert short.ids == (2, 3, 4, 5, 6, 2, 3)
