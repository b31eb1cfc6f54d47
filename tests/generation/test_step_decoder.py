"""Reading token by token with weights laid out for it is what the model itself does."""

from typing import Any

import pytest
import torch

from halo.generation import step_decoder as step_decoder_module
from halo.generation.step_decoder import TIMED_PRODUCTS, step_decoder
from halo.models.language_model import LanguageModel
from halo.models.model_spec import build_model
from halo.runtime.errors import InputError
from tests.conftest import MODELS, model_config, vocabulary

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
def test_with_weights_of_half_the_bytes_some_digits_are_the_same(name: str, changes: tuple[str, ...]) -> None:
    assert 0 < differences(a_model(name, changes), "float16").max() < 5e-3


def test_float16_is_refused_where_there_is_no_product(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="dtype=float16: only for recurrent models; use dtype=float32"):
        step_decoder(a_model("transformer", ()), dtype="float16")

    def missing(*_: Any) -> None:
        raise RuntimeError("Didn't find engine for operation quantized::linear_prepack NoQEngine")

    monkeypatch.setattr(torch.ops.quantized, "linear_prepack_fp16", missing)
    with pytest.raises(InputError, match="dtype=float16: not supported by this processor; use dtype=float32"):
        step_decoder(a_model("gru", ()), dtype="float16")
    assert differences(a_model("gru", ()), "auto").max() < 1e-5


@pytest.mark.parametrize(("seconds", "is_exact"), [({"float32": 2.0}, False), ({"float16": 2.0}, True), ({}, True)])
def test_auto_chooses_the_number_format_that_is_faster(
    seconds: dict[str, float], is_exact: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([seconds.get(dtype, 1.0) for dtype in ("float32", "float16") for _ in range(TIMED_PRODUCTS)])
    monkeypatch.setattr(step_decoder_module, "_seconds", lambda *_: next(times))
    assert (differences(a_model("lstm", ()), "auto").max() < 1e-5) == is_exact
    assert next(times, None) is None


def test_auto_is_exact_for_models_without_another_format() -> None:
    assert differences(a_model("transformer", ()), "auto").max() < 1e-5


def test_a_number_format_that_is_slower_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    times = iter([*[1.0] * TIMED_PRODUCTS, *[20.0] * TIMED_PRODUCTS])
    monkeypatch.setattr(step_decoder_module, "_seconds", lambda *_: next(times))
    step_decoder(a_model("lstm", ()), dtype="float16")
    assert caplog.messages == ["dtype=float16: 20.0 x slower on this processor than float32, which is exact"]
