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

from halo.corpus.corpus import Ids
from halo.data.streams import IGNORED, StreamLoader, Window
from halo.models.language_model import LanguageModel, State

NLL = npt.NDArray[np.float64]

TOKENS_AT_ONCE = 700
"""Of all streams together, in a window that is scored."""

MAX_NATS = 80.0
"""Where perplexity stops growing, so that a hopeless model's figure is large and not infinite."""


def perplexity(nll: float) -> float:
    """Returns exp(nats per token), capped at exp(80).

    >>> round(perplexity(math.log(50)), 6)
    50.0
    """
    return math.exp(min(nll, MAX_NATS))


@dataclass(frozen=True)
class Score:
    """How well a text was predicted.

    Attributes:
        total_nll: Summed negative log-likelihood in nats.
        num_tokens: Number of predicted tokens, `<eos>` among them.
    """

    total_nll: float
    num_tokens: int

    @classmethod
    def of(cls, nll_N: NLL) -> "Score":
        """Returns the score of tokens with these nats, shape (N,)."""
        return cls(float(nll_N.sum()), len(nll_N))

    @property
    def nll(self) -> float:
        """Mean negative log-likelihood in nats."""
        return self.total_nll / self.num_tokens

    @property
    def perplexity(self) -> float:
        """exp(total nats / predicted tokens)."""
        return perplexity(self.nll)


class ScoredWindow(NamedTuple):
    """What a model made of a window.

    Attributes:
        features_BTD: What its output saw.
        nll_BT: The negative log-likelihood of each target in nats, float32; 0 where it is left out.
        is_counted_BT: Which targets are not.
    """

    features_BTD: Tensor
    nll_BT: Tensor
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
            outputs = model.read(window.inputs_BT.to(device), state)
            nll_BT = model.nll(outputs, window.targets_BT.to(device))
            state = outputs.state
            yield ScoredWindow(outputs.features_BTD.cpu(), nll_BT.cpu(), window.targets_BT != IGNORED)
    model.train(was_training)


def text_nll(model: LanguageModel, windows: Iterable[Window]) -> NLL:
    """Returns the negative log-likelihood of every token of a text in nats, in the text's order, shape (N,).

    Targets that only fill a ragged end are left out: every token of the text counts once, whatever the streams and
    windows. How many streams there are does matter, since each begins without context.

    Args:
        model: As in `scored_windows`.
        windows: As in `scored_windows`.
    """
    scored = [(window.nll_BT, window.is_counted_BT) for window in scored_windows(model, windows)]
    nll_BN, is_counted_BN = (torch.cat(parts, dim=1) for parts in zip(*scored, strict=True))
    in_order: NLL = nll_BN[is_counted_BN].double().numpy()  # stream by stream
    return in_order


def windows_to_score(ids: Ids, *, eos_id: int, batch_size: int) -> StreamLoader:
    """Returns a text in windows that are scored fast; what is found does not depend on their length."""
    sequence_length = max(1, TOKENS_AT_ONCE // batch_size)
    return StreamLoader(ids, eos_id=eos_id, batch_size=batch_size, sequence_length=sequence_length)


def surprisal_bits(model: LanguageModel, ids: Ids, *, eos_id: int) -> list[float]:
    """Returns for each token of a text how surprising it was after those before it: -log2 of its probability.

    Args:
        model: As in `text_nll`.
        ids: Token ids of the text, shape (N,).
        eos_id: The id of `<eos>`, after which the text begins.
    """
    windows = windows_to_score(ids, eos_id=eos_id, batch_size=1)
    bits: list[float] = (text_nll(model, windows) / math.log(2)).tolist()
    return bits
