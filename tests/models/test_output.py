"""The adaptive softmax: probabilities that sum to one, and nats that are those of these probabilities."""

import pytest
import torch
from torch import Tensor

from halo.data.streams import IGNORED
from halo.models.loss import linear_nll, token_nll
from halo.models.model_spec import build_model
from halo.models.output import SAMPLED_MULTIPLE, AdaptiveOutput, SoftmaxOutput
from halo.runtime.errors import InputError
from tests.conftest import model_config, vocabulary

VOCABULARY = 50


@pytest.fixture
def output() -> AdaptiveOutput:
    torch.manual_seed(0)
    return AdaptiveOutput(16, VOCABULARY, [5, 20])


def test_probabilities_sum_to_one(output: AdaptiveOutput) -> None:
    logits_BTV = output(torch.randn(3, 4, 16))
    assert logits_BTV.shape == (3, 4, VOCABULARY)
    torch.testing.assert_close(logits_BTV.exp().sum(-1), torch.ones(3, 4))


def test_nats_are_those_of_the_probabilities_and_of_counted_targets_only(output: AdaptiveOutput) -> None:
    features_BTD, targets_BT = torch.randn(3, 40, 16), torch.randint(VOCABULARY, (3, 40))
    targets_BT[2, 30:] = IGNORED
    nll = output.nll(features_BTD, targets_BT).sum()
    torch.testing.assert_close(nll, token_nll(output(features_BTD), targets_BT).sum())
    by_hand = output(features_BTD)[:2].gather(2, targets_BT[:2].unsqueeze(2)).sum()
    by_hand += output(features_BTD)[2, :30].gather(1, targets_BT[2, :30].unsqueeze(1)).sum()
    torch.testing.assert_close(nll, -by_hand)
    nothing = output.nll(features_BTD, torch.full_like(targets_BT, IGNORED)).sum()
    assert nothing.item() == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lstm", "transformer"])
def test_a_model_with_it_reads_window_by_window_and_learns(name: str) -> None:
    torch.manual_seed(0)
    model = build_model(model_config(name, "tied=false", "adaptive_cutoffs=[10]"), vocabulary(VOCABULARY)).eval()
    ids_BT = torch.randint(VOCABULARY, (3, 14))
    first_BTV, state = model(ids_BT[:, :6])
    second_BTV, _ = model(ids_BT[:, 6:], state)
    torch.testing.assert_close(torch.cat([first_BTV, second_BTV], dim=1), model(ids_BT)[0], rtol=0, atol=1e-5)
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=0.02), []
    for _ in range(60):
        optimizer.zero_grad()
        nll = model.nll(model.read(ids_BT[:, :-1], None), ids_BT[:, 1:]).sum()
        torch.autograd.backward(nll)
        optimizer.step()
        losses.append(nll.item())
    assert losses[-1] < 0.7 * losses[0]


def test_a_vocabulary_that_ends_before_the_last_cluster_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"model\.adaptive_cutoffs=\[5, 50\]: ids below the size of the vocabulary, 50"
    ):
        AdaptiveOutput(16, VOCABULARY, [5, 50])


def test_more_clusters_than_there_are_features_for_are_refused() -> None:
    with pytest.raises(InputError, match="too many clusters: no feature of 15 is left for the last"):
        AdaptiveOutput(15, VOCABULARY, [5, 20])


def softmax_output() -> SoftmaxOutput:
    torch.manual_seed(0)
    output = SoftmaxOutput(torch.nn.Embedding(VOCABULARY, 16))
    torch.nn.init.normal_(output.bias)
    return output


