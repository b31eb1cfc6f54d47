"""The loss that never holds its logits twice is the plain one, and so are its gradients."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from halo.data.streams import IGNORED
from halo.models import loss
from halo.models.loss import linear_nll, token_nll

TOKENS, WORDS, FEATURES = 30, 17, 5


def inputs() -> tuple[tuple[Tensor, Tensor, Tensor], Tensor]:
    generator = torch.Generator().manual_seed(0)
    features_BTD = torch.randn(3, 10, FEATURES, generator=generator).requires_grad_()
    words_WD = torch.randn(WORDS, FEATURES, generator=generator).requires_grad_()
    bias_W = torch.randn(WORDS, generator=generator).requires_grad_()
    targets_BT = torch.randint(WORDS, (3, 10), generator=generator)
    targets_BT[2, 6:] = IGNORED
    return (features_BTD, words_WD, bias_W), targets_BT


def plain(features_BTD: Tensor, words_WD: Tensor, bias_W: Tensor, targets_BT: Tensor) -> Tensor:
    return token_nll(F.linear(features_BTD, words_WD, bias_W), targets_BT)


def test_nats_and_gradients_are_the_plain_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss, "LOGITS_PER_CHUNK", 4 * WORDS)  # four rows at a time, two in the last part
    monkeypatch.setattr(loss, "EXPONENTIALS_PER_CHUNK", 7 * 32)
    given, targets_BT = inputs()
    weights_BT = torch.rand(3, 10, generator=torch.Generator().manual_seed(1))  # such as those of a pointer's share
    found, expected = (nll(*given, targets_BT) for nll in (linear_nll, plain))
    assert (found[2, 6:] == 0).all()
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-6)
    gradients = [torch.autograd.grad((nll * weights_BT).sum(), given) for nll in (found, expected)]
    for mine, reference in zip(*gradients, strict=True):
        torch.testing.assert_close(mine, reference, rtol=1e-5, atol=1e-6)
    with torch.no_grad():
        torch.testing.assert_close(linear_nll(*given, targets_BT), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("fast", [False, True])
def test_logits_that_are_made_anew_in_the_backward_pass_have_the_same_gradients(
    fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, targets_BT = inputs()
    weights_BT = torch.rand(3, 10, generator=torch.Generator().manual_seed(1))

    def found() -> tuple[Tensor, ...]:
        with LogitsMade() as logits:
            with torch.autocast("cpu", torch.bfloat16, enabled=fast):
                nll = linear_nll(*given, targets_BT)
            gradients = torch.autograd.grad((nll * weights_BT).sum(), given)
        held.append(len(logits.places))
        return nll, *gradients

    held: list[int] = []
    kept = found()
    monkeypatch.setattr(loss, "RECOMPUTE_CHUNK", 4 * WORDS)
    monkeypatch.setattr(loss, "MAX_STORED_BYTES", 4 * WORDS)
    for mine, reference in zip(found(), kept, strict=True):
        tolerance = 0.02 * float(reference.detach().abs().max()) if fast else 1e-5
        torch.testing.assert_close(mine, reference, rtol=0, atol=tolerance)
    assert held[1] == 0 < held[0]


def test_a_word_whose_probability_is_zero_in_float32_has_its_nats_all_the_same() -> None:
    bias_W = torch.tensor([0.0, 200.0, -500.0])
    nll = linear_nll(torch.zeros(1, 3, 2), torch.zeros(3, 2), bias_W.requires_grad_(), torch.tensor([[0, 1, 2]]))
    torch.testing.assert_close(nll, torch.tensor([[200.0, 0.0, 700.0]]))
    torch.autograd.backward(nll.sum())
    assert bias_W.grad is not None
    torch.testing.assert_close(bias_W.grad, torch.tensor([-1.0, 2.0, -1.0]))


def test_under_autocast_products_are_in_bfloat16_and_the_loss_in_float32() -> None:
    given, targets_BT = inputs()
    with torch.autocast("cpu", torch.bfloat16):
        found = linear_nll(*given, targets_BT)
    assert found.dtype == torch.float32
    expected = plain(*given, targets_BT)
    torch.testing.assert_close(found, expected, rtol=0, atol=0.05)  # logits up to 8, of three digits
    assert not torch.equal(found, linear_nll(*given, targets_BT))
    for mine, parameter in zip(torch.autograd.grad(found.sum(), given), given, strict=True):
        assert mine.dtype == torch.float32
        (reference,) = torch.autograd.grad(plain(*given, targets_BT).sum(), [parameter], retain_graph=True)
        torch.testing.assert_close(mine, reference, rtol=0.02, atol=0.02 * float(reference.abs().max()))


class LogitsMade(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes the memory of every tensor of the size of the logits."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.places: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        if isinstance(made, Tensor) and made.shape[:1] == (TOKENS,) and made[0].numel() >= WORDS:
            self.places.add(made.untyped_storage().data_ptr())
        return made


@pytest.mark.parametrize(("nll", "held"), [(linear_nll, 1), (plain, 4)])
def test_logits_probabilities_and_gradient_share_one_place(nll: Any, held: int) -> None:
    given, targets_BT = inputs()
    with LogitsMade() as logits:
        kept = nll(*given, targets_BT).sum()
        torch.autograd.backward(kept)
    assert len(logits.places) <= held  # the plain loss may get back what it has given up meanwhile
    assert (len(logits.places) == 1) == (nll is linear_nll)
    if nll is linear_nll:
        with pytest.raises(RuntimeError, match="backward through the graph a second time"):
            torch.autograd.backward(kept)


def test_in_bfloat16_they_share_one_place_too_and_a_few_rows_at_a_time_are_float32(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loss, "EXPONENTIALS_PER_CHUNK", 7 * 32)
    given, targets_BT = inputs()
    with LogitsMade() as logits:
        with torch.autocast("cpu", torch.bfloat16):
            nll = linear_nll(*given, targets_BT).sum()
        torch.autograd.backward(nll)
    assert len(logits.places) == 1
