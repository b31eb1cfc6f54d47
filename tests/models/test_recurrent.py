"""The recurrent model: tied weights are one, arguments are checked, the penalties are those of the paper."""

import inspect
from typing import Any

import pytest
import torch
import yaml
from torch import nn

from halo.config import conf_dir
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
