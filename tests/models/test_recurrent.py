"""The recurrent model: tied weights are one, dropout holds for a window, the penalties are those of the paper."""

import inspect
from typing import Any

import pytest
import torch
import yaml
from torch import Tensor, nn

from halo.config import conf_dir
from halo.models.dropout import EmbeddingDropout, LockedDropout, call_with_dropped_weights, mask_like
from halo.models.recurrent import RecurrentModel
from halo.models.transformer import TransformerModel
from halo.runtime.errors import InputError

VOCABULARY = 50
SMALL: dict[str, Any] = {"embedding": 8, "hidden": 12, "layers": 2, "pointer_tokens": None}
PLAIN: dict[str, Any] = {**SMALL, "dropout_input": 0, "dropout_hidden": 0, "dropout_output": 0}


def recurrent(settings: dict[str, Any], **changes: Any) -> RecurrentModel:
    return RecurrentModel(**{"vocab_size": VOCABULARY, **settings, **changes})


def test_tied_weights_share_storage_with_and_without_projection() -> None:
    for changes, is_projected in (({}, True), ({"embedding": 12}, False), ({"last_hidden": 8}, False)):
        tied = recurrent(SMALL, **changes)
        assert tied.output.get_submodule("words") is tied.embedding
        assert any("projection" in name for name, _ in tied.named_parameters()) == is_projected
    untied = recurrent(SMALL, tied=False)
    assert untied.output.get_parameter("words.weight").shape == (VOCABULARY, 12)


def test_forget_gates_begin_open() -> None:
    weights = dict(recurrent(SMALL).named_parameters())
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


def test_a_gru_is_the_gru_of_torch_and_carries_one_tensor_a_layer() -> None:
    torch.manual_seed(0)
    model = recurrent(SMALL, cell="gru", layers=1, mogrifier_rounds=0)
    model, ids_BT = model.eval(), torch.randint(VOCABULARY, (3, 7))
    features_BTD, state = model.read(ids_BT, None)[:2]
    reference = nn.GRU(8, 12, batch_first=True)
    reference.load_state_dict(model.layers[0].state_dict())
    raw_BTH, last_1BH = reference(model.embedding(ids_BT))
    assert torch.equal(features_BTD, model.projection(raw_BTH))
    assert [len(layer) for layer in state] == [1]
    assert torch.equal(state[0][0], last_1BH[0])


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


def test_weight_dropout_changes_no_name_and_is_off_in_evaluation() -> None:
    dropping = recurrent(PLAIN, dropout_weights=0.5)
    plain = recurrent(PLAIN)
    assert list(dropping.state_dict()) == list(plain.state_dict())
    plain.load_state_dict(dropping.state_dict())
    ids_BT = torch.randint(VOCABULARY, (2, 7))
    assert not torch.equal(dropping(ids_BT)[0], plain(ids_BT)[0])
    assert torch.equal(dropping.eval()(ids_BT)[0], plain.eval()(ids_BT)[0])


def test_penalties_are_those_of_the_paper() -> None:
    torch.manual_seed(0)
    untied: dict[str, Any] = {**PLAIN, "tied": False, "dropout_output": 0.5}
    both = {**untied, "activation_regularisation": 2.0, "temporal_activation_regularisation": 3.0}
    model, ids_BT = recurrent(both), torch.randint(VOCABULARY, (4, 6))
    raw_BTH = recurrent(both, dropout_output=0)
    raw_BTH.load_state_dict(model.state_dict())
    raw = raw_BTH.read(ids_BT, None).features_BTD  # without output dropout
    outputs = model.read(ids_BT, None)
    dropped = outputs.features_BTD
    expected = 2 * (dropped**2).mean() + 3 * ((raw[:, 1:] - raw[:, :-1]) ** 2).mean()
    assert outputs.penalty is not None
    torch.testing.assert_close(outputs.penalty, expected * 24)
    assert outputs.penalty.dtype == torch.float32
    one = model.read(ids_BT[:, :1], None)
    torch.testing.assert_close(one.penalty, 2 * (one.features_BTD**2).mean() * 4)
    assert recurrent(untied).read(ids_BT, None).penalty is None


def test_the_preset_has_the_size_of_the_paper() -> None:
    paper = {"embedding": 400, "hidden": 1150, "last_hidden": 400, "layers": 3, "mogrifier_rounds": 0}
    with torch.device("meta"):
        model = recurrent(SMALL, vocab_size=10_000, **paper)
    assert sum(parameter.numel() for parameter in model.parameters()) == 24_221_600


@pytest.mark.parametrize("model_class", [RecurrentModel, TransformerModel])
def test_the_defaults_are_those_of_the_settings(model_class: type[RecurrentModel | TransformerModel]) -> None:
    name = {RecurrentModel: "lstm", TransformerModel: "transformer"}[model_class]
    settings = yaml.safe_load((conf_dir() / "model" / f"{name}.yaml").read_text(encoding="utf-8"))
    arguments = inspect.signature(model_class).parameters
    assert all(each.kind is inspect.Parameter.KEYWORD_ONLY for each in arguments.values())
    defaults = {key: each.default for key, each in arguments.items() if key not in ("vocab_size", "subwords")}
    assert defaults == {key: value for key, value in settings.items() if key in defaults}
    assert set(settings) - set(defaults) == {"name", "ensemble_size", "init_bias_from_unigram", "subword_lengths"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cell": "rnn"}, "cell=rnn: must be one of lstm, gru"),
        ({"cell": "gru", "mogrifier_rounds": 2}, "mogrifier_rounds=2: must be 0 with cell=gru"),
        ({"adaptive_cutoffs": [10]}, "model.tied=true: an adaptive softmax"),
    ],
)
def test_arguments_that_exclude_each_other_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        recurrent(SMALL, **changes)
