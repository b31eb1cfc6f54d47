import numpy as np
from sklearn.metrics import adjusted_rand_score

from halo.topic_modelling.lda import fit_lda
from halo.topic_modelling.words import count_words
from tests.support.planted_topics import planted_units


def test_planted_topics_are_found_and_the_seed_decides() -> None:
    units = planted_units()
    everything = [True] * len(units)
    counts = count_words(
        units.tokens, everything, units.documents.tolist(), min_documents=2, max_share=0.5, cased_forms={}
    )
    found = fit_lda(counts.counts_NW, num_topics=3, seed=1, iterations=150)
    assert adjusted_rand_score(found.topics_N, units.labels) == 1
    again = fit_lda(counts.counts_NW, num_topics=3, seed=1, iterations=150)
    assert found.words == again.words
    assert np.array_equal(found.topics_N, again.topics_N)


def test_a_unit_without_any_of_the_words_has_no_topic() -> None:
    units = planted_units(num_units=30)
    tokens = [*units.tokens, ["other", "words"]]
    counts = count_words(tokens, [True] * 31, list(range(31)), min_documents=2, max_share=0.5, cased_forms={})
    found = fit_lda(counts.counts_NW, num_topics=2, seed=1, iterations=20)
    assert found.topics_N[-1] == -1
    assert (found.topics_N[:-1] >= 0).all()
