"""Latent Dirichlet allocation, the topics that others are compared with.

Shape letters: N units, W words, K topics.
"""

from typing import Any, NamedTuple

import numpy as np

from halo.runtime.array_types import IntArray
from halo.runtime.errors import packages_of_extra

ALPHA, ETA = 0.1, 0.01
BURN_IN = 100
OPTIMIZE_EVERY = 10
MAX_WORDS = 25


class LdaTopics(NamedTuple):
    """The topics of a trained LDA.

    Attributes:
        words: The words of each topic with their probabilities, the likeliest first.
        topics_N: The likeliest topic of each unit; -1 for a unit without any of the words.
    """

    words: list[list[tuple[int, float]]]
    topics_N: IntArray


def require_tomotopy() -> None:
    """Raises `InputError` unless tomotopy is installed."""
    with packages_of_extra("topics", purpose="LDA"):
        import tomotopy  # noqa: F401


def fit_lda(counts_NW: Any, *, num_topics: int, seed: int, iterations: int) -> LdaTopics:
    """Returns the topics of units by latent Dirichlet allocation (Blei et al. 2003), by Gibbs sampling with tomotopy.

    The prior over topics is asymmetric and optimised every 10 iterations after the first 100, and that over words is
    symmetric, as Wallach et al. (2009, Rethinking LDA: Why priors matter) found best.

    Args:
        counts_NW: How often each word occurs in each unit, a sparse matrix.
        num_topics: The number of topics, K.
        seed: Seed of the sampler.
        iterations: Passes over the text.
    """
    import tomotopy

    model = tomotopy.LDAModel(k=num_topics, alpha=[ALPHA] * num_topics, eta=ETA, seed=seed)
    model.burn_in, model.optim_interval = BURN_IN, OPTIMIZE_EVERY
    rows = [_repeated(counts_NW, unit) for unit in range(counts_NW.shape[0])]
    filled = [number for number, row in enumerate(rows) if row]
    for number in filled:
        model.add_doc(rows[number])
    model.train(iterations, workers=1, parallel=tomotopy.ParallelScheme.NONE)
    likeliest = [model.get_topic_words(topic, top_n=MAX_WORDS) for topic in range(num_topics)]
    topics_N = np.full(counts_NW.shape[0], -1, dtype=np.int64)
    topics_N[filled] = [int(np.argmax(document.get_topic_dist())) for document in model.docs]
    return LdaTopics([[(int(word), float(share)) for word, share in topic] for topic in likeliest], topics_N)


def _repeated(counts_NW: Any, unit: int) -> list[str]:
    """Returns the words of a unit, as their numbers in text; their order has no meaning for LDA."""
    row = counts_NW[unit]
    return [str(word) for word, count in zip(row.indices, row.data, strict=True) for _ in range(count)]
