"""The likeliest next words: against the softmax of the whole vocabulary."""

import torch

from halo.api.next_words import next_words
from tests.support.tiny_bundles import tiny_bundle


def test_probabilities_are_those_of_the_softmax() -> None:
    bundle = tiny_bundle()
    ids = [3, 4, 5]
    with torch.no_grad():
        logits_1TV, _ = bundle.model(torch.tensor([[bundle.tokenizer.eos_id, *ids]]))
    expected_V = logits_1TV[0, -1].softmax(-1)
    for word in next_words(bundle.model, bundle.tokenizer, ids, k=4):
        token_id = bundle.tokenizer.vocabulary()[word.word]
        assert abs(word.probability - float(expected_V[token_id])) < 1e-6
        assert abs(2**-word.bits - word.probability) < 1e-6
