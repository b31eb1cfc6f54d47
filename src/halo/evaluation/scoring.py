"""Perplexity and surprisal of a text under a model; all of it is made of the nats of each token.

Shape letters: B streams, T tokens of a window, V words of the vocabulary, N tokens of the text.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from halo.config import DataConfig
from halo.data.streams import IGNORED, StreamLoader, Window
from halo.models.loss import token_nats
from halo.text.corpus import Corpus, Ids

Nats = npt.NDArray[np.float64]

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


@torch.no_grad()
def nats_of_tokens(model: nn.Module, windows: Iterable[Window]) -> Nats:
    """Returns the negative log-likelihood of every token of a text in nats, in the text's order, shape (N,).

    The state is carried from each window to the next. Targets that only fill a ragged end are left out: every token of
    the text counts once, whatever the streams and windows. How many streams there are does matter, since each begins
    without context.

    Args:
        model: A language model: (ids, state) -> (logits, state). It is evaluated without dropout, on its device.
        windows: The text, such as a `StreamLoader`.
    """
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    nats: list[Tensor] = []
    counted: list[Tensor] = []
    state = None
    with parametrize.cached():
        for window in windows:
            logits_BTV, state = model(window.inputs_BT.to(device), state)
            nats.append(token_nats(logits_BTV, window.targets_BT.to(device)).cpu())
            counted.append(window.targets_BT != IGNORED)
    model.train(was_training)
    in_order: Nats = torch.cat(nats, 1)[torch.cat(counted, 1)].double().numpy()  # stream by stream
    return in_order


def nats_of_split(model: nn.Module, corpus: Corpus, split: str, config: DataConfig, *, num_streams: int) -> Nats:
    """Returns the nats of every token of one split of a corpus, in its order, read in so many parallel streams."""
    windows = StreamLoader(
        corpus.ids[split],
        end_id=corpus.tokenizer.end_id,
        num_streams=num_streams,
        window_tokens=config.window_tokens,
    )
    return nats_of_tokens(model, windows)


def surprisal_bits(model: nn.Module, ids: Ids, *, end_id: int) -> list[float]:
    """Returns for each token of a text how surprising it was after those before it: -log2 of its probability.

    Args:
        model: As in `nats_of_tokens`.
        ids: Token ids of the text, shape (N,).
        end_id: The id of `<eos>`, after which the text begins.
    """
    windows = StreamLoader(ids, end_id=end_id, num_streams=1, window_tokens=len(ids))
    bits: list[float] = (nats_of_tokens(model, windows) / math.log(2)).tolist()
    return bits
