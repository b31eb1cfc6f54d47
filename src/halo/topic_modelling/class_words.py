"""The words of each topic, by class-based TF-IDF.

Shape letters: N units, W words, K topics.
"""

from typing import Any

import numpy as np
import numpy.typing as npt


def word_weights(counts_NW: Any, weights_NK: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Returns the weight of each word in each topic, shape (K, W), by class-based TF-IDF (Grootendorst 2022, BERTopic).

    The texts of a topic are read as one: the weight of a word is its share of that text's words, times
    log(1 + A / f), where f is how often the word occurs in all topics, and A the mean number of words of a topic. A
    text between two topics counts for both.

    Args:
        counts_NW: How often each word occurs in each unit, a sparse matrix.
        weights_NK: The weight of each topic in each unit; those of a unit add up to 1.
    """
    counts_KW = np.asarray(counts_NW.T @ weights_NK).T
    share_KW = counts_KW / np.maximum(counts_KW.sum(axis=1, keepdims=True), 1e-12)
    total_W = np.maximum(counts_KW.sum(axis=0), 1e-12)
    weights_KW: npt.NDArray[np.float64] = share_KW * np.log1p(counts_KW.sum() / len(counts_KW) / total_W)
    return weights_KW


def top_words(weights_KW: npt.NDArray[np.float64], number: int) -> list[list[int]]:
    """Returns the words of largest weight of each topic, those with a weight only, the most telling first.

    >>> top_words(np.array([[0.1, 0.0, 0.3], [0.0, 0.0, 0.0]]), 2)
    [[2, 0], []]
    """
    order_KW = np.argsort(-weights_KW, axis=1, kind="stable")[:, :number]
    return [
        [int(word) for word in order_W if weights_W[word] > 0]
        for order_W, weights_W in zip(order_KW, weights_KW, strict=True)
    ]


def diversity(topics: list[list[int]]) -> float:
    """Returns the share of different words among the top words of all topics (Dieng et al. 2020, 25 words a topic).

    >>> diversity([[1, 2], [2, 3]])
    0.75
    """
    words = [word for topic in topics for word in topic]
    return len({*words}) / max(1, len(words))
