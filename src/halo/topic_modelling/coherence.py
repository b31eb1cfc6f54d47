"""The coherence of topics: do their words occur together in text that they were not made from?

Shape letters: T words of one unit, U words of all topics.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

WINDOW = 50
"""The length of the windows in which words occur together, in words; a shorter unit is one window."""
SMOOTHING = 1e-12
"""What is added to the probability of a pair, as gensim does; a pair that never occurs together has about -0.6."""


class Cooccurrence(NamedTuple):
    """In how many windows of a text words occur, and occur together.

    Attributes:
        words: The words, U of them, each with its number.
        together_UU: In how many windows two words occur, int64; on the diagonal, in how many the word occurs.
        windows: The number of windows.
    """

    words: dict[str, int]
    together_UU: npt.NDArray[np.int64]
    windows: int


def count_together(texts: Sequence[Sequence[str]], words: set[str]) -> Cooccurrence:
    """Returns in how many sliding windows of `WINDOW` words the given words occur together.

    A window is moved by one word at a time, and never reaches from one unit into the next.

    Args:
        texts: The words of each unit, in their order.
        words: The words that are counted.
    """
    number_of = {word: number for number, word in enumerate(sorted(words))}
    together_UU = np.zeros((len(words), len(words)), dtype=np.int64)
    windows = 0
    for text in texts:
        if not text:
            continue
        numbers_T = np.array([number_of.get(word, -1) for word in text])
        size = min(WINDOW, len(text))
        windows += len(text) - size + 1
        found = np.unique(numbers_T[numbers_T >= 0])
        before = np.vstack([np.zeros(len(found), dtype=np.int64), np.cumsum(numbers_T[:, None] == found, axis=0)])
        present = (before[size:] > before[:-size]).astype(np.int64)
        together_UU[np.ix_(found, found)] += present.T @ present
    return Cooccurrence(number_of, together_UU, windows)


def coherence(topic: Sequence[str], counts: Cooccurrence) -> float:
    """Returns the mean normalised pointwise mutual information of all pairs of a topic's words, from -1 to 1.

    NPMI (Bouma 2009; Lau et al. 2014, as `c_npmi` of gensim counts it): log(p(a, b) / (p(a) p(b))) / -log p(a, b),
    where p is the share of windows. Words that are independent have 0, and words that only occur together 1. A pair
    with a word that the text lacks counts as 0, since nothing is known of it.

    Args:
        topic: The words of the topic, which were counted.
        counts: The windows of the text.

    Returns:
        The mean; NaN with fewer than two words or without windows.
    """
    pairs = [(first, second) for number, first in enumerate(topic) for second in topic[:number]]
    if not pairs or not counts.windows:
        return float("nan")
    return float(np.mean([_npmi(counts, first, second) for first, second in pairs]))


def _npmi(counts: Cooccurrence, first: str, second: str) -> float:
    one, other = counts.words[first], counts.words[second]
    alone = counts.together_UU[one, one] * counts.together_UU[other, other] / counts.windows**2
    if alone == 0:
        return 0.0
    together = counts.together_UU[one, other] / counts.windows + SMOOTHING
    return float(np.log(together / alone) / -np.log(together)) if together < 1 else 1.0


def share_seen(topics: Sequence[Sequence[str]], counts: Cooccurrence) -> float:
    """Returns the share of the topics' words that the text has."""
    seen = [counts.together_UU[counts.words[word], counts.words[word]] > 0 for topic in topics for word in topic]
    return float(np.mean(seen)) if seen else 0.0
