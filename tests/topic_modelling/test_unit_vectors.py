import numpy as np

from halo.api.text_embeddings import embed
from halo.topic_modelling.unit_vectors import probe_vector, unit_vectors, word_weights
from tests.support.tiny_bundles import tiny_bundle


def test_vectors_are_means_in_which_rare_words_count_more() -> None:
    bundle = tiny_bundle()
    texts = [bundle.tokenizer.encode("the virus spreads"), bundle.tokenizer.encode("the air")]
    found = unit_vectors(bundle, texts)
    assert found.shape == (2, bundle.model.read.__self__.output.words.embedding_dim)  # type: ignore[attr-defined]
    weights = word_weights(bundle.word_counts)
    parts = [embed(bundle.model, [texts[1][:1]], eos_id=bundle.tokenizer.eos_id)]
    both = embed(bundle.model, [texts[1]], eos_id=bundle.tokenizer.eos_id)
    parts.append(2 * both - parts[0])  # the features after the second token
    first, second = weights[texts[1]]
    assert np.allclose(found[1], (first * parts[0][0] + second * parts[1][0]) / (first + second), atol=1e-5)


def test_unknown_words_do_not_count() -> None:
    bundle = tiny_bundle()
    ids = bundle.tokenizer.encode("the air")
    unknown = [*ids, bundle.tokenizer.unk_id]
    assert np.allclose(unit_vectors(bundle, [ids]), unit_vectors(bundle, [unknown]), atol=1e-6)


def test_the_probe_tells_models_apart() -> None:
    probe = probe_vector(tiny_bundle())
    assert np.allclose(probe, probe_vector(tiny_bundle()))
    assert np.linalg.norm(probe - probe_vector(tiny_bundle(seed=1))) > 0.1 * np.linalg.norm(probe)
