"""Surprisal of many short texts at once.

Shape letters: B texts of a batch, T tokens of a window, N tokens of the longest text.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch

from halo.data.streams import IGNORED, Window
from halo.evaluation.text_scores import TOKENS_PER_WINDOW, scored_windows
from halo.models.language_model import LanguageModel

TEXTS_PER_BATCH = 64


def surprisals(model: LanguageModel, texts: Sequence[Sequence[int]], *, eos_id: int) -> list[list[float]]:
    """Returns the surprisal of each token of each text, in bits.

    Texts of similar length are read together; each starts after an `<eos>`, without context.

    Args:
        model: The model; it runs without dropout and keeps its mode.
        texts: The token ids of each text; may be empty.
        eos_id: The id of `<eos>`.
    """
    bits: list[list[float]] = [[] for _ in texts]
    by_length = sorted((number for number, ids in enumerate(texts) if len(ids)), key=lambda number: len(texts[number]))
    for first in range(0, len(by_length), TEXTS_PER_BATCH):
        numbers = by_length[first : first + TEXTS_PER_BATCH]
        scored = scored_windows(model, _windows([texts[number] for number in numbers], eos_id=eos_id))
        nll_BN = torch.cat([window.nll_BT for window in scored], dim=1).double() / math.log(2)
        for number, row in zip(numbers, nll_BN.tolist(), strict=True):
            bits[number] = row[: len(texts[number])]
    return bits


def _windows(texts: Sequence[Sequence[int]], *, eos_id: int) -> Iterator[Window]:
    """Yields texts side by side, one a row, in windows; short texts are padded at the end."""
    longest = max(map(len, texts))
    inputs_BN = np.full((len(texts), longest), eos_id, dtype=np.int64)
    targets_BN = np.full((len(texts), longest), IGNORED, dtype=np.int64)
    for row, ids in enumerate(texts):
        targets_BN[row, : len(ids)] = ids
        inputs_BN[row, 1 : len(ids)] = ids[:-1]
    size = max(1, TOKENS_PER_WINDOW // len(texts))
    for first in range(0, longest, size):
        window = slice(first, first + size)
        inputs_BT, targets_BT = (torch.from_numpy(each[:, window]) for each in (inputs_BN, targets_BN))
        yield Window(inputs_BT, targets_BT, int((targets_BT != IGNORED).sum()), learning_rate_factor=1.0)
