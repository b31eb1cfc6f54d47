"""Several networks as one: the mean of their probabilities, each of them trained on its own."""

import pytest
import torch

from halo.data.streams import IGNORED
from halo.models.ensemble import Ensemble
from halo.models.language_model import Network, detach
from halo.models.model_spec import build_model
from tests.conftest import MODELS, model_config, vocabulary

VOCABULARY = 50


def ensemble(name: str, *settings: str) -> Ensemble:
    torch.manual_seed(0)
    model = build_model(model_config(name, "ensemble_size=3", *settings), vocabulary(VOCABULARY))
    assert isinstance(model, Ensemble)
    return model


@pytest.mark.parametrize("name", MODELS)
def test_a_words_probability_is_the_mean_of_the_members(name: str) -> None:
    model = ensemble(name).eval()
    ids_BT, targets_BT = torch.randint(VOCABULARY, (2, 3, 12))
    targets_BT[2, 8:] = IGNORED
    each_KBTV = torch.stack([member(ids_BT)[0].softmax(-1) for member in model.members])
    assert not torch.allclose(each_KBTV[0], each_KBTV[1], rtol=1e-3)
    probabilities_BTV = each_KBTV.mean(0)
    torch.testing.assert_close(model(ids_BT)[0].exp(), probabilities_BTV, rtol=1e-5, atol=0)
    expected_BT = -probabilities_BTV.gather(2, targets_BT.clamp(min=0).unsqueeze(2)).squeeze(2).log()
    nll_BT = model.nll(model.read(ids_BT, None), targets_BT)
    torch.testing.assert_close(nll_BT, expected_BT.masked_fill(targets_BT < 0, 0), rtol=1e-5, atol=1e-6)


def test_each_member_learns_as_if_it_were_alone() -> None:
    penalties = ("activation_regularisation=2", "temporal_activation_regularisation=1")
    plain = ("dropout_input=0", "dropout_hidden=0", "dropout_output=0", *penalties)
    model = ensemble("lstm", *plain).train()
    ids_BT = torch.randint(VOCABULARY, (3, 12))
    state = detach(model(ids_BT)[1])
    outputs = model.read(ids_BT, state)
    assert outputs.penalty is not None
    torch.autograd.backward(model.nll(outputs, ids_BT).sum() + outputs.penalty)
    size = len(state) // 3
    for index, member in enumerate(model.members):
        assert isinstance(member, Network)
        together = {name: weight.grad.clone() for name, weight in member.named_parameters() if weight.grad is not None}
        member.zero_grad()
        alone = member.read(ids_BT, state[index * size : (index + 1) * size])
        assert alone.penalty is not None
        torch.autograd.backward(member.nll(alone, ids_BT).sum() + alone.penalty)
        for name, weight in member.named_parameters():
            if weight.grad is not None:
                torch.testing.assert_close(together[name], weight.grad / 3, rtol=1e-4, atol=1e-7)


def test_each_member_draws_words_of_its_own() -> None:
    model = ensemble("lstm").train()
    ids_BT = torch.randint(VOCABULARY, (3, 12))
    outputs = model.read(ids_BT, None)
    few, again = (model.nll(outputs, ids_BT, num_frequent=5).sum() for _ in range(2))
    assert few != again
