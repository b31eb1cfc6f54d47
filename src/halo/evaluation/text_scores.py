"""Negative log-likelihood, perplexity and surprisal of the tokens of a text under a model.

Shape letters: B streams, T tokens of a window, D features, N tokens of the text.
"""

import math
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from halo.data.streams import IGNORED, StreamLoader, Window
from halo.models.computed_weights import cached_weights
from halo.models.language_model import LanguageModel, State, evaluation_mode
from halo.tokenization.tokenizer import TokenIds

NLL = npt.NDArray[np.float64]
Ids = npt.NDArray[np.unsignedinteger]

TOKENS_PER_WINDOW = 700
"""Size of a scored window, summed over all streams."""


def perplexity(nll: float) -> float:
    """Returns exp(nll); infinity where that is above the largest float, for more than 709 nats per token.

    >>> round(perplexity(math.log(50)), 6), perplexity(800.0)
    (50.0, inf)
    """
    try:
        return math.exp(nll)
    except OverflowError:
        return math.inf


@dataclass(frozen=True)
class NLLSummary:
    """The negative log-likelihood of a set of tokens, summed.

    Attributes:
        total_nll: Sum over the tokens, in nats.
        tokens: Number of tokens, `<eos>` included where it is among them.
    """

    total_nll: float
    tokens: int

    @classmethod
    def from_tokens(cls, nll_N: NLL) -> "NLLSummary":
        """Returns the summary of per-token negative log-likelihoods, shape (N,)."""
        return cls(float(nll_N.sum()), len(nll_N))

    @property
    def nll(self) -> float:
        """Mean negative log-likelihood in nats per token."""
        return self.total_nll / self.tokens

    @property
    def perplexity(self) -> float:
        """exp(total nats / number of tokens)."""
        return perplexity(self.nll)


class ScoredWindow(NamedTuple):
    """The scores of one window.

    Attributes:
        features_BTD: The inputs of the output layer.
        nll_BT: The negative log-likelihood of each target in nats, float32; 0 for targets that are not counted.
        is_counted_BT: False for targets that only pad the end of a stream.
    """

    features_BTD: Tensor
    nll_BT: Tensor
    is_counted_BT: Tensor


@torch.no_grad()
def scored_windows(model: LanguageModel, windows: Iterable[Window]) -> Generator[ScoredWindow, None, None]:
    """Yields the scores of each window of a text, on the CPU; the state is carried from window to window.

    Args:
        model: Evaluated without dropout, on its own device.
        windows: The text, for example a `StreamLoader`.
    """
    device = next(model.parameters()).device
    state: State | None = None
    with evaluation_mode(model), cached_weights(model):
        for window in windows:
            outputs = model.read(window.inputs_BT.to(device), state)
            nll_BT = model.nll(outputs, window.targets_BT.to(device))
            state = outputs.state
            yield ScoredWindow(outputs.features_BTD.cpu(), nll_BT.cpu(), window.targets_BT != IGNORED)


def text_nll(model: LanguageModel, windows: Iterable[Window]) -> NLL:
    """Returns the negative log-likelihood of every token of a text in nats, in the order of the text, shape (N,).

    Padding targets are left out, so every token counts exactly once, however many streams and windows the text is read
    in. The number of streams still affects the values, because each stream starts without context.

    Args:
        model: As in `scored_windows`.
        windows: As in `scored_windows`.
    """
    scored = [(window.nll_BT, window.is_counted_BT) for window in scored_windows(model, windows)]
    nll_BN, is_counted_BN = (torch.cat(parts, dim=1) for parts in zip(*scored, strict=True))
    in_order: NLL = nll_BN[is_counted_BN].double().numpy()  # stream by stream
    return in_order


def windows_to_score(ids: TokenIds, *, eos_id: int, batch_size: int) -> StreamLoader:
    """Returns a text in windows of a length chosen for speed; scores do not depend on the window length.

    Args:
        ids: Token ids of the text, shape (N,).
        eos_id: The id of `<eos>`, the first input of each stream.
        batch_size: Number of parallel streams.
    """
    sequence_length = max(1, TOKENS_PER_WINDOW // batch_size)
    return StreamLoader(ids, eos_id=eos_id, batch_size=batch_size, sequence_length=sequence_length)


def surprisal_bits(model: LanguageModel, ids: TokenIds, *, eos_id: int) -> list[float]:
    """Returns the surprisal of each token, -log2 of its probability given the tokens before it, in bits.

    Args:
        model: As in `scored_windows`.
        ids: Token ids of the text, shape (N,).
        eos_id: The id of `<eos>`, the context of the first token.
    """
    windows = windows_to_score(ids, eos_id=eos_id, batch_size=1)
    bits: list[float] = (text_nll(model, windows) / math.log(2)).tolist()
    return bits
