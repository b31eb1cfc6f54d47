"""Texts scored side by side have the surprisal that each has alone."""

import numpy as np
import torch

from halo.api.batched_scoring import TEXTS_PER_BATCH, surprisals
from halo.evaluation.text_scores import surprisal_bits
from halo.models.recurrent import RecurrentModel


def test_batches_and_padding_change_nothing() -> None:
    torch.manual_seed(0)
    model = RecurrentModel(vocab_size=20, embedding=8, hidden=8, pointer_tokens=5)
    generator = np.random.default_rng(0)
    lengths = [*range(TEXTS_PER_BATCH + 9), 150, 0, 1]
    texts = [generator.integers(20, size=length).tolist() for length in lengths]
    bits = surprisals(model, texts, eos_id=1)
    assert [len(each) for each in bits] == lengths
    assert model.training
    for ids, each in zip(texts[::12], bits[::12], strict=True):
        if ids:
            alone = surprisal_bits(model, np.array(ids, dtype=np.uint32), eos_id=1)
            np.testing.assert_allclose(each, alone, atol=1e-4)
