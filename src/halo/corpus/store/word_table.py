"""The words of a text, each cut into its tokens and hashed once: of millions of words few are different.

A word here is what stands between white space, such as `(COVID-19),`: no token reaches beyond it.
"""

from array import array
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from halo.corpus.dedup.shingles import Hashes, word_hash

Ids = npt.NDArray[np.uint32]
Indexes = npt.NDArray[np.int64]

MAX_WORDS = 2**18
PARAGRAPH_END = "\n"
GLUED = 2**31  # the bit that says that a token stands close to the one before it


class WordTable:
    """Numbers for words and tokens, as they are met.

    The end of a paragraph is a word and a token of its own, of number 0. When the table is full it begins anew: what it
    holds of memory is bounded, and numbers hold until `make_room` is called.

    Args:
        cut: Returns the tokens of a word, which are all its characters, in order.
    """

    def __init__(self, cut: Callable[[str], Sequence[str]]) -> None:
        self._cut = cut
        self._begin()

    def _begin(self) -> None:
        self._words = _Numbers(self._learn)
        self._words[PARAGRAPH_END] = 0
        self._token_numbers: dict[str, int] = {PARAGRAPH_END: 0}
        self._first, self._count, self._hashes, self._flat = (
            array("q", [0]),
            array("q", [1]),
            array("Q", [0]),
            array("I", [0]),
        )

    def make_room(self) -> None:
        """Forgets everything where the table is full."""
        if len(self._words) > MAX_WORDS:
            self._begin()

    def _learn(self, word: str) -> int:
        tokens = self._cut(word)
        self._first.append(len(self._flat))
        self._count.append(len(tokens))
        self._hashes.append(word_hash(word))
        for position, token in enumerate(tokens):
            number = self._token_numbers.setdefault(token, len(self._token_numbers))
            self._flat.append(number | GLUED if position else number)
        return len(self._words)

    def number(self, words: Sequence[str]) -> Indexes:
        """Returns the number of each word."""
        return np.fromiter(map(self._words.__getitem__, words), dtype=np.int64, count=len(words))

    def hashes(self, words: Indexes) -> Hashes:
        """Returns the hash of each word that is given by its number."""
        return np.frombuffer(self._hashes, dtype=np.uint64)[words]

    def tokens(self, words: Indexes) -> tuple[Ids, Indexes]:
        """Returns the numbers of the tokens of all words, with `GLUED`, and how many each word has."""
        counts = np.frombuffer(self._count, dtype=np.int64)[words]
        first = np.frombuffer(self._first, dtype=np.int64)[words]
        ends = np.cumsum(counts)
        places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(first - ends + counts, counts)
        return np.frombuffer(self._flat, dtype=np.uint32)[places], counts

    def token_strings(self) -> list[str]:
        """Returns the token of each number."""
        return list(self._token_numbers)


class _Numbers(dict[str, int]):
    """A dict that asks for what it does not hold."""

    def __init__(self, learn: Callable[[str], int]) -> None:
        super().__init__()
        self._learn = learn

    def __missing__(self, word: str) -> int:
        number = self[word] = self._learn(word)
        return number
