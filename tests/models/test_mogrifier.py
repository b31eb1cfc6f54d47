"""The Mogrifier LSTM: its outputs and all gradients are those of the paper's equations, written as a loop."""

from typing import cast

import pytest
import torch
from torch import Tensor, nn

from halo.config import RecurrentConfig
from halo.models.dropout import EmbeddingDropout, LockedDropout
from halo.models.model_spec import build_model
from halo.models.mogrifier import MogrifierLSTM
from halo.models.recurrent import RecurrentModel
from halo.training.callbacks.diagnosis import activity
from tests.conftest import model_config, vocabulary

State = tuple[Tensor, Tensor]


def equations(layer: MogrifierLSTM, inputs_BTD: Tensor, state: State) -> tuple[Tensor, State]:
    """Melis et al. (2020), equations 1 to 3, and the LSTM."""
    weight_ih, weight_hh, bias_ih, bias_hh = layer.all_weights[0]
    h_BH, c_BH = state[0][0], state[1][0]
    outputs = []
    for x_BD in inputs_BTD.unbind(1):
        x, h = x_BD, h_BH
        for number, gate in enumerate(layer.gates, start=1):
            if number % 2 == 1:
                x = 2 * torch.sigmoid(h @ gate.T) * x
            else:
                h = 2 * torch.sigmoid(x @ gate.T) * h
        from_h = h @ weight_hh.T + bias_hh
        into, forget, cell, out = (x @ weight_ih.T + bias_ih + from_h).chunk(4, dim=1)
        c_BH = forget.sigmoid() * c_BH + into.sigmoid() * cell.tanh()
        h_BH = out.sigmoid() * c_BH.tanh()
        outputs.append(h_BH)
    return torch.stack(outputs, dim=1), (h_BH.unsqueeze(0), c_BH.unsqueeze(0))


@pytest.mark.parametrize("rounds", [1, 2, 3, 5])
def test_outputs_and_gradients_are_those_of_the_equations(rounds: int) -> None:
    torch.manual_seed(0)
    layer = MogrifierLSTM(5, 7, rounds=rounds)
    assert [tuple(gate.shape) for gate in layer.gates] == [(5, 7), (7, 5), (5, 7), (7, 5), (5, 7)][:rounds]
    inputs_BTD = torch.randn(3, 6, 5, requires_grad=True)
    state = (torch.randn(1, 3, 7, requires_grad=True), torch.randn(1, 3, 7, requires_grad=True))
    weights_BTH = torch.randn(3, 6, 7)
    found = []
    for outputs_BTH, (h_1BH, c_1BH) in (layer(inputs_BTD, state), equations(layer, inputs_BTD, state)):
        loss = (weights_BTH * outputs_BTH).sum() + h_1BH.cos().sum() + c_1BH.sin().sum()
        gradients = torch.autograd.grad(loss, [inputs_BTD, *state, *layer.parameters()])
        found.append((outputs_BTH, h_1BH, c_1BH, *gradients))
    torch.testing.assert_close(found[0], found[1], rtol=1e-5, atol=1e-6)


def test_gates_of_nothing_leave_a_plain_lstm() -> None:
    torch.manual_seed(0)
    layer, plain = MogrifierLSTM(5, 7, rounds=4), nn.LSTM(5, 7, batch_first=True)
    for gate in layer.gates:
        nn.init.zeros_(gate)
    plain.load_state_dict({name: value for name, value in layer.state_dict().items() if "gates" not in name})
    inputs_BTD = torch.randn(2, 9, 5)
    torch.testing.assert_close(layer(inputs_BTD), plain(inputs_BTD))


def test_windows_are_the_whole_and_weights_of_the_state_are_dropped_in_training() -> None:
    torch.manual_seed(0)
    config = cast(RecurrentConfig, model_config("lstm", "mogrifier_rounds=3", "dropout_weights=0.5"))
    model = build_model(config, vocabulary(50)).eval()
    assert isinstance(model, RecurrentModel)
    assert all(isinstance(layer, MogrifierLSTM) for layer in model.layers)
    ids_BT = torch.randint(50, (3, 14))
    first_BTV, state = model(ids_BT[:, :6])
    second_BTV, _ = model(ids_BT[:, 6:], state)
    torch.testing.assert_close(torch.cat([first_BTV, second_BTV], dim=1), model(ids_BT)[0], rtol=0, atol=1e-5)
    for part in model.modules():  # what is left of training are dropped weights
        if isinstance(part, LockedDropout | EmbeddingDropout):
            part.probability = 0.0
    model.train()
    logits_BTV = model(ids_BT)[0]
    assert not torch.allclose(logits_BTV, model(ids_BT)[0])
    torch.autograd.backward(logits_BTV.sum())
    kept = model.layers[0].get_parameter("weight_hh_l0").grad
    assert kept is not None
    assert kept.eq(0).float().mean().item() == pytest.approx(0.5, abs=0.1)


def test_the_diagnosis_looks_at_the_gates_as_they_are() -> None:
    torch.manual_seed(0)
    layer = MogrifierLSTM(4, 6, rounds=2)
    weight_ih, weight_hh = layer.all_weights[0][:2]
    with torch.no_grad():
        weight_hh.zero_()
        weight_ih.fill_(10)
        layer.gates[0].fill_(-100)  # positive outputs shut the input out
        layer.gates[1].zero_()
    inputs_BTD, outputs_BTH = torch.ones(2, 3, 4), torch.ones(2, 3, 6)
    assert activity(layer, inputs_BTD, outputs_BTH).saturated == 0
    layer.gates[0].data.zero_()
    assert activity(layer, inputs_BTD, outputs_BTH).saturated == 1
