"""Attention weights written out from the equation are those of the fast path."""

import torch

from halo.models.model_spec import build_model
from halo.models.transformer import TransformerLayer, TransformerModel
from halo.showing.attention import attention_weights
from tests.conftest import model_config, vocabulary

IDS_T = torch.tensor([1, 5, 6, 7, 5, 2, 9, 3, 4])  # more than the context of 6


def transformer() -> TransformerModel:
    torch.manual_seed(1)
    model = build_model(model_config("transformer"), vocabulary(12)).eval()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    assert isinstance(model, TransformerModel)
    return model


@torch.no_grad()
def test_weights_times_values_are_what_the_layer_adds() -> None:
    model = transformer()
    (first, *_), captured = model.layers, []
    assert isinstance(first, TransformerLayer)
    handle = first.attention_output.register_forward_hook(lambda _, inputs, __: captured.append(inputs[0]))
    model.read(IDS_T.unsqueeze(0), None)
    handle.remove()
    features = first.norm_attention(model.embedding(IDS_T.unsqueeze(0)))
    values_NTE = (
        first.attention_input(features).unflatten(2, (-1, first.head_features)).transpose(1, 2).chunk(3, 1)[2][0]
    )
    by_hand = (attention_weights(model, IDS_T)[0] @ values_NTE).transpose(0, 1).flatten(1)
    torch.testing.assert_close(by_hand, captured[0][0], atol=1e-5, rtol=1e-5)


def test_rows_sum_to_one_and_nothing_looks_ahead_or_beyond_the_context() -> None:
    model = transformer()
    for weights_NTT in attention_weights(model, IDS_T):
        assert weights_NTT.shape == (2, 9, 9)
        torch.testing.assert_close(weights_NTT.sum(-1), torch.ones(2, 9))
        assert weights_NTT.triu(1).abs().max() == 0
        assert weights_NTT[:, 8, :2].abs().max() == 0
        assert weights_NTT[:, 8, 2:].min() > 0
