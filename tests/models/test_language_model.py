"""What every architecture keeps: windows with carried state are the whole text, nothing is known before it is read."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from halo.bundle.loading import load_bundle
from halo.bundle.saving import save_bundle
from halo.config import SavedConfig
from halo.data.streams import IGNORED
from halo.models.language_model import LanguageModel, detach
from halo.models.loss import token_nll
from halo.models.model_spec import build_model
from halo.models.recurrent import RecurrentModel
from halo.models.transformer import TransformerModel
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer
from halo.tokenization.word_statistics import WordStatistics
from tests.conftest import MODELS, data_config, model_config, vocabulary

VOCABULARY = 50


@pytest.fixture(params=[*([name] for name in MODELS), ["lstm", "ensemble_size=3"]], ids=" ".join)
def model(request: pytest.FixtureRequest) -> LanguageModel:
    torch.manual_seed(0)
    return build_model(model_config(*request.param), vocabulary(VOCABULARY))


def test_window_by_window_with_carried_state_is_the_whole_at_once(model: LanguageModel) -> None:
    model.eval()
    ids_BT = torch.randint(VOCABULARY, (3, 29))
    whole_BTV, whole_state = model(ids_BT)
    for sequence_length in (1, 7):
        state, parts = None, []
        for window_BT in torch.split(ids_BT, sequence_length, dim=1):
            logits_BTV, state = model(window_BT, state)
            parts.append(logits_BTV)
        torch.testing.assert_close(torch.cat(parts, dim=1), whole_BTV, rtol=0, atol=1e-5)
        assert state is not None
        for layer, whole_layer in zip(state, whole_state, strict=True):
            for tensor, whole in zip(layer, whole_layer, strict=True):
                torch.testing.assert_close(tensor, whole, rtol=0, atol=1e-5)


def test_streams_do_not_see_each_other(model: LanguageModel) -> None:
    model.eval()
    ids_BT = torch.randint(VOCABULARY, (3, 9))
    _, state = model(ids_BT)
    together_BTV, _ = model(ids_BT, state)
    alone_BTV, _ = model(ids_BT[1:2], [tuple(tensor[1:2] for tensor in layer) for layer in state])
    torch.testing.assert_close(alone_BTV, together_BTV[1:2], rtol=0, atol=1e-5)


def test_later_words_do_not_change_earlier_logits(model: LanguageModel) -> None:
    model.eval()
    ids_BT = torch.randint(VOCABULARY, (1, 9))
    changed_BT = ids_BT.clone()
    changed_BT[0, 5] = (changed_BT[0, 5] + 1) % VOCABULARY
    logits_BTV, changed_BTV = model(ids_BT)[0], model(changed_BT)[0]
    torch.testing.assert_close(logits_BTV[:, :5], changed_BTV[:, :5], rtol=0, atol=0)
    assert not torch.equal(logits_BTV[:, 5:], changed_BTV[:, 5:])


def test_the_first_loss_is_that_of_a_uniform_model(model: LanguageModel) -> None:
    ids_BT = torch.randint(VOCABULARY, (8, 40))
    logits_BTV, _ = model(ids_BT)
    nll = token_nll(logits_BTV, torch.randint(VOCABULARY, (8, 40))).mean().item()
    assert nll == pytest.approx(math.log(VOCABULARY), rel=0.02)


def test_the_output_loses_what_its_logits_say(model: LanguageModel) -> None:
    model.eval()
    ids_BT, targets_BT = torch.randint(VOCABULARY, (2, 3, 7))
    targets_BT[1, 4:] = IGNORED
    outputs = model.read(ids_BT, None)
    nll = model.nll(outputs, targets_BT).sum()
    torch.testing.assert_close(nll, token_nll(model(ids_BT)[0], targets_BT).sum(), rtol=1e-5, atol=0)


def test_a_detached_state_stops_the_gradient(model: LanguageModel) -> None:
    _, state = model(torch.randint(VOCABULARY, (2, 3)))
    assert all(tensor.requires_grad for layer in state for tensor in layer if tensor.is_floating_point())
    assert not any(tensor.requires_grad for layer in detach(state) for tensor in layer)


def test_every_weight_learns_from_a_window_and_its_state(model: LanguageModel) -> None:
    before_BT = torch.randint(VOCABULARY, (2, 5))
    _, state = model(before_BT)
    outputs = model.read(torch.randint(VOCABULARY, (2, 5)), detach(state))
    targets_BT = before_BT  # said before, so that a pointer has something to point at
    torch.autograd.backward(model.nll(outputs, targets_BT).sum())
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_dropout_is_drawn_from_the_seed_and_off_in_evaluation(model: LanguageModel) -> None:
    def features(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return model.read(torch.arange(20).view(2, 10), None).features_BTD

    assert torch.equal(features(1), features(1))
    assert not torch.equal(features(1), features(2))
    model.eval()
    assert torch.equal(features(1), features(2))
    assert model.read(torch.arange(20).view(2, 10), None).penalty is None


@pytest.mark.parametrize("name", MODELS)
def test_a_saved_model_predicts_the_same(name: str, tmp_path: Path) -> None:
    tokenizer = TextTokenizer.train(["the virus spreads in the air ."], kind="word", min_count=1, max_size=None)
    config = SavedConfig(data=data_config(), model=model_config(name))
    torch.manual_seed(0)
    model = build_model(config.model, tokenizer.words()).eval()
    save_bundle(
        tmp_path / "bundle",
        model=model,
        tokenizer=tokenizer,
        word_statistics=WordStatistics(np.ones(tokenizer.vocab_size, dtype=np.int64), {}),
        config=config,
        metrics={},
        model_card="",
    )
    opened = load_bundle(tmp_path / "bundle")
    assert opened.config.model == config.model
    ids_BT = torch.randint(tokenizer.vocab_size, (2, 9))
    assert torch.equal(opened.model.eval()(ids_BT)[0], model(ids_BT)[0])


@pytest.mark.parametrize("model_class", [RecurrentModel, TransformerModel])
@pytest.mark.parametrize(
    ("argument", "value"), [("layers", 0), ("hidden", 0), ("vocab_size", -1), ("dropout_input", 2)]
)
def test_sizes_and_dropout_of_plain_arguments_are_checked(
    model_class: type[RecurrentModel] | type[TransformerModel], argument: str, value: int
) -> None:
    with pytest.raises(InputError, match=f"^{argument}={value}: must be "):
        model_class(**{"vocab_size": 10, "embedding": 8, argument: value})  # type: ignore[arg-type]
