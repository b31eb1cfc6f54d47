"""The adaptive softmax: probabilities that sum to one, and nats that are those of these probabilities."""

import pytest
import torch

from halo.bundle import build_model
from halo.data.streams import IGNORED
from halo.errors import InputError
from halo.models.loss import total_nats
from halo.models.output import AdaptiveOutput
from tests.conftest import model_config

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
    nats = output.total_nats(features_BTD, targets_BT)
    torch.testing.assert_close(nats, total_nats(output(features_BTD), targets_BT))
    by_hand = output(features_BTD)[:2].gather(2, targets_BT[:2].unsqueeze(2)).sum()
    by_hand += output(features_BTD)[2, :30].gather(1, targets_BT[2, :30].unsqueeze(1)).sum()
    torch.testing.assert_close(nats, -by_hand)
    nothing = output.total_nats(features_BTD, torch.full_like(targets_BT, IGNORED))
    assert nothing.item() == 0


@pytest.mark.parametrize("name", ["lstm", "transformer"])
def test_a_model_with_it_reads_window_by_window_and_learns(name: str) -> None:
    torch.manual_seed(0)
    model = build_model(model_config(name, "tied=false", "adaptive_cutoffs=[10]"), VOCABULARY).eval()
    ids_BT = torch.randint(VOCABULARY, (3, 14))
    first_BTV, state = model(ids_BT[:, :6])
    second_BTV, _ = model(ids_BT[:, 6:], state)
    torch.testing.assert_close(torch.cat([first_BTV, second_BTV], dim=1), model(ids_BT)[0], rtol=0, atol=1e-5)
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=0.02), []
    for _ in range(60):
        optimizer.zero_grad()
        nats = model.output.total_nats(model.read(ids_BT[:, :-1], None).features_BTD, ids_BT[:, 1:])
        torch.autograd.backward(nats)
        optimizer.step()
        losses.append(nats.item())
    assert losses[-1] < 0.7 * losses[0]


def test_a_vocabulary_that_ends_before_the_last_cluster_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"model\.adaptive_cutoffs=\[5, 50\]: ids below the size of the vocabulary, 50"
    ):
        AdaptiveOutput(16, VOCABULARY, [5, 50])


def test_more_clusters_than_there_are_features_for_are_refused() -> None:
    with pytest.raises(InputError, match="too many clusters: no feature of 15 is left for the last"):
        AdaptiveOutput(15, VOCABULARY, [5, 20])
