"""The predictions over a sentence."""

import math

import pytest
import torch

from halo.evaluation.text_scores import surprisal_bits
from halo.showing.predictions import predict_sentence, ranks
from tests.conftest import MODELS
from tests.support.lessons import material_of


@pytest.mark.parametrize("name", MODELS)
def test_losses_are_those_of_evaluation(name: str) -> None:
    material = material_of(name)
    ids, eos = material.sentence.ids, material.tokenizer.eos_id
    predictions = predict_sentence(material.network, torch.tensor([eos, *ids[:-1]]))
    nll_T = -predictions.log_probabilities_TV.gather(1, torch.tensor(ids).unsqueeze(1)).squeeze(1)
    expected = torch.tensor(surprisal_bits(material.network, torch.tensor(ids).numpy(), eos_id=eos)) * math.log(2)
    torch.testing.assert_close(nll_T, expected.float(), atol=1e-4, rtol=1e-4)


def test_softmax_and_pointer_share_the_probability() -> None:
    material = material_of("lstm")
    ids = torch.tensor([material.tokenizer.eos_id, *material.sentence.ids])
    predictions = predict_sentence(material.network, ids)
    assert predictions.pointer_share_T is not None
    assert predictions.pointer_share_T[0] == 0  # there is no earlier word
    rest_T = 1 - predictions.pointer_share_T
    softmax_TV = predictions.logits_TV.softmax(1) * rest_T.unsqueeze(1)
    assert (predictions.log_probabilities_TV.exp() - softmax_TV).min() > -1e-6
    torch.testing.assert_close(predictions.log_probabilities_TV.exp().sum(1), torch.ones(len(ids)))


def test_equally_likely_words_share_a_rank() -> None:
    assert ranks(torch.zeros(2, 5), torch.tensor([0, 4])).tolist() == [1, 1]
