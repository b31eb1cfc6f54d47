"""A table of words, each tokenized and hashed only once: among millions of words few are different.

A word here is whatever stands between white space, such as `(COVID-19),`: no token extends beyond it.
"""

from array import array
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from halo.corpus.dedup.shingles import UnitHashes, hashes_of_word
from halo.runtime.array_types import IntArray

TokenNumbers = npt.NDArray[np.uint32]
"""Numbers of tokens in a table, each with the bit `GLUED` if there is no space before the token."""

MAX_WORDS = 2**18
PARAGRAPH_END = "\n"
GLUED = 2**31  # the bit of a token number that says that there is no space before the token


def without_glue(tokens: TokenNumbers) -> TokenNumbers:
    """Returns the numbers of tokens without the bit `GLUED`."""
    return tokens & ~np.uint32(GLUED)


class WordTable:
    """Assigns numbers to words and tokens as they are encountered.

    The end of a paragraph is both a word and a token, with number 0. A full table is emptied, which bounds its memory;
    numbers are valid until `make_room` is called.

    Args:
        split_word: Returns the tokens of a word, which are all its characters, in order.
    """

    def __init__(self, split_word: Callable[[str], Sequence[str]]) -> None:
        self._split_word = split_word
        self._reset()

    def _reset(self) -> None:
        self._word_numbers = _WordNumbers(self._add_word)
        self._word_numbers[PARAGRAPH_END] = 0
        self._token_numbers: dict[str, int] = {PARAGRAPH_END: 0}
        # For each word the index of its first token in `_tokens_of_words` and its number of tokens; and the same for
        # the hashes of its units, of which the end of a paragraph has none.
        self._first, self._count = array("q", [0]), array("q", [1])
        self._tokens_of_words = array("I", [0])
        self._first_unit, self._unit_count = array("q", [0]), array("q", [0])
        self._hashes_of_words = array("Q")

    def make_room(self) -> None:
        """Empties the table if it is full."""
        if len(self._word_numbers) > MAX_WORDS:
            self._reset()

    def _add_word(self, word: str) -> int:
        tokens = self._split_word(word)
        self._first.append(len(self._tokens_of_words))
        self._count.append(len(tokens))
        hashes = hashes_of_word(word)
        self._first_unit.append(len(self._hashes_of_words))
        self._unit_count.append(len(hashes))
        self._hashes_of_words.extend(hashes)
        for position, token in enumerate(tokens):
            number = self._token_numbers.setdefault(token, len(self._token_numbers))
            self._tokens_of_words.append(number | GLUED if position else number)
        return len(self._word_numbers)

    def numbers(self, words: Sequence[str]) -> IntArray:
        """Returns the number of each word."""
        return np.fromiter(map(self._word_numbers.__getitem__, words), dtype=np.int64, count=len(words))

    def unit_hashes(self, word_numbers: IntArray) -> tuple[UnitHashes, IntArray]:
        """Returns the hashes of the units of all words, one word after another, and the number of units of each."""
        counts = np.frombuffer(self._unit_count, dtype=np.int64)[word_numbers]
        first = np.frombuffer(self._first_unit, dtype=np.int64)[word_numbers]
        has_one = counts == 1
        # In most languages every word is a unit, which is quicker.
        indexes = first[has_one] if counts.max(initial=0) <= 1 else _indexes(first, counts)
        return np.frombuffer(self._hashes_of_words, dtype=np.uint64)[indexes], counts

    def tokens(self, word_numbers: IntArray) -> tuple[TokenNumbers, IntArray]:
        """Returns the tokens of all words, one word after another, and the number of tokens of each word."""
        counts = np.frombuffer(self._count, dtype=np.int64)[word_numbers]
        first = np.frombuffer(self._first, dtype=np.int64)[word_numbers]
        return np.frombuffer(self._tokens_of_words, dtype=np.uint32)[_indexes(first, counts)], counts

    def token_strings(self) -> list[str]:
        """Returns the token of each number."""
        return list(self._token_numbers)


def _indexes(first: IntArray, counts: IntArray) -> IntArray:
    """Returns the indexes of `counts` consecutive elements from each of `first`, one run after another."""
    ends = np.cumsum(counts)
    indexes: IntArray = np.arange(ends[-1] if len(ends) else 0) + np.repeat(first - ends + counts, counts)
    return indexes


class _WordNumbers(dict[str, int]):
    """A dict that adds missing words to the table."""

    def __init__(self, add_word: Callable[[str], int]) -> None:
        super().__init__()
        self._add_word = add_word

    def __missing__(self, word: str) -> int:
        number = self[word] = self._add_word(word)
        return number
