"""Weights are stored as the model uses them, each shared one once."""

import torch

from halo.exporting.portable.plain_weights import members_of, named_weights
from tests.support.exported import IDS, expected, plain_model


def test_word_vectors_include_those_of_their_ngrams() -> None:
    model = plain_model("lstm")
    with torch.no_grad():
        log_probabilities = model(torch.from_numpy(IDS))[0].log_softmax(-1)
    assert torch.allclose(log_probabilities, expected("lstm"), atol=1e-6)
    weights = named_weights(model)
    assert not any("parametrizations" in name for name in weights)
    assert weights["embedding.weight"].other_names == ("output.words.weight",)
    assert "output.words.weight" not in weights


def test_an_ensemble_has_members() -> None:
    assert len(members_of(plain_model("ensemble"))) == 2
    assert members_of(plain_model("gru")) == [plain_model("gru")]
