"""Excerpts of the training text and of held-out text, drawn at random.

Shape letters: T tokens of an excerpt.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from halo.auditing.training_text import Integers
from halo.corpus.corpus import Corpus

EXCERPT_TOKENS = 128
"""Tokens of each excerpt and of each generated text: more than twice the longest n-gram that is counted."""

HELD_OUT = ("validation", "test")
"""The splits that the model was not trained on."""


@dataclass(frozen=True)
class Excerpt:
    """Tokens of a text, one after another.

    Attributes:
        ids_T: The tokens.
        document: Split and number of the document in which it begins.
    """

    ids_T: Integers
    document: tuple[str, int]


class Excerpts:
    """Excerpts of some splits that do not overlap, in random order.

    Args:
        corpus: The prepared text.
        splits: The splits.
        seed: Seed of the order.
        length: Tokens of each excerpt.
    """

    def __init__(self, corpus: Corpus, splits: Sequence[str], *, seed: int, length: int = EXCERPT_TOKENS) -> None:
        self._corpus, self._length = corpus, length
        starts = [(split, start) for split in splits for start in _starts(len(corpus.ids[split]), length)]
        order = np.random.default_rng([seed, len(splits)]).permutation(len(starts))
        self._starts = [starts[number] for number in order]

    def __len__(self) -> int:
        return len(self._starts)

    def first(self, number: int, *, usable: Callable[[Integers], bool] = lambda _: True) -> list[Excerpt]:
        """Returns the first excerpts that are usable, fewer than asked for if there are no more.

        Args:
            number: How many at most.
            usable: Whether an excerpt is, by its tokens.
        """
        found: list[Excerpt] = []
        for split, start in self._starts:
            if len(found) == number:
                break
            ids_T = np.asarray(self._corpus.ids[split][start : start + self._length]).astype(np.int64)
            if usable(ids_T):
                document = int(np.searchsorted(self._corpus.offsets[split], start, side="right")) - 1
                found.append(Excerpt(ids_T, (split, document)))
        return found


def _starts(num_tokens: int, length: int) -> range:
    """Returns where excerpts begin; what is left over at the end of the text is in none."""
    return range(0, num_tokens - length + 1, length)
