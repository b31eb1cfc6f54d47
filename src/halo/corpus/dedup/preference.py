"""The order of preference among documents: which of several duplicates is kept."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from halo.config import SPLITS
from halo.runtime.array_types import IntArray

IdentityOf = Callable[[int], tuple[str, str, str]]

TRAIN = SPLITS.index("train")


class Preference(NamedTuple):
    """The order of preference among documents.

    Attributes:
        rank: For each document its position in the order.
        given_splits: For each document the split that it was given for, as an index of `SPLITS`; negative for documents
            that are still to be divided.
    """

    rank: IntArray
    given_splits: npt.NDArray[np.int8]

    @property
    def is_divided(self) -> bool:
        """Whether the documents are still to be divided into splits."""
        return bool((self.given_splits < 0).all())

    def given_split(self, document: int) -> str:
        """Returns the split that a document was given for; empty if it is still to be assigned."""
        number = int(self.given_splits[document])
        return SPLITS[number] if number >= 0 else ""

    def is_kept_whole(self, document: int) -> bool:
        """Returns whether a document was given for validation or test, of which nothing is dropped."""
        return bool(self.given_splits[document] > TRAIN)

    def in_same_held_out_split(self, one: int, other: int) -> bool:
        """Returns whether two documents were both given for validation, or both for test."""
        return self.is_kept_whole(one) and bool(self.given_splits[one] == self.given_splits[other])


def order_documents(
    digests: npt.NDArray[np.bytes_], given_splits: npt.NDArray[np.int8], identity_of: IdentityOf
) -> Preference:
    """Returns the order of preference, which does not depend on the order of reading.

    It is that of the digests, which is arbitrary but fixed; documents that were given for test come before those given
    for validation, and these before those given for training.

    Args:
        digests: For each document the digest of its words.
        given_splits: For each document its given split, see `Preference`.
        identity_of: Returns what distinguishes a document from others with the same words, its source last.
    """
    order = np.argsort(digests, kind="stable")
    equal = np.flatnonzero(digests[order[1:]] == digests[order[:-1]])
    for run in np.split(equal, np.flatnonzero(np.diff(equal) > 1) + 1) if len(equal) else ():
        tied = slice(int(run[0]), int(run[-1]) + 2)
        order[tied] = sorted(order[tied].tolist(), key=identity_of)
    order = order[np.argsort(-given_splits[order], kind="stable")]
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return Preference(rank, given_splits)
