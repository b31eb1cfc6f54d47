"""Character n-grams of the words of a vocabulary."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

MIN_WORDS = 6
"""N-grams that occur in fewer words than this are left out."""


class Subwords(NamedTuple):
    """The n-grams of each word, as pairs of ids; shape letter: P pairs, in the order of the words.

    Attributes:
        word_ids_P: Ids of words of the vocabulary, int64.
        ngram_ids_P: Ids of n-grams, from 0, int64.
        vocab_size: Number of words of the vocabulary, including those without n-grams.
        num_ngrams: Number of different n-grams.
    """

    word_ids_P: npt.NDArray[np.int64]
    ngram_ids_P: npt.NDArray[np.int64]
    vocab_size: int
    num_ngrams: int


def subwords(words: Sequence[str], *, shortest: int, longest: int) -> Subwords:
    """Returns the n-grams of each word that occur in at least `MIN_WORDS` words.

    As in Bojanowski et al. (2017), Enriching Word Vectors with Subword Information, `<` and `>` mark where a word
    begins and ends; case is ignored. Punctuation marks and special tokens such as `<unk>` have none.

    Args:
        words: The vocabulary, in the order of its ids.
        shortest: Length of the shortest n-grams, in characters.
        longest: Length of the longest n-grams, in characters.
    """
    ngrams_of = [_ngrams(word, shortest, longest) for word in words]
    ids = {ngram: number for number, ngram in enumerate(_kept(ngrams_of))}
    pairs = [(word_id, ids[n]) for word_id, ngrams in enumerate(ngrams_of) for n in ngrams if n in ids]
    word_ids_P, ngram_ids_P = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return Subwords(word_ids_P, ngram_ids_P, len(words), len(ids))


def ngrams(words: Sequence[str], *, shortest: int, longest: int) -> list[str]:
    """Returns the n-grams of a vocabulary in the order of the ids that `subwords` gives them.

    Args:
        words: As in `subwords`.
        shortest: As in `subwords`.
        longest: As in `subwords`.
    """
    return _kept([_ngrams(word, shortest, longest) for word in words])


def _kept(ngrams_of_words: Sequence[Sequence[str]]) -> list[str]:
    """Returns the n-grams that occur in enough words, sorted."""
    counts = Counter(ngram for of_word in ngrams_of_words for ngram in of_word)
    return sorted(ngram for ngram in counts if counts[ngram] >= MIN_WORDS)


def _ngrams(word: str, shortest: int, longest: int) -> list[str]:
    """Returns the n-grams of a word, without repetitions, shortest first.

    >>> _ngrams("Cough", 3, 4)
    ['<co', 'cou', 'oug', 'ugh', 'gh>', '<cou', 'coug', 'ough', 'ugh>']
    """
    if not any(map(str.isalnum, word)) or (word.startswith("<") and word.endswith(">")):
        return []
    marked = f"<{word.casefold()}>"
    sizes = range(shortest, longest + 1)
    return list(dict.fromkeys(marked[at : at + size] for size in sizes for at in range(len(marked) - size + 1)))
