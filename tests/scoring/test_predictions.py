"""Windows may be of any size: those of a large vocabulary are smaller, with the same predictions."""

import numpy as np
import pytest
import torch

from halo.models.recurrent import RecurrentModel
from halo.scoring import predictions
from halo.scoring.predictions import Predictor

TEXTS = [[3, 4, 5, 6, 7], [], [8], [9, 2] * 20]


def predictor(**arguments: object) -> Predictor:
    torch.manual_seed(0)
    model = RecurrentModel(vocab_size=20, embedding=8, hidden=8, pointer_tokens=5)
    return Predictor(model, vocab_size=20, eos_id=1, with_distributions=True, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("max_logits", [20, 70, 1000])
def test_small_windows_change_nothing(max_logits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = predictor().predict_texts(TEXTS)
    monkeypatch.setattr(predictions, "MAX_LOGITS", max_logits)
    found = predictor().predict_texts(TEXTS)
    for before, after in zip(expected, found, strict=True):
        np.testing.assert_allclose(after.bits, before.bits, atol=1e-5)
        assert before.distributions is not None
        assert after.distributions is not None
        np.testing.assert_allclose(after.distributions.entropy_bits, before.distributions.entropy_bits, atol=1e-5)
        np.testing.assert_array_equal(after.distributions.ranks, before.distributions.ranks)


def test_the_mode_of_the_model_is_kept() -> None:
    used = predictor()
    assert used.model.training
    used.predict_texts(TEXTS)
    assert used.model.training


def test_likeliest_tokens_are_in_order_and_never_more_than_the_vocabulary() -> None:
    (found, *_) = predictor(num_likeliest=50).predict_texts([[3, 4]])
    assert found.distributions is not None
    assert found.distributions.likeliest_ids.shape == (2, 20)
    assert (np.diff(found.distributions.likeliest_nll, axis=1) >= 0).all()
    place = found.distributions.likeliest_ids[0].tolist().index(3)
    assert found.distributions.ranks[0] == place + 1
