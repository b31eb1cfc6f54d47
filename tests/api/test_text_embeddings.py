"""Vectors of texts: the mean of the features, whatever is read beside them."""

import numpy as np
import torch

from halo.api.text_embeddings import TEXTS_PER_BATCH, WINDOW_TOKENS, embed
from tests.support.tiny_bundles import tiny_bundle


def test_a_vector_is_the_mean_of_the_features_whatever_is_read_beside_it() -> None:
    bundle = tiny_bundle()
    generator = torch.Generator().manual_seed(0)
    sizes = [1, 2, WINDOW_TOKENS, WINDOW_TOKENS + 7, *range(3, TEXTS_PER_BATCH + 3)]
    texts = [torch.randint(bundle.tokenizer.vocab_size, (size,), generator=generator).tolist() for size in sizes]
    vectors = embed(bundle.model, texts, eos_id=bundle.tokenizer.eos_id)
    assert vectors.dtype == np.float32
    for ids, vector in zip(texts, vectors, strict=True):
        with torch.no_grad():
            features = bundle.model.read(torch.tensor([[bundle.tokenizer.eos_id, *ids]]), None).features_BTD
        np.testing.assert_allclose(vector, features[0, 1:].mean(0).numpy(), atol=1e-5)
