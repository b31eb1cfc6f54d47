"""What a model predicts at each token of many texts: the token's own probability, its rank, and the entropy.

Shape letters: B texts side by side, T tokens of a window, N tokens of the longest text, V words of the vocabulary,
K likeliest words.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from halo.data.streams import IGNORED
from halo.evaluation.text_scores import TOKENS_PER_WINDOW
from halo.models.computed_weights import cached_weights
from halo.models.language_model import LanguageModel, State, evaluation_mode

TEXTS_PER_BATCH = 64
MAX_LOGITS = 2**23
"""The largest number of logits of a window, 32 MB: with a large vocabulary windows are smaller."""

Figures = npt.NDArray[Any]


class Distributions(NamedTuple):
    """What a model predicts before each token of a text, arrays of shape (N, ...).

    Attributes:
        entropy_bits: The entropy of the prediction, float64.
        ranks: The place of the token that follows in the order of probability, from 1, int64.
        likeliest_ids: The ids of the likeliest tokens, int64, shape (N, K).
        likeliest_nll: Their negative log-likelihoods in nats, float32, shape (N, K).
    """

    entropy_bits: Figures
    ranks: Figures
    likeliest_ids: Figures
    likeliest_nll: Figures


class Predictions(NamedTuple):
    """The predictions of the tokens of a text.

    Attributes:
        bits: The surprisal of each, float64, shape (N,).
        distributions: What was predicted before each; None if it was not asked for.
    """

    bits: Figures
    distributions: Distributions | None

    def select(self, choose: Callable[[Figures], Figures]) -> "Predictions":
        """Returns the predictions with a function applied to each array."""
        if self.distributions is None:
            return Predictions(choose(self.bits), None)
        return Predictions(choose(self.bits), Distributions(*map(choose, self.distributions)))


@dataclass(frozen=True)
class Predictor:
    """Reads texts with a model and returns what it predicts.

    Attributes:
        model: The model; it runs without dropout and keeps its mode.
        vocab_size: Number of tokens of its vocabulary, V.
        eos_id: The id of `<eos>`, after which each text begins.
        with_distributions: Whether entropy, rank and likeliest tokens are computed, which takes all logits.
        num_likeliest: Number of the likeliest tokens to return, K.
    """

    model: LanguageModel
    vocab_size: int
    eos_id: int
    with_distributions: bool
    num_likeliest: int = 0

    def predict_texts(self, texts: Sequence[Sequence[int]]) -> list[Predictions]:
        """Returns the predictions of each text, read by itself after an `<eos>`.

        Texts of similar length are read side by side, which does not change their scores.

        Args:
            texts: The token ids of each text; may be empty.
        """
        batch_size = max(1, min(TEXTS_PER_BATCH, self._max_tokens))
        found: list[Predictions | None] = [None] * len(texts)
        by_length = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        for first in range(0, len(by_length), batch_size):
            numbers = by_length[first : first + batch_size]
            targets_BN = np.full((len(numbers), max(1, len(texts[numbers[-1]]))), IGNORED, dtype=np.int64)
            for row, number in enumerate(numbers):
                targets_BN[row, : len(texts[number])] = texts[number]
            predictions, _ = self._predict(targets_BN, None)
            for row, number in enumerate(numbers):
                size = len(texts[number])
                found[number] = predictions.select(lambda each, row=row, size=size: each[row, :size])  # type: ignore[misc]
        return [each for each in found if each is not None]

    def predict_next(self, ids: Sequence[int], state: State | None) -> tuple[Predictions, State | None]:
        """Returns the predictions of a text that continues an earlier one, and the state after it.

        Args:
            ids: The token ids of the text, of which the last is an `<eos>`.
            state: The state after the text before it, which ended in an `<eos>`; None at the beginning.
        """
        predictions, state = self._predict(np.array(ids, dtype=np.int64)[None], state)
        return predictions.select(lambda each: each[0]), state

    @property
    def _max_tokens(self) -> int:
        """The largest number of tokens of a window."""
        return min(TOKENS_PER_WINDOW, MAX_LOGITS // self.vocab_size) if self.with_distributions else TOKENS_PER_WINDOW

    @torch.no_grad()
    def _predict(self, targets_BN: npt.NDArray[np.int64], state: State | None) -> tuple[Predictions, State | None]:
        """Returns the predictions of texts side by side, arrays of shape (B, N, ...), and the state after them."""
        device = next(self.model.parameters()).device
        batch_size, longest = targets_BN.shape
        inputs_BN = np.full_like(targets_BN, self.eos_id)
        inputs_BN[:, 1:] = np.where(targets_BN[:, :-1] == IGNORED, self.eos_id, targets_BN[:, :-1])
        size = max(1, self._max_tokens // batch_size)
        windows = []
        with evaluation_mode(self.model), cached_weights(self.model):
            for first in range(0, longest, size):
                window = slice(first, first + size)
                inputs_BT, targets_BT = (
                    torch.from_numpy(np.ascontiguousarray(each[:, window])).to(device)
                    for each in (inputs_BN, targets_BN)
                )
                if not self.with_distributions:
                    outputs = self.model.read(inputs_BT, state)
                    windows.append([self.model.nll(outputs, targets_BT)])
                    state = outputs.state
                else:
                    logits_BTV, state = self.model(inputs_BT, state)
                    windows.append(self._distributions(logits_BTV.float(), targets_BT))
        nll_BN, *others = (torch.cat(parts, dim=1).cpu().numpy() for parts in zip(*windows, strict=True))
        bits_BN = nll_BN.astype(np.float64) / math.log(2)
        if not others:
            return Predictions(bits_BN, None), state
        entropy_BN, *ranks_and_likeliest = others
        entropy_bits_BN = entropy_BN.astype(np.float64) / math.log(2)
        return Predictions(bits_BN, Distributions(entropy_bits_BN, *ranks_and_likeliest)), state

    def _distributions(self, logits_BTV: Tensor, targets_BT: Tensor) -> list[Tensor]:
        """Returns the loss and the entropy in nats, the rank, and the likeliest ids and their losses; (B, T, ...)."""
        target_BT1 = logits_BTV.gather(2, targets_BT.clamp(min=0).unsqueeze(2))
        normaliser_BT1 = logits_BTV.logsumexp(2, keepdim=True)
        nll_BT = (normaliser_BT1 - target_BT1).squeeze(2)
        ranks_BT = (logits_BTV > target_BT1).sum(2) + 1
        entropy_BT = torch.special.entr((logits_BTV - normaliser_BT1).exp_()).sum(2)
        likeliest = logits_BTV.topk(min(self.num_likeliest, logits_BTV.size(2)), dim=2)
        return [nll_BT, entropy_BT, ranks_BT, likeliest.indices, normaliser_BT1 - likeliest.values]
