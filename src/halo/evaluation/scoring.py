"""Perplexity and surprisal of a text under a model."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import nn

from halo.config import DataConfig
from halo.data.streams import IGNORED, StreamLoader, Window
from halo.models.loss import total_nats
from halo.text.corpus import Corpus, Ids

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

    @property
    def nats_per_token(self) -> float:
        """Mean negative log-likelihood in nats."""
        return self.total_nats / self.num_tokens

    @property
    def perplexity(self) -> float:
        """exp(total nats / predicted tokens)."""
        return perplexity(self.nats_per_token)


@torch.no_grad()
def score(model: nn.Module, windows: Iterable[Window]) -> Score:
    """Returns the score of a text whose windows come in order; the state is carried from each to the next.

    Args:
        model: A language model: (ids, state) -> (logits, state). It is evaluated without dropout, on its device.
        windows: The text, such as a `StreamLoader`.
    """
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    nats, num_tokens, state = 0.0, 0, None
    for window in windows:
        logits_BTV, state = model(window.inputs_BT.to(device), state)
        nats += total_nats(logits_BTV, window.targets_BT.to(device)).item()
        num_tokens += int((window.targets_BT != IGNORED).sum())
    model.train(was_training)
    return Score(nats, num_tokens)


def score_split(model: nn.Module, corpus: Corpus, split: str, config: DataConfig) -> Score:
    """Returns the score of one split of a corpus, in the streams and windows that `config` sets."""
    windows = StreamLoader(
        corpus.ids[split],
        end_id=corpus.tokenizer.end_id,
        num_streams=config.eval_streams,
        window_tokens=config.window_tokens,
    )
    return score(model, windows)


@torch.no_grad()
def surprisal_bits(model: nn.Module, ids: Ids, *, end_id: int) -> list[float]:
    """Returns for each token of a text how surprising it was after those before it: -log2 of its probability.

    Args:
        model: As in `score`.
        ids: Token ids of the text, shape (num_tokens,).
        end_id: The id of `<eos>`, after which the text begins.
    """
    (window,) = StreamLoader(ids, end_id=end_id, num_streams=1, window_tokens=len(ids))
    device = next(model.parameters()).device
    model.eval()
    logits_1TV, _ = model(window.inputs_BT.to(device), None)
    log_probabilities_TV = logits_1TV[0].float().log_softmax(-1).cpu()
    nats_T = -log_probabilities_TV.gather(1, window.targets_BT[0].unsqueeze(1)).squeeze(1)
    return [float(bits) for bits in nats_T / math.log(2)]
