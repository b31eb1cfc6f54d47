"""Documents -> train, validation and test, no document in two of them."""

import hashlib
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from halo.config import SPLITS, SplitConfig
from halo.corpus.store.document_hashes import HASH_BYTES, Hashes

Indexes = npt.NDArray[np.integer]
Places = npt.NDArray[np.int8]


def assign(labels: Sequence[str], hashes: Sequence[bytes] | Hashes, config: SplitConfig) -> Places:
    """Returns the split of each of three or more documents, as an index of `SPLITS`.

    The place of a document depends on its label, its content and how many documents there are, not on file names or on
    the order of reading. Within each label, documents are ordered by their hashes. The orders of all labels are merged
    into one such that each label is spread evenly over the whole: the i-th of n documents of a label stands at
    (i + offset) / n, and the offset is a hash of the label. This one order is cut twice: test in front, the smaller of
    train and validation at the back, the larger in the middle. So

    - the totals are exact, and a label gives each cut its share of what stands before the cut, rounded up or down;
    - a document that is added shifts each cut by one place at most, for all labels together: the others keep their
      order, and its own label has the same number before a cut, or one more. So at most two old documents cross a
      cut, one of them of its own label, and at most four move in all. More than the new totals force they do only
      where the new one goes to one end and the other end grows.

    Rounding the shares of each label by itself (as with the largest remainders) would keep every label nearer to its
    share, but one more document anywhere changes all the remainders, and so could flip every label's last seat.

    Args:
        labels: Of each document.
        hashes: Of each document, see `content_hash`.
        config: Fractions and seed.
    """
    names, label = np.unique(np.array(labels, dtype=object), return_inverse=True)
    positions = _positions(names, label, np.array(hashes, dtype=f"S{HASH_BYTES}"), config.seed)
    order = np.lexsort((label, positions))
    counts = split_sizes(len(labels), config)
    front = counts["test"]
    middle_name, back_name = ("train", "validation") if config.train >= config.validation else ("validation", "train")
    places = np.full(len(labels), SPLITS.index(middle_name), dtype=np.int8)
    places[order[:front]] = SPLITS.index("test")
    places[order[len(order) - counts[back_name] :]] = SPLITS.index(back_name)
    return places


def _positions(names: npt.NDArray[np.object_], label: Indexes, hashes: Hashes, seed: int) -> npt.NDArray[np.float64]:
    """Returns for each document where it stands in the merged order, from 0 to 1."""
    order = np.lexsort((hashes, label))
    sizes = np.bincount(label, minlength=len(names))
    rank = np.empty(len(label), dtype=np.int64)
    rank[order] = np.arange(len(label)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    digests = (hashlib.sha256(f"{seed}\n{name}".encode()).digest() for name in names)
    offsets = np.array([int.from_bytes(digest[:4], "big") / 2**32 for digest in digests])
    positions: npt.NDArray[np.float64] = (rank + offsets[label]) / sizes[label]
    return positions


def split_sizes(num_documents: int, config: SplitConfig) -> dict[str, int]:
    """Returns how many of three or more documents go into each split, at least one into each.

    One more document makes exactly one of the splits larger, and none smaller.

    >>> split_sizes(150, SplitConfig(train=0.8, validation=0.1, test=0.1, validation_ratio=None, seed=0))
    {'train': 120, 'validation': 15, 'test': 15}
    """
    test = _share(num_documents, config.test, at_most=num_documents - 2)
    rest = num_documents - test
    validation = _share(rest, config.validation / (config.train + config.validation), at_most=rest - 1)
    return {"train": rest - validation, "validation": validation, "test": test}


def _share(number: int, fraction: float, *, at_most: int) -> int:
    # The inner rounding shields against fractions such as 0.1 / 0.9 that fall just short of their decimal value; halves
    # go up, so that a larger number never has a smaller share.
    return min(max(math.floor(round(number * fraction, 9) + 0.5), 1), at_most)


def cut_points(words: Sequence[int], config: SplitConfig) -> tuple[int, int]:
    """Returns where a text of three or more paragraphs is cut in three contiguous parts, train, validation and test.

    The cuts are at the paragraph ends that are nearest to the fractions of the words, each part with one or more.

    Args:
        words: Words of each paragraph.
        config: Fractions.

    Returns:
        The first paragraph of validation, and the first of test.
    """
    ends = np.cumsum(words)
    train, validation = config.train * ends[-1], (config.train + config.validation) * ends[-1]
    first = 1 + int(np.argmin(np.abs(ends[: len(ends) - 2] - train)))
    second = first + 1 + int(np.argmin(np.abs(ends[first : len(ends) - 1] - validation)))
    return first, second
