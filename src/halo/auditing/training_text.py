"""Search of the training text for sequences of tokens, by a suffix array (Manber and Myers 1993).

The array sorts all positions of the text by the tokens that follow them, so that the places of a sequence are
neighbours in it. A sequence is looked up token by token: each one narrows the range of neighbours.

Shape letters: N tokens of a part of the training text, Q places of the texts that are looked up, D documents.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from halo.runtime.errors import packages_of_extra
from halo.tokenization.tokenizer import TokenIds

PART_TOKENS = 2**22
"""Tokens of the training text that are sorted at a time, which bounds the memory of a longer one."""

NOTHING = -1
"""Stands for a token that is equal to no other, and for the end of a text."""

Integers = npt.NDArray[np.int64]


class _Part(NamedTuple):
    """A part of the training text with its suffix array.

    Attributes:
        first: Index of its first token in the whole text.
        ids_N: Its tokens, then `NOTHING`.
        order_N: The positions in the part, sorted by the tokens that follow them.
        num_own: How many positions are its own; those after them begin the next part.
    """

    first: int
    ids_N: Integers
    order_N: Integers
    num_own: int


class _Found(NamedTuple):
    """The longest sequences that begin at places of a text and stand in a part of the training text.

    Attributes:
        lengths_Q: Their numbers of tokens.
        starts_Q: For each the index of its first place in the suffix array.
        ends_Q: The index after its last place.
    """

    lengths_Q: Integers
    starts_Q: Integers
    ends_Q: Integers


class TrainingText:
    """The training text of a model, in which sequences of tokens are looked up.

    Args:
        ids: Its token ids; may be memory-mapped.
        excluded: Ids that are equal to nothing, such as that of `<unk>`, which stands for different words.
        offsets_D: Index of the first id of each document, and the number of ids.

    Raises:
        InputError: pydivsufsort is not installed.
    """

    def __init__(self, ids: TokenIds, *, excluded: Sequence[int], offsets_D: npt.NDArray[np.integer]) -> None:
        with packages_of_extra("train", purpose="the audit"):
            from pydivsufsort import divsufsort
        self._ids, self._excluded, self._offsets_D = ids, excluded, offsets_D
        self._sort = divsufsort
        self._only_part: _Part | None = None

    def longest_matches(self, texts: Sequence[npt.ArrayLike]) -> list[Integers]:
        """Returns for each token of each text how many tokens from it on stand in the training text in that order.

        >>> train = TrainingText(np.array([5, 6, 7, 5, 6, 8]), excluded=[], offsets_D=np.array([0, 6]))
        >>> [each.tolist() for each in train.longest_matches([[5, 6, 8], [6, 7, 9]])]
        [[3, 2, 1], [2, 1, 0]]
        """
        if not texts:
            return []
        queries = [self._query(each) for each in texts]
        ids, overlap = np.concatenate(queries), max(map(len, queries))
        longest = np.zeros(len(ids), dtype=np.int64)
        for part in self._parts(overlap):
            np.maximum(longest, _look_up(part, ids, np.arange(len(ids))).lengths_Q, out=longest)
        ends = np.cumsum([len(each) for each in queries])
        return [each[:-1] for each in np.split(longest, ends[:-1])]

    def places(self, sequences: Sequence[npt.ArrayLike]) -> list[Integers]:
        """Returns the places of each sequence in the training text: indices of first tokens, in order.

        >>> train = TrainingText(np.array([5, 6, 7, 5, 6, 8]), excluded=[], offsets_D=np.array([0, 6]))
        >>> [each.tolist() for each in train.places([[5, 6], [7, 8]])]
        [[0, 3], []]
        """
        if not sequences:
            return []
        queries = [self._query(each) for each in sequences]
        sizes = np.array([len(each) - 1 for each in queries])
        starts = np.concatenate([[0], np.cumsum(sizes + 1)[:-1]])
        places: list[list[Integers]] = [[] for _ in queries]
        for part in self._parts(max(map(len, queries))):
            found = _look_up(part, np.concatenate(queries), starts)
            for number in np.flatnonzero(found.lengths_Q == sizes):
                own = part.order_N[found.starts_Q[number] : found.ends_Q[number]]
                places[number].append(own[own < part.num_own] + part.first)
        return [np.sort(np.concatenate([np.empty(0, dtype=np.int64), *each])) for each in places]

    def documents(self, places: Integers) -> Integers:
        """Returns the number of the document of each place, counted from 0."""
        found: Integers = np.searchsorted(self._offsets_D, places, side="right") - 1
        return found

    def _query(self, text: npt.ArrayLike) -> Integers:
        ids = np.array(text, dtype=np.int64)
        ids[np.isin(ids, self._excluded)] = NOTHING
        return np.append(ids, NOTHING)

    def _parts(self, overlap: int) -> Iterator[_Part]:
        """Yields the parts of the text; each has `overlap` tokens of the next one, so that no sequence is cut."""
        if self._only_part is not None:
            yield self._only_part
            return
        for first in range(0, len(self._ids), PART_TOKENS):
            ids = np.asarray(self._ids[first : first + PART_TOKENS + overlap])
            part = _Part(
                first,
                np.append(ids.astype(np.int64), NOTHING),
                np.asarray(self._sort(np.ascontiguousarray(ids)), dtype=np.int64),
                min(PART_TOKENS, len(ids)),
            )
            if len(self._ids) <= PART_TOKENS:
                self._only_part = part
            yield part


def _look_up(part: _Part, ids: Integers, places_Q: Integers) -> _Found:
    """Returns the longest sequence from each place of `ids` on that stands in a part, and where it stands."""
    lengths_Q = np.zeros(len(places_Q), dtype=np.int64)
    starts_Q = np.zeros(len(places_Q), dtype=np.int64)
    ends_Q = np.full(len(places_Q), len(part.order_N), dtype=np.int64)
    active = np.flatnonzero(ids[places_Q] != NOTHING)
    depth = 0
    while len(active):
        wanted = ids[places_Q[active] + depth]
        low = _bound(part, starts_Q[active], ends_Q[active], wanted, depth, include_equal=False)
        high = _bound(part, low, ends_Q[active], wanted, depth, include_equal=True)
        is_found = high > low
        active = active[is_found]
        starts_Q[active], ends_Q[active] = low[is_found], high[is_found]
        depth += 1
        lengths_Q[active] = depth
        active = active[ids[places_Q[active] + depth] != NOTHING]
    return _Found(lengths_Q, starts_Q, ends_Q)


def _bound(
    part: _Part, low: Integers, high: Integers, wanted: Integers, depth: int, *, include_equal: bool
) -> Integers:
    """Returns the first index from `low` to `high` whose token at `depth` is above the wanted one, by bisection.

    Args:
        part: Part of the training text.
        low: First index of each range of the suffix array.
        high: Index after each range.
        wanted: The wanted tokens.
        depth: How many tokens all positions of a range have in common.
        include_equal: Whether tokens equal to the wanted one are passed over too.
    """
    low, high = low.copy(), high.copy()
    while len(open_ranges := np.flatnonzero(low < high)):
        middle = (low[open_ranges] + high[open_ranges]) // 2
        tokens = part.ids_N[part.order_N[middle] + depth]
        is_below = tokens <= wanted[open_ranges] if include_equal else tokens < wanted[open_ranges]
        low[open_ranges[is_below]] = middle[is_below] + 1
        high[open_ranges[~is_below]] = middle[~is_below]
    return low
