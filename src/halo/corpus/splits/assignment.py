"""The assignment of documents to train, validation and test: disjoint, stratified by label, and stable."""

import hashlib
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from halo.config import SPLITS, SplitConfig
from halo.corpus.store.document_hashes import HASH_BYTES, DocumentHashes

LabelNumbers = npt.NDArray[np.integer]
SplitNumbers = npt.NDArray[np.int8]
"""Splits as indexes of `SPLITS`."""


def assign_splits(labels: Sequence[str], hashes: Sequence[bytes] | DocumentHashes, config: SplitConfig) -> SplitNumbers:
    """Returns the split of each of three or more documents, as an index of `SPLITS`.

    The split of a document depends on its label, its content and the number of documents, not on file names or on the
    order of reading. Within each label, documents are ordered by their hashes. The orders of all labels are merged into
    one such that each label is spread evenly over the whole: the i-th of n documents of a label is placed at
    (i + offset) / n, where the offset is a hash of the label. This single order is cut twice: test in front, the
    smaller of train and validation at the back, the larger in the middle. So

    - the totals are exact, and a label gives each cut its share of what precedes the cut, rounded up or down;
    - a document that is added shifts each cut by at most one position, for all labels together: the others keep their
      order, and its own label has the same number before a cut, or one more. So at most two old documents cross a
      cut, one of them of its own label, and at most four move in all. More than the new totals require move only if
      the new one goes to one end and the other end grows.

    Rounding the shares of each label separately (as with the largest remainders) would keep every label nearer to its
    share, but one more document anywhere changes all remainders, and so could flip the last seat of every label.

    Args:
        labels: Label of each document.
        hashes: Hash of each document, see `content_hash`.
        config: Fractions and seed.
    """
    names, label = np.unique(np.array(labels, dtype=object), return_inverse=True)
    positions = _positions(names, label, np.array(hashes, dtype=f"S{HASH_BYTES}"), config.seed)
    order = np.lexsort((label, positions))
    counts = split_sizes(len(labels), config)
    front = counts["test"]
    middle_name, back_name = ("train", "validation") if config.train >= config.validation else ("validation", "train")
    splits = np.full(len(labels), SPLITS.index(middle_name), dtype=np.int8)
    splits[order[:front]] = SPLITS.index("test")
    splits[order[len(order) - counts[back_name] :]] = SPLITS.index(back_name)
    return splits


def _positions(
    names: npt.NDArray[np.object_], label: LabelNumbers, hashes: DocumentHashes, seed: int
) -> npt.NDArray[np.float64]:
    """Returns the position of each document in the merged order, from 0 to 1."""
    order = np.lexsort((hashes, label))
    sizes = np.bincount(label, minlength=len(names))
    rank = np.empty(len(label), dtype=np.int64)
    rank[order] = np.arange(len(label)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    digests = (hashlib.sha256(f"{seed}\n{name}".encode()).digest() for name in names)
    offsets = np.array([int.from_bytes(digest[:4], "big") / 2**32 for digest in digests])
    positions: npt.NDArray[np.float64] = (rank + offsets[label]) / sizes[label]
    return positions


def split_sizes(num_documents: int, config: SplitConfig) -> dict[str, int]:
    """Returns the number of documents of each split, at least one each, out of three or more.

    One more document makes exactly one of the splits larger, and none smaller.

    >>> split_sizes(150, SplitConfig(train=0.8, validation=0.1, test=0.1, validation_ratio=None, seed=0))
    {'train': 120, 'validation': 15, 'test': 15}
    """
    test = _share(num_documents, config.test, at_most=num_documents - 2)
    rest = num_documents - test
    validation = _share(rest, config.validation / (config.train + config.validation), at_most=rest - 1)
    return {"train": rest - validation, "validation": validation, "test": test}


def _share(number: int, fraction: float, *, at_most: int) -> int:
    # The inner rounding guards against fractions such as 0.1 / 0.9 that fall just short of their decimal value; halves
    # are rounded up, so that a larger number never has a smaller share.
    return min(max(math.floor(round(number * fraction, 9) + 0.5), 1), at_most)


def cut_points(words: Sequence[int], config: SplitConfig) -> tuple[int, int]:
    """Returns where to cut a text of three or more paragraphs into contiguous parts: train, validation and test.

    The cuts are at the paragraph ends nearest to the fractions of the words; each part has at least one paragraph.

    Args:
        words: Number of words of each paragraph.
        config: Fractions.

    Returns:
        The index of the first paragraph of validation, and of the first of test.
    """
    ends = np.cumsum(words)
    train, validation = config.train * ends[-1], (config.train + config.validation) * ends[-1]
    first = 1 + int(np.argmin(np.abs(ends[: len(ends) - 2] - train)))
    second = first + 1 + int(np.argmin(np.abs(ends[first : len(ends) - 1] - validation)))
    return first, second
