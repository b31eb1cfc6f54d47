"""A vector of each text: means over its words of what a model knows, in which frequent words count little.

Shape letters: N texts, V words of the vocabulary, D features.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from halo.api.text_embeddings import Vectors, embed
from halo.bundle.loading import Bundle
from halo.reports.run_page.analysis.word_space import word_vectors

SMOOTHING = 1e-3
"""The frequency at which a word has half of its weight, `a` of Arora et al. (2017), who found 1e-3 to 1e-4 good."""
PROBE_WORDS = 64


def unit_vectors(bundle: Bundle, texts: Sequence[Sequence[int]]) -> Vectors:
    """Returns a vector for each text, float32, shape (N, D).

    A plain mean over a text's words is mostly that of its function words. Here a word of frequency p(w) in the training
    text has the weight a / (a + p(w)) (smooth inverse frequency, Arora et al. 2017, A simple but tough-to-beat baseline
    for sentence embeddings); `fit_topics` subtracts what all texts have in common. The weighted mean of the features of
    the last layer, which know the context, stands beside that of the word vectors, which do not; a model without a
    table of word vectors has the first alone.

    Args:
        bundle: The model.
        texts: The token ids of each text, at least one of which is neither `<unk>` nor `<eos>`.
    """
    tokenizer = bundle.tokenizer
    weights_V = word_weights(bundle.word_counts)
    weights_V[[tokenizer.unk_id, tokenizer.eos_id]] = 0
    in_context_ND = embed(bundle.model, texts, eos_id=tokenizer.eos_id, weights_V=weights_V)
    vectors_VD = word_vectors(bundle.model, tokenizer.vocab_size)
    if vectors_VD is None:
        return in_context_ND
    means = [np.average(vectors_VD[ids], axis=0, weights=weights_V[ids]) for ids in map(np.array, texts)]
    return np.hstack([in_context_ND, np.stack(means).astype(np.float32)])


def word_weights(counts_V: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Returns the weight of each word by its number of occurrences, from 0 to 1, float32, shape (V,).

    >>> word_weights(np.array([0, 1, 999])).astype(float).round(3).tolist()
    [1.0, 0.5, 0.001]
    """
    share_V = counts_V / max(1, counts_V.sum())
    return np.asarray(SMOOTHING / (SMOOTHING + share_V), dtype=np.float32)


def probe_vector(bundle: Bundle) -> Vectors:
    """Returns the vector of the first words of a model's vocabulary, read as one text, float32, shape (D,).

    Saved topics know the model that they were made with by it: another model, even one that differs in its seed only,
    gives these words another vector, and another device or library nearly the same.

    Args:
        bundle: The model.
    """
    tokenizer = bundle.tokenizer
    ids = [each for each in range(tokenizer.vocab_size) if each not in (tokenizer.unk_id, tokenizer.eos_id)]
    probe_D: Vectors = unit_vectors(bundle, [ids[:PROBE_WORDS]])[0]
    return probe_D
