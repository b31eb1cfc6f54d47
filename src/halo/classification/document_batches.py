"""Batches of documents of similar length.

Shape letters: B documents of a batch, N tokens of the longest of them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from halo.tokenization.tokenizer import TokenIds

POOL_BATCHES = 50
"""Batches whose documents are sorted by length together, in training: the others stay in random order."""


class DocumentBatch(NamedTuple):
    """Documents side by side.

    Attributes:
        ids_BN: Token ids, int64, filled up with `<eos>` behind the end of a document.
        lengths_B: Number of tokens of each, int64.
        targets_B: The number of the label of each, int64; -1 where it is not known.
    """

    ids_BN: Tensor
    lengths_B: Tensor
    targets_B: Tensor


def make_batch(documents: Sequence[TokenIds], targets: Sequence[int] | None, *, eos_id: int) -> DocumentBatch:
    """Returns documents as a batch.

    Args:
        documents: The token ids of each document, at least one document of at least one token.
        targets: The number of the label of each; None if they are not known.
        eos_id: The id of `<eos>`, with which shorter documents are filled up.
    """
    lengths_B = np.array([len(ids) for ids in documents], dtype=np.int64)
    ids_BN = np.full((len(documents), lengths_B.max()), eos_id, dtype=np.int64)
    for row, ids in zip(ids_BN, documents, strict=True):
        row[: len(ids)] = ids
    targets_B = np.full(len(documents), -1) if targets is None else np.asarray(targets)
    return DocumentBatch(
        torch.from_numpy(ids_BN), torch.from_numpy(lengths_B), torch.from_numpy(targets_B.astype(np.int64))
    )


def batches_by_length(lengths: Sequence[int], *, batch_size: int, max_difference: int | None = None) -> list[list[int]]:
    """Returns the numbers of documents in batches, the longest documents first.

    The first batch is the largest, so that memory runs out at once if it does.

    Args:
        lengths: Number of tokens of each document.
        batch_size: Number of documents of a batch, at most.
        max_difference: Tokens by which the documents of a batch may differ in length; None for any number.

    >>> batches_by_length([5, 900, 7, 6], batch_size=3, max_difference=100)
    [[1], [2, 3, 0]]
    """
    batches: list[list[int]] = []
    for number in sorted(range(len(lengths)), key=lambda each: -lengths[each]):
        is_full = not batches or len(batches[-1]) == batch_size
        if is_full or (max_difference is not None and lengths[batches[-1][0]] - lengths[number] > max_difference):
            batches.append([])
        batches[-1].append(number)
    return batches


def shuffled_batches(
    lengths: Sequence[int], *, batch_size: int, max_difference: int, seed: int, epoch: int
) -> list[list[int]]:
    """Returns the numbers of all documents in batches for an epoch of training, in random order.

    Documents are shuffled, and sorted by length within each `POOL_BATCHES` batches, so that little is spent on filling
    up; then the batches are shuffled.

    Args:
        lengths: Number of tokens of each document.
        batch_size: Number of documents of a batch, at most.
        max_difference: Tokens by which the documents of a batch may differ in length.
        seed: Seed of the order.
        epoch: The epoch, which changes the order.
    """
    generator = np.random.default_rng([seed, epoch])
    order = generator.permutation(len(lengths))
    batches: list[list[int]] = []
    for first in range(0, len(order), POOL_BATCHES * batch_size):
        pool = order[first : first + POOL_BATCHES * batch_size].tolist()
        of_pool = batches_by_length(
            [lengths[number] for number in pool], batch_size=batch_size, max_difference=max_difference
        )
        batches += [[pool[position] for position in batch] for batch in of_pool]
    return [batches[number] for number in generator.permutation(len(batches)).tolist()]


def split_batches(batches: Sequence[Sequence[int]], number: int) -> list[list[int]]:
    """Returns the batches with the largest ones halved until there are `number` of them, in the same order.

    Lightning takes the number of batches of the first epoch for that of all: it would leave out documents of an epoch
    with more of them, and would not validate after one with fewer.

    Args:
        batches: Batches, each of at least one document.
        number: Number of batches, at least as many as there are, and at most as many as documents.

    >>> split_batches([[1, 2, 3], [4]], 3)
    [[1, 2], [3], [4]]
    """
    found = [[*batch] for batch in batches]
    while len(found) < number:
        largest = max(range(len(found)), key=lambda index: len(found[index]))
        whole = found[largest]
        middle = (len(whole) + 1) // 2
        found[largest : largest + 1] = [whole[:middle], whole[middle:]]
    return found
