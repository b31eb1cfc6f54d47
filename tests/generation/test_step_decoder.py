"""Reading token by token with weights laid out for it is what the model itself does."""

from typing import Any

import pytest
import torch

from halo.generation.step_decoder import make_linear, step_decoder
from halo.models.language_model import LanguageModel
from halo.models.model_spec import build_model
from halo.runtime.errors import InputError
from tests.conftest import MODELS, model_config, vocabulary


def has_int8() -> bool:
    try:
        make_linear("int8", torch.ones(2, 2))
    except InputError:
        return False
    return True


needs_int8 = pytest.mark.skipif(not has_int8(), reason="this processor has no exact sums of 8-bit products")
VOCABULARY = 23  # not a multiple of the number of threads

CHANGES = [
    ("lstm", ()),
    ("lstm", ("layers=2", "mogrifier_rounds=0", "subword_lengths=null")),
    ("lstm", ("pointer_tokens=3",)),
    ("lstm", ("tied=false", "adaptive_cutoffs=[10]", "mogrifier_rounds=3")),
    ("lstm", ("last_hidden=10", "layers=2", "mogrifier_rounds=1", "pointer_tokens=null")),
    ("lstm", ("ensemble_size=3",)),
]


def a_model(name: str, changes: tuple[str, ...]) -> LanguageModel:
    torch.manual_seed(0)
    model = build_model(model_config(name, *changes), vocabulary(VOCABULARY)).eval()
    for parameter in model.parameters():  # the pointer's gate, biases and n-grams, too, say something
        torch.nn.init.uniform_(parameter, -0.5, 0.5)
    return model


@torch.no_grad()
def differences(model: LanguageModel, dtype: str) -> torch.Tensor:
    """How far log-probabilities after each of some tokens are from those of the model, which reads them at once."""
    ids_BT = torch.randint(VOCABULARY, (3, 9), generator=torch.Generator().manual_seed(1))
    expected_BTV = torch.log_softmax(model(ids_BT)[0], -1)
    read = step_decoder(model, dtype=dtype)
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
    assert differences(a_model(name, changes), "float32").max() < 1e-5


@pytest.mark.parametrize(("name", "changes"), [*CHANGES, ("gru", ())])
@pytest.mark.parametrize(("dtype", "digits"), [("float16", 5e-3), pytest.param("int8", 0.2, marks=needs_int8)])
def test_with_weights_of_fewer_bytes_some_digits_are_the_same(
    name: str, changes: tuple[str, ...], dtype: str, digits: float
) -> None:
    found = differences(a_model(name, changes), dtype)
    assert 0 < found.max() < digits


@needs_int8
@torch.no_grad()
def test_in_int8_each_row_of_a_matrix_has_a_scale_of_its_own_and_nothing_is_divided_by_zero() -> None:
    weight_WD = torch.tensor([[1e-4, -1e-4], [1.0, 1.0], [0.0, 0.0]])
    in_int8 = make_linear("int8", weight_WD, torch.tensor([0.0, 0.0, 3.0]))
    found_BW = in_int8(torch.tensor([[1.0, -1.0]]))
    torch.testing.assert_close(found_BW, torch.tensor([[2e-4, 0.0, 3.0]]), rtol=1e-2, atol=0)
    torch.testing.assert_close(in_int8(torch.zeros(1, 2)), torch.tensor([[0.0, 0.0, 3.0]]))


@pytest.mark.parametrize("dtype", ["float16", "int8"])
def test_fewer_bytes_are_refused_where_there_is_no_product(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=f"dtype={dtype}: only for recurrent models; use dtype=float32"):
        step_decoder(a_model("transformer", ()), dtype=dtype)

    def missing(*_: Any) -> None:
        raise RuntimeError("Didn't find engine for operation quantized::linear_prepack NoQEngine")

    monkeypatch.setattr(torch.ops.quantized, "linear_prepack_fp16", missing)
    monkeypatch.setattr(torch.ops.onednn, "qlinear_prepack", missing)
    with pytest.raises(InputError, match=f"dtype={dtype}: not supported by this processor; use dtype=float32"):
        step_decoder(a_model("gru", ()), dtype=dtype)


@needs_int8
def test_int8_is_refused_on_a_processor_whose_sums_overflow(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = torch.ops.onednn.qlinear_pointwise
    monkeypatch.setattr(torch.ops.onednn, "qlinear_pointwise", lambda *all: exact(*all).clamp(max=2**15 - 1))
    with pytest.raises(InputError, match="dtype=int8: not supported by this processor"):
        make_linear("int8", torch.ones(3, 2))
