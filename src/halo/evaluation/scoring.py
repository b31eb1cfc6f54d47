"""Perplexity and surprisal of a text under a model; all of it is made of the nats of each token.

Shape letters: B streams, T tokens of a window, V words of the vocabulary, N tokens of the text.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.utils import parametrize

from halo.data.streams import IGNORED, StreamLoader, Window
from halo.models.language_model import LanguageModel, State
from halo.text.corpus import Ids

Nats = npt.NDArray[np.float64]

TOKENS_AT_ONCE = 700
"""Of all streams together, in a window that is scored."""

MAX_NATS = 80.0
"""Where perplexity stops growing, so that a hopeless model's figure is large and not infinite."""


def perplexity(nats_per_token: float) -> float:
    """Returns exp(nats per token), capped at exp(80).

    >>> round(perplexity(math.log(50)), 6)
    50.0
    """
    return math.exp(min(nats_per_token, MAX_NATS))


@dataclass(frozen=True)
class Score:
    """How well a text was predicted.

    Attributes:
        total_nats: Summed negative log-likelihood in nats.
        num_tokens: Number of predicted tokens, `<eos>` among them.
    """

    total_nats: float
    num_tokens: int

    @classmethod
    def of(cls, nats_N: Nats) -> "Score":
        """Returns the score of tokens with these nats, shape (N,)."""
        return cls(float(nats_N.sum()), len(nats_N))

    @property
    def nats_per_token(self) -> float:
        """Mean negative log-likelihood in nats."""
        return self.total_nats / self.num_tokens

    @property
    def perplexity(self) -> float:
        """exp(total nats / predicted tokens)."""
        return perplexity(self.nats_per_token)


class ScoredWindow(NamedTuple):
    """What a model made of a window.

    Attributes:
        features_BTD: What its output saw.
        nats_BT: The negative log-likelihood of each target in nats, float32; 0 where it is left out.
        is_counted_BT: Which targets are not.
    """

    features_BTD: Tensor
    nats_BT: Tensor
    is_counted_BT: Tensor


@torch.no_grad()
def scored_windows(model: LanguageModel, windows: Iterable[Window]) -> Iterator[ScoredWindow]:
    """Yields what a model makes of each window of a text, on the CPU, with the state carried from each to the next.

    Args:
        model: It is evaluated without dropout, on its device.
        windows: The text, such as a `StreamLoader`.
    """
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    state: State | None = None
    with parametrize.cached():
        for window in windows:
            reading = model.read(window.inputs_BT.to(device), state)
            nats_BT = model.nats(reading, window.targets_BT.to(device))
            state = reading.state
            yield ScoredWindow(reading.features_BTD.cpu(), nats_BT.cpu(), window.targets_BT != IGNORED)
    model.train(was_training)


def nats_of_tokens(model: LanguageModel, windows: Iterable[Window]) -> Nats:
    """Returns the negative log-likelihood of every token of a text in nats, in the text's order, shape (N,).

    Targets that only fill a ragged end are left out: every token of the text counts once, whatever the streams and
    windows. How many streams there are does matter, since each begins without context.

    Args:
        model: As in `scored_windows`.
        windows: As in `scored_windows`.
    """
    scored = [(window.nats_BT, window.is_counted_BT) for window in scored_windows(model, windows)]
    nats_BN, is_counted_BN = (torch.cat(parts, dim=1) for parts in zip(*scored, strict=True))
    in_order: Nats = nats_BN[is_counted_BN].double().numpy()  # stream by stream
    return in_order


def windows_to_score(ids: Ids, *, end_id: int, num_streams: int) -> StreamLoader:
    """Returns a text in windows that are scored fast; what is found does not depend on their length."""
    window_tokens = max(1, TOKENS_AT_ONCE // num_streams)
    return StreamLoader(ids, end_id=end_id, num_streams=num_streams, window_tokens=window_tokens)


def surprisal_bits(model: LanguageModel, ids: Ids, *, end_id: int) -> list[float]:
    """Returns for each token of a text how surprising it was after those before it: -log2 of its probability.

    Args:
        model: As in `nats_of_tokens`.
        ids: Token ids of the text, shape (N,).
        end_id: The id of `<eos>`, after which the text begins.
    """
    windows = windows_to_score(ids, end_id=end_id, num_streams=1)
    bits: list[float] = (nats_of_tokens(model, windows) / math.log(2)).tolist()
    return bits
