"""Dropout with one mask for a whole window: of features, of words, of recurrent weights."""

import pytest
import torch
from torch import Tensor, nn

from halo.models.dropout import EmbeddingDropout, LockedDropout, call_with_dropped_weights, mask_like


def test_locked_dropout_keeps_its_choice_over_time_and_not_over_streams() -> None:
    torch.manual_seed(0)
    dropped_BTD = LockedDropout(0.5)(torch.ones(4, 10, 200))
    assert torch.equal(dropped_BTD, dropped_BTD[:, :1].expand(4, 10, 200))
    assert not torch.equal(dropped_BTD[0], dropped_BTD[1])
    assert set(dropped_BTD.unique().tolist()) == {0.0, 2.0}
    assert dropped_BTD.mean().item() == pytest.approx(1, abs=0.15)


def test_locked_dropout_is_off_in_evaluation() -> None:
    features_BTD = torch.rand(2, 3, 4)
    assert LockedDropout(0.5).eval()(features_BTD) is features_BTD


def test_embedding_dropout_takes_whole_words_out_of_a_window() -> None:
    torch.manual_seed(0)
    embedding = nn.Embedding(200, 5)
    nn.init.ones_(embedding.weight)
    ids_BT = torch.arange(200).repeat(2, 3)
    dropped_BTD = EmbeddingDropout(0.3)(embedding, ids_BT)
    values = dropped_BTD[0, :200, 0]
    assert torch.equal(dropped_BTD, values.repeat(2, 3).unsqueeze(-1).expand(2, 600, 5))
    assert values.unique().tolist() == pytest.approx([0, 1 / 0.7])
    assert values.mean().item() == pytest.approx(1, abs=0.1)
    assert torch.equal(EmbeddingDropout(0.3).eval()(embedding, ids_BT), embedding(ids_BT))


def recurrence(layer: nn.LSTM, features_BTD: Tensor) -> Tensor:
    """The layer's outputs, shape (B, T, H), by the equations of the LSTM, with the weights that it has."""
    weights = {name.removesuffix("_l0"): value for name, value in layer.named_parameters()}
    h_BH = c_BH = features_BTD.new_zeros(features_BTD.size(0), layer.hidden_size)
    outputs = []
    for features_BD in features_BTD.unbind(1):
        gates = features_BD @ weights["weight_ih"].T + weights["bias_ih"] + h_BH @ weights["weight_hh"].T
        into, forget, cell, out = (gates + weights["bias_hh"]).chunk(4, dim=1)
        c_BH = forget.sigmoid() * c_BH + into.sigmoid() * cell.tanh()
        h_BH = out.sigmoid() * c_BH.tanh()
        outputs.append(h_BH)
    return torch.stack(outputs, dim=1)


def test_weight_dropout_is_one_choice_of_recurrent_weights_for_all_time_steps() -> None:
    torch.manual_seed(0)
    layer, features_BTD = nn.LSTM(4, 6, batch_first=True), torch.rand(3, 9, 4)
    before = {name: value.clone() for name, value in layer.state_dict().items()}
    torch.manual_seed(1)
    dropped_BTH, _ = call_with_dropped_weights(layer, 0.5, features_BTD, None)
    assert {name: value.tolist() for name, value in layer.state_dict().items()} == {
        name: value.tolist() for name, value in before.items()
    }
    torch.manual_seed(1)
    kept = mask_like(before["weight_hh_l0"], 0.5)
    by_hand = nn.LSTM(4, 6, batch_first=True)
    by_hand.load_state_dict({**before, "weight_hh_l0": before["weight_hh_l0"] * kept})
    torch.testing.assert_close(dropped_BTH, recurrence(by_hand, features_BTD))


@pytest.mark.parametrize("probability", [0.0, 0.3, 0.5])
def test_a_mask_zeroes_its_share_and_keeps_the_mean(probability: float) -> None:
    torch.manual_seed(0)
    mask = mask_like(torch.empty(999, 101), probability)
    assert sorted({round(value, 5) for value in set(mask.flatten().tolist())} | {0}) == [
        0,
        round(1 / (1 - probability), 5),
    ]
    spread = (probability * (1 - probability) / mask.numel()) ** 0.5
    assert (mask == 0).float().mean().item() == pytest.approx(probability, abs=4 * spread)
    halves = (mask[:, ::2] == 0).float().mean(), (mask[:, 1::2] == 0).float().mean()  # no place is preferred
    assert halves[0].item() == pytest.approx(halves[1].item(), abs=8 * spread)


def test_gradients_reach_the_weights_that_were_kept() -> None:
    torch.manual_seed(0)
    layer, features_BTD = nn.LSTM(4, 6, batch_first=True), torch.rand(3, 9, 4)
    weight = layer.get_parameter("weight_hh_l0")
    torch.manual_seed(1)
    torch.autograd.backward(call_with_dropped_weights(layer, 0.5, features_BTD, None)[0].sum())
    torch.manual_seed(1)
    kept = mask_like(weight, 0.5) > 0
    assert weight.grad is not None
    assert torch.equal(weight.grad.ne(0), kept)
    before_BTH = recurrence(layer, features_BTD)
    torch.optim.SGD(layer.parameters(), lr=1).step()
    learned_BTH = call_with_dropped_weights(layer.eval(), 0.5, features_BTD, None)[0]
    torch.testing.assert_close(learned_BTH, recurrence(layer, features_BTD))  # it computes with what was learned
    assert not torch.allclose(before_BTH, learned_BTH)
