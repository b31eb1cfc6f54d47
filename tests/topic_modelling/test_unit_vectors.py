import numpy as np
import pytest

from halo.api.text_embeddings import embed
from halo.reports.run_page.analysis.word_space import word_vectors
from halo.topic_modelling.unit_vectors import probe_vector, unit_vectors, word_weights
from tests.support.tiny_bundles import tiny_bundle


def test_vectors_are_means_in_which_rare_words_count_more() -> None:
    bundle = tiny_bundle()
    tokenizer = bundle.tokenizer
    ids = tokenizer.encode("the air")
    first, second = weights = word_weights(bundle.word_counts)[ids]
    one = embed(bundle.model, [ids[:1]], eos_id=tokenizer.eos_id)[0]
    other = 2 * embed(bundle.model, [ids], eos_id=tokenizer.eos_id)[0] - one  # the features after the second token
    table = word_vectors(bundle.model, tokenizer.vocab_size)
    assert table is not None
    found = unit_vectors(bundle, [tokenizer.encode("the virus spreads"), ids])
    assert found.shape == (2, len(one) + table.shape[1])
    assert np.allclose(found[1][: len(one)], (first * one + second * other) / (first + second), atol=1e-5)
    assert np.allclose(found[1][len(one) :], np.average(table[ids], axis=0, weights=weights), atol=1e-5)


def test_a_model_without_word_vectors_has_its_last_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = tiny_bundle()
    ids = bundle.tokenizer.encode("the virus spreads")
    both = unit_vectors(bundle, [ids])
    monkeypatch.setattr("halo.topic_modelling.unit_vectors.word_vectors", lambda *_: None)
    alone = unit_vectors(bundle, [ids])
    assert np.array_equal(alone, both[:, : alone.shape[1]])
    assert alone.shape[1] < both.shape[1]


def test_unknown_words_do_not_count() -> None:
    bundle = tiny_bundle()
    ids = bundle.tokenizer.encode("the air")
    unknown = [*ids, bundle.tokenizer.unk_id]
    assert np.allclose(unit_vectors(bundle, [ids]), unit_vectors(bundle, [unknown]), atol=1e-6)


def test_the_probe_tells_models_apart() -> None:
    probe = probe_vector(tiny_bundle())
    assert np.allclose(probe, probe_vector(tiny_bundle()))
    assert np.linalg.norm(probe - probe_vector(tiny_bundle(seed=1))) > 0.1 * np.linalg.norm(probe)
