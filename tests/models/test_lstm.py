"""The network: windows with carried state are the whole text, tied weights are one, dropout is locked."""

import math
from dataclasses import replace

import pytest
import torch

from halo.config import LSTMConfig
from halo.models.dropout import LockedDropout
from halo.models.loss import total_nats
from halo.models.lstm import LanguageModel, detach

VOCABULARY = 50
CONFIG = LSTMConfig(
    name="lstm",
    embedding=8,
    hidden=12,
    layers=2,
    tied=True,
    dropout_input=0.2,
    dropout_hidden=0.2,
    dropout_output=0.2,
)


@pytest.fixture
def model() -> LanguageModel:
    torch.manual_seed(0)
    return LanguageModel(CONFIG, VOCABULARY)


def test_window_by_window_with_carried_state_is_the_whole_at_once(model: LanguageModel) -> None:
    model.eval()
    ids_BT = torch.randint(VOCABULARY, (3, 29))
    whole_BTV, whole_state = model(ids_BT)
    state, parts = None, []
    for window_BT in torch.split(ids_BT, 7, dim=1):
        logits_BTV, state = model(window_BT, state)
        parts.append(logits_BTV)
    assert state is not None
    torch.testing.assert_close(torch.cat(parts, dim=1), whole_BTV, rtol=0, atol=1e-5)
    for (h_BH, c_BH), (whole_h_BH, whole_c_BH) in zip(state, whole_state, strict=True):
        torch.testing.assert_close(h_BH, whole_h_BH, rtol=0, atol=1e-5)
        torch.testing.assert_close(c_BH, whole_c_BH, rtol=0, atol=1e-5)


def test_later_words_do_not_change_earlier_logits(model: LanguageModel) -> None:
    model.eval()
    ids_BT = torch.randint(VOCABULARY, (1, 9))
    changed_BT = ids_BT.clone()
    changed_BT[0, 5] = (changed_BT[0, 5] + 1) % VOCABULARY
    torch.testing.assert_close(model(ids_BT)[0][:, :5], model(changed_BT)[0][:, :5], rtol=0, atol=0)


def test_tied_weights_share_storage_with_and_without_projection() -> None:
    for config in (CONFIG, replace(CONFIG, embedding=12)):
        tied = LanguageModel(config, VOCABULARY)
        assert tied.output.weight.data_ptr() == tied.embedding.weight.data_ptr()
        assert any("projection" in name for name, _ in tied.named_parameters()) == (config.embedding != config.hidden)
    untied = LanguageModel(replace(CONFIG, tied=False), VOCABULARY)
    assert untied.output.weight.shape == (VOCABULARY, CONFIG.hidden)
    assert untied.output.weight.data_ptr() != untied.embedding.weight.data_ptr()


def test_the_first_loss_is_that_of_a_uniform_model(model: LanguageModel) -> None:
    ids_BT = torch.randint(VOCABULARY, (8, 40))
    logits_BTV, _ = model(ids_BT)
    nats = total_nats(logits_BTV, torch.randint(VOCABULARY, (8, 40))).item() / 320
    assert nats == pytest.approx(math.log(VOCABULARY), rel=0.02)


def test_a_detached_state_stops_the_gradient(model: LanguageModel) -> None:
    _, state = model(torch.randint(VOCABULARY, (2, 3)))
    assert all(h_BH.requires_grad for h_BH, _ in state)
    assert not any(tensor.requires_grad for pair in detach(state) for tensor in pair)


def test_forget_gates_begin_open(model: LanguageModel) -> None:
    weights = dict(model.named_parameters())
    total = weights["layers.0.bias_ih_l0"] + weights["layers.0.bias_hh_l0"]
    assert torch.equal(total, torch.cat([torch.zeros(12), torch.ones(12), torch.zeros(24)]))


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