@pytest.mark.slow
def test_sampled_nats_are_right_on_average() -> None:
    output = softmax_output()
    features_BTD, targets_BT = torch.randn(2, 4, 16), torch.randint(VOCABULARY, (2, 4))
    targets_BT[1, 3] = IGNORED
    logits_BTV = output(features_BTD)
    # What is right on average is the sum over the vocabulary, not its logarithm.
    own_BT = logits_BTV.gather(2, targets_BT.clamp(min=0).unsqueeze(2)).squeeze(2)
    sums = []
    for _ in range(1000):
        nll = [
            output.sampled_nll(features_BTD[:1, :1], targets_BT[:1, :1], num_frequent=5),
            output.sampled_nll(features_BTD[1:, 2:3], targets_BT[1:, 2:3], num_frequent=5),
        ]
        sums.append(torch.stack(nll).view(2).exp() * torch.stack([own_BT[0, 0], own_BT[1, 2]]).exp())
    expected = logits_BTV.exp().sum(2)
    found = torch.stack(sums)
    error = found.std(0) / len(found) ** 0.5
    difference = (found.mean(0) - torch.stack([expected[0, 0], expected[1, 2]])).abs()
    assert (difference < 4 * error).all()
    assert (found.std(0) > 0).all()


def test_sampled_nats_of_all_words_are_the_whole_and_ignored_targets_are_left_out() -> None:
    output = softmax_output()
    features_BTD, targets_BT = torch.randn(2, 4, 16), torch.randint(VOCABULARY, (2, 4))
    targets_BT[1, 3] = IGNORED
    whole = output.nll(features_BTD, targets_BT)
    assert torch.equal(output.sampled_nll(features_BTD, targets_BT, num_frequent=VOCABULARY), whole)
    everything = torch.arange(VOCABULARY).view(1, -1)  # every word is a target, so every word is compared with
    features = torch.randn(1, VOCABULARY, 16)
    sampled = output.sampled_nll(features, everything, num_frequent=5)
    torch.testing.assert_close(sampled, output.nll(features, everything))
    nothing = output.sampled_nll(features_BTD, torch.full_like(targets_BT, IGNORED), num_frequent=5).sum()
    assert nothing.item() == 0


@pytest.mark.slow
def test_sampled_gradients_reach_the_words_that_are_compared_with() -> None:
    output = softmax_output()
    features_BTD, targets_BT = torch.randn(1, 3, 16), torch.tensor([[2, 30, 31]])
    times_V, steps = torch.zeros(VOCABULARY), 2000
    for _ in range(steps):
        nll = output.sampled_nll(features_BTD, targets_BT, num_frequent=5).sum()
        (gradient_VD,) = torch.autograd.grad(nll, [output.words.weight])
        times_V += gradient_VD.abs().sum(1) > 0
    assert (times_V[[0, 1, 2, 3, 4, 30, 31]] == steps).all()
    ranks = torch.arange(1, VOCABULARY + 1)
    drawn = torch.tensor([word for word in range(5, VOCABULARY) if word not in (30, 31)])
    torch.testing.assert_close(times_V[drawn] / steps, (5 / ranks)[drawn], atol=0.05, rtol=0)


def test_a_multiple_of_words_is_compared_with_whatever_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    output, compared = softmax_output(), []

    def noting(features: Tensor, words_WD: Tensor, *rest: Tensor) -> Tensor:
        compared.append(len(words_WD))
        return linear_nll(features, words_WD, *rest)

    monkeypatch.setattr("halo.models.output.linear_nll", noting)
    for seed in range(5):
        torch.manual_seed(seed)
        output.sampled_nll(torch.randn(1, 3, 16), torch.tensor([[2, 30, 31]]), num_frequent=5)
    assert compared == [SAMPLED_MULTIPLE] * 5


def test_an_adaptive_softmax_learns_under_autocast_and_its_loss_is_float32(output: AdaptiveOutput) -> None:
    features_BTD, targets_BT = torch.randn(3, 40, 16, requires_grad=True), torch.randint(VOCABULARY, (3, 40))
    with torch.autocast("cpu", torch.bfloat16):
        nll_BT = output.nll(features_BTD, targets_BT)
    assert nll_BT.dtype == torch.float32
    torch.testing.assert_close(nll_BT, output.nll(features_BTD, targets_BT), rtol=0, atol=0.05)
    torch.autograd.backward(nll_BT.sum())
    assert all(parameter.grad is not None for parameter in output.parameters())
