"""Reading token by token with weights laid out for it is what the model itself does."""

from typing import Any

import pytest
import torch

from halo.bundle import build_model
from halo.errors import InputError
from halo.generation.token_reader import token_reader
from halo.models.language_model import LanguageModel
from tests.conftest import MODELS, model_config, vocabulary

VOCABULARY = 23  # not a multiple of the number of threads

CHANGES = [
    ("lstm", ()),
    ("lstm", ("layers=2", "mogrifier_rounds=0", "subword_lengths=null")),
    ("lstm", ("pointer_tokens=3",)),
    ("lstm", ("tied=false", "adaptive_cutoffs=[10]", "mogrifier_rounds=3")),
    ("lstm", ("last_hidden=10", "layers=2", "mogrifier_rounds=1", "pointer_tokens=null")),
    ("lstm", ("members=3",)),
]


def a_model(name: str, changes: tuple[str, ...]) -> LanguageModel:
    torch.manual_seed(0)
    model = build_model(model_config(name, *changes), vocabulary(VOCABULARY)).eval()
    for parameter in model.parameters():  # the pointer's gate, biases and n-grams, too, say something
        torch.nn.init.uniform_(parameter, -0.5, 0.5)
    return model


@torch.no_grad()
def differences(model: LanguageModel, *, half: bool) -> torch.Tensor:
    """How far log-probabilities after each of some tokens are from those of the model, which reads them at once."""
    ids_BT = torch.randint(VOCABULARY, (3, 9), generator=torch.Generator().manual_seed(1))
    expected_BTV = torch.log_softmax(model(ids_BT)[0], -1)
    read = token_reader(model, half=half)
    _, state = model(ids_BT[:, :4])
    found = []
    for ids_B in ids_BT[:, 4:].unbind(1):
        logits_BV, state = read(ids_B, state)
        found.append(logits_BV.log_softmax(-1))
    return torch.sub(torch.stack(found, dim=1), expected_BTV[:, 4:]).abs()


@pytest.mark.parametrize(("name", "changes"), [*CHANGES, *((name, ()) for name in MODELS if name != "lstm")])
@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_read_token_by_token_is_what_the_model_reads(
    name: str, changes: tuple[str, ...], threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    assert differences(a_model(name, changes), half=False).max() < 1e-5


@pytest.mark.parametrize(("name", "changes"), [*CHANGES, ("gru", ())])
def test_with_weights_of_half_precision_three_digits_are_the_same(name: str, changes: tuple[str, ...]) -> None:
    found = differences(a_model(name, changes), half=True)
    assert 0 < found.max() < 5e-3


def test_half_precision_is_refused_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="weights=float16: only for recurrent models; use weights=float32"):
        token_reader(a_model("transformer", ()), half=True)

    def missing(*_: Any) -> None:
        raise RuntimeError("Didn't find engine for operation quantized::linear_prepack NoQEngine")

    monkeypatch.setattr(torch.ops.quantized, "linear_prepack_fp16", missing)
    with pytest.raises(InputError, match="weights=float16: not on this processor; use weights=float32"):
        token_reader(a_model("gru", ()), half=True)
