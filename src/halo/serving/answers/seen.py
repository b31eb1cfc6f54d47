"""Finds the passages of a text that stand word for word in the training text of a model.

Shape letters: N tokens of the training text, Q places of the text that is asked about.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from halo.tokenization.tokenizer import TokenIds

CHUNK_TOKENS = 2**20
"""Tokens of the training text that are hashed at a time: the memory of a longer text does not grow."""

FACTOR = np.uint64(0x9E3779B97F4A7C15)
"""Odd, so that it has an inverse among 64-bit numbers: no token is lost from a hash."""


class Passage(NamedTuple):
    """Tokens of a text that stand in the training text, as many in a row as possible.

    Attributes:
        first: Index of the first token.
        last: Index after the last token.
    """

    first: int
    last: int


def find_passages(
    train_ids_N: TokenIds, ids: Sequence[int], *, min_tokens: int, excluded: Sequence[int]
) -> list[Passage]:
    """Returns the passages of a text that stand in the training text, in order; none is within another.

    Candidates are found by hashes and then compared token by token.

    Args:
        train_ids_N: Token ids of the training text; may be memory-mapped.
        ids: Token ids of the text.
        min_tokens: The number of tokens that a passage has at least.
        excluded: Ids that are equal to nothing, such as that of `<unk>`, which stands for different words.

    >>> train = np.array([7, 2, 3, 4, 9, 2, 3, 5], dtype=np.uint16)
    >>> find_passages(train, [2, 3, 4, 9, 3, 5], min_tokens=2, excluded=[])
    [Passage(first=0, last=4), Passage(first=4, last=6)]
    """
    asked = np.array(ids, dtype=np.int64)
    if len(asked) < min_tokens or len(train_ids_N) < min_tokens:
        return []
    is_excluded = np.isin(asked, excluded)
    hashes_Q = _hashes(asked, min_tokens)
    usable = np.array([not is_excluded[place : place + min_tokens].any() for place in range(len(hashes_Q))])
    occurrences = _occurrences(train_ids_N, hashes_Q, usable, min_tokens)
    passages: list[Passage] = []
    for place in np.flatnonzero(usable).tolist():
        size = _longest(
            train_ids_N, occurrences.get(int(hashes_Q[place]), _NOWHERE), asked[place:], is_excluded[place:]
        )
        if size >= min_tokens and not (passages and place + size <= passages[-1].last):
            passages.append(Passage(place, place + size))
    return passages


_NOWHERE = np.empty(0, dtype=np.int64)


def _hashes(ids: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.uint64]:
    """Returns a hash of each sequence of `size` ids."""
    numbers = ids.astype(np.uint64) + np.uint64(1)
    hashes = np.zeros(len(ids) - size + 1, dtype=np.uint64)
    for offset in range(size):
        hashes = hashes * FACTOR + numbers[offset : offset + len(hashes)]
    return hashes


def _occurrences(
    train_ids_N: TokenIds, hashes_Q: npt.NDArray[np.uint64], usable_Q: npt.NDArray[np.bool_], size: int
) -> dict[int, npt.NDArray[np.int64]]:
    """Returns the places in the training text where sequences with each of the hashes begin."""
    wanted = np.unique(hashes_Q[usable_Q])
    found: dict[int, list[npt.NDArray[np.int64]]] = {}
    for first, chunk in _chunks(train_ids_N, size):
        hashes = _hashes(chunk, size)
        places = np.flatnonzero(np.isin(hashes, wanted))
        order = np.argsort(hashes[places], kind="stable")
        values, starts = np.unique(hashes[places][order], return_index=True)
        for value, own in zip(values.tolist(), np.split(places[order], starts[1:]), strict=len(values) > 0):
            found.setdefault(value, []).append(own + first)
    return {value: np.concatenate(parts) for value, parts in found.items()}


def _chunks(train_ids_N: TokenIds, size: int) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """Yields parts of a text with the index of their first token; they overlap by `size` - 1 tokens."""
    for first in range(0, max(1, len(train_ids_N) - size + 1), CHUNK_TOKENS):
        yield first, np.asarray(train_ids_N[first : first + CHUNK_TOKENS + size - 1]).astype(np.int64)


def _longest(
    train_ids_N: TokenIds,
    places: npt.NDArray[np.int64],
    ids: npt.NDArray[np.int64],
    is_excluded: npt.NDArray[np.bool_],
) -> int:
    """Returns how many of the first ids follow each other at one of the places, at the most."""
    size = 0
    while len(places) and size < len(ids) and not is_excluded[size]:
        places = places[places + size < len(train_ids_N)]
        places = places[train_ids_N[places + size] == ids[size]]
        size += len(places) > 0
    return size


def find_training_ids(cache_dir: Path, tokenizer_file: Path) -> TokenIds | None:
    """Returns the token ids of the training text of a model, memory-mapped; None if no prepared corpus holds it.

    Only the cache is searched: no file that a model names is read.

    Args:
        cache_dir: The folder of prepared corpora.
        tokenizer_file: The tokenizer.json of the model, which is that of its corpus.
    """
    wanted = tokenizer_file.read_bytes()
    for file in sorted(cache_dir.glob("*/tokenizer.json")):
        if file.stat().st_size == len(wanted) and file.read_bytes() == wanted and (file.parent / "train.npy").is_file():
            found: TokenIds = np.load(file.parent / "train.npy", mmap_mode="r", allow_pickle=False)
            return found
    return None
