"""Gates and states written out from the equations are those of the fast layers."""

import pytest
import torch

from halo.models.model_spec import build_model
from halo.models.recurrent import RecurrentModel
from halo.showing.gates import trace_layers, trace_lstm
from tests.conftest import model_config, vocabulary

IDS_T = torch.tensor([1, 5, 6, 7, 5, 2, 9, 3])


def network(name: str, *overrides: str) -> RecurrentModel:
    torch.manual_seed(1)
    model = build_model(model_config(name, *overrides), vocabulary(12)).eval()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    assert isinstance(model, RecurrentModel)
    return model


@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        ("lstm", ["mogrifier_rounds=0"]),
        ("lstm", ["mogrifier_rounds=2"]),
        ("lstm", ["mogrifier_rounds=5"]),
        ("gru", []),
        ("awd_lstm", []),
    ],
    ids=str,
)
@torch.no_grad()
def test_states_are_those_of_the_fast_path(name: str, overrides: list[str]) -> None:
    model = network(name, *overrides)
    state = model.read(IDS_T.unsqueeze(0), None).state
    traces = trace_layers(model, IDS_T)
    assert len(traces) == len(model.layers) == 2
    for trace, after in zip(traces, state, strict=False):
        torch.testing.assert_close(trace.hidden_TH[-1:], after[0], atol=1e-5, rtol=1e-5)
        if trace.cell_TH is not None:
            torch.testing.assert_close(trace.cell_TH[-1:], after[1], atol=1e-5, rtol=1e-5)
        for gate_TH in trace.gates.values():
            assert 0 <= gate_TH.min() <= gate_TH.max() <= 1


def test_a_forget_gate_that_is_open_and_an_input_gate_that_is_closed_keep_the_cell() -> None:
    layer = torch.nn.LSTM(1, 1, batch_first=True)
    with torch.no_grad():
        for weight in layer.parameters():
            weight.zero_()
        bias = layer.all_weights[0][2]
        bias.copy_(torch.tensor([-50.0, 50.0, 50.0, 0.0]))  # input gate, forget gate, new content, output gate
    trace = trace_lstm(layer, torch.ones(4, 1))
    assert trace.gates["input"].max() < 1e-9
    assert trace.gates["forget"].min() == 1
    assert torch.equal(trace.gates["output"], torch.full((4, 1), 0.5))
    assert trace.cell_TH is not None
    assert trace.cell_TH.abs().max() < 1e-9
