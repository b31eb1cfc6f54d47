import pytest
import torch

from halo.classification import classifier
from halo.classification.classifier import num_features
from tests.conftest import MODELS
from tests.support.tiny_classifiers import tiny_classifier

LENGTHS_B = torch.tensor([23, 9, 1])
IDS_BN = torch.randint(2, 12, (3, 23), generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("name", MODELS)
def test_padding_and_windows_change_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_classifier(name)
    with torch.no_grad():
        together = model(IDS_BN, LENGTHS_B)
        alone = [model(IDS_BN[row : row + 1, :length], torch.tensor([length])) for row, length in enumerate([23, 9, 1])]
        torch.testing.assert_close(together, torch.cat(alone))
        monkeypatch.setattr(classifier, "WINDOW_TOKENS", 5)
        torch.testing.assert_close(together, model(IDS_BN, LENGTHS_B))


def test_pooled_features_are_those_of_last_token_maximum_and_mean() -> None:
    model = tiny_classifier("lstm", "ensemble_size=2")
    with torch.no_grad():
        ids_1T = IDS_BN[1:2, :9]
        after_eos = model.encoder.read(torch.cat([torch.ones_like(ids_1T[:, :1]), ids_1T], 1), None)
        features_TD = after_eos.features_BTD[0, 1:]
        expected = torch.cat([features_TD[-1], features_TD.amax(0), features_TD.mean(0)])
        torch.testing.assert_close(model.pool(IDS_BN, LENGTHS_B)[1], expected)
    assert num_features(model.encoder) == features_TD.size(1) == 16


def test_gradients_reach_only_the_last_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classifier, "WINDOW_TOKENS", 4)
    model = tiny_classifier("lstm", "subword_lengths=null").train()
    ids_1N = torch.tensor([[*[2] * 11, *[3] * 9]])
    model(ids_1N, torch.tensor([20]))[0, 0].backward()
    gradient_VD = model.encoder.get_parameter("embedding.weight").grad
    assert gradient_VD is not None
    assert gradient_VD[3].abs().sum() > 0
    assert gradient_VD[2].abs().sum() == 0


def test_word_vectors_made_of_ngrams_learn_also_behind_windows_without_gradients(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(classifier, "WINDOW_TOKENS", 4)
    model = tiny_classifier("lstm").train()
    model(torch.full((1, 20), 3), torch.tensor([20]))[0, 0].backward()
    gradient = model.encoder.get_parameter("embedding.parametrizations.weight.original").grad
    assert gradient is not None
    assert gradient[3].abs().sum() > 0


def test_standardised_features_have_mean_zero_and_variance_one() -> None:
    model = tiny_classifier()
    pooled_BF = torch.randn(50, 3 * num_features(model.encoder)) * 3 + 5
    pooled_BF[:, 0] = 2.0  # one that does not vary
    model.set_standardisation(pooled_BF)
    found = model.standardise(pooled_BF)
    torch.testing.assert_close(found.mean(0), torch.zeros(found.size(1)), atol=1e-5, rtol=0)
    torch.testing.assert_close(found[:, 1:].std(0, correction=0), torch.ones(found.size(1) - 1))
