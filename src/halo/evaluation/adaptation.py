"""Test-time adaptation: a model that learns from each token of the text after it has been scored.

Adapted perplexities measure how much the preceding text helps. They are not comparable with those of the unadapted
model, and are never listed together with them as results of one model.

Shape letters: N tokens of the text, D features, Q tokens that are scored together, K tokens in the cache.
"""

import copy
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from halo.data.streams import Window
from halo.evaluation.text_scores import NLL, scored_windows
from halo.models.language_model import LanguageModel, State, detach
from halo.models.loss import token_nll
from halo.tokenization.tokenizer import TokenIds

BLOCK_TOKENS = 256

Probabilities = npt.NDArray[np.float64]


class TextScores(NamedTuple):
    """Scores of a text that was read in one stream.

    Attributes:
        nll_N: The negative log-likelihood of each token, in nats.
        features_ND: The input of the output layer when each token was predicted.
    """

    nll_N: NLL
    features_ND: Tensor


def score_stream(model: LanguageModel, windows: Iterable[Window]) -> TextScores:
    """Returns the negative log-likelihood and the features of each token of a text.

    Args:
        model: As in `scored_windows`.
        windows: The text, in one stream.
    """
    scored = list(scored_windows(model, windows))
    nll_N: NLL = torch.cat([window.nll_BT[0] for window in scored]).double().numpy()
    return TextScores(nll_N, torch.cat([window.features_BTD[0].float() for window in scored]))


def interpolate_nll(nll_N: NLL, probabilities_N: Probabilities, *, weight: float) -> NLL:
    """Returns the negative log-likelihood of each token under a linear interpolation of two models.

    The interpolated probability is (1 - weight) p(model) + weight p(other).

    Args:
        nll_N: The negative log-likelihood of each token under the model, in nats.
        probabilities_N: The probability of each token under the other model, such as a cache or an n-gram model.
        weight: Of the other model, 0 <= weight < 1.
    """
    interpolated: NLL = -np.log((1 - weight) * np.exp(-nll_N) + weight * probabilities_N)
    return interpolated


def cache_probabilities(scores: TextScores, ids_N: TokenIds, *, size: int, theta: float) -> Probabilities:
    """Returns the probability of each token under a neural cache (Grave et al. 2017).

    The cache holds the `size` tokens before the one that is scored, each with the features that predicted it. The
    probability of a word is the sum of exp(theta * features . current features) over its occurrences in the cache,
    divided by the same sum over the whole cache. The first token has an empty cache and keeps the model's probability.

    Args:
        scores: The scores of the text under the model.
        ids_N: Its token ids.
        size: Number of tokens in the cache, K.
        theta: Sharpness; 0 weights all cached tokens equally, larger values favour those with similar features.
    """
    features_ND, targets_N = scores.features_ND, torch.from_numpy(ids_N.astype(np.int64))
    blocks = []
    for begin in range(0, len(targets_N), BLOCK_TOKENS):
        end, first = min(begin + BLOCK_TOKENS, len(targets_N)), max(begin - size, 0)
        age_QK = torch.arange(begin, end)[:, None] - torch.arange(first, end)
        similarity_QK = theta * (features_ND[begin:end] @ features_ND[first:end].T)
        similarity_QK = similarity_QK.masked_fill((age_QK < 1) | (age_QK > size), -torch.inf)
        is_target_QK = targets_N[begin:end, None] == targets_N[first:end]
        blocks.append((similarity_QK.double().softmax(1) * is_target_QK).sum(1))
    probabilities_N: Probabilities = torch.cat(blocks).numpy()
    probabilities_N[0] = np.exp(-scores.nll_N[0])
    return probabilities_N


def dynamic_evaluation_nll(model: nn.Module, windows: Iterable[Window], *, learning_rate: float, decay: float) -> NLL:
    """Returns the negative log-likelihood of each token under dynamic evaluation with SGD (Krause et al. 2018).

    After each window has been scored, the weights take one gradient step on its loss and decay towards their trained
    values. The model itself is not changed.

    Args:
        model: As in `scored_windows`.
        windows: The text, in one stream.
        learning_rate: Of the step on the mean negative log-likelihood of a window, in nats per token.
        decay: Fraction of the distance to the trained weights that is undone after each step.
    """
    adapted = copy.deepcopy(model).eval()
    weights = list(adapted.parameters())
    trained = [weight.detach().clone() for weight in weights]
    nll: list[Tensor] = []
    state: State | None = None
    with torch.backends.cudnn.flags(enabled=False):  # cuDNN's LSTM has no backward pass in evaluation mode
        for window in windows:
            logits_BTV, state = adapted(window.inputs_BT.to(weights[0].device), state)
            state = detach(state)
            nll_BT = token_nll(logits_BTV, window.targets_BT.to(weights[0].device))
            nll.append(nll_BT.detach()[0].double().cpu())
            gradients = torch.autograd.grad(nll_BT.mean(), weights, allow_unused=True)
            with torch.no_grad():
                for weight, gradient, before in zip(weights, gradients, trained, strict=True):
                    if gradient is not None:
                        weight.sub_(gradient, alpha=learning_rate).lerp_(before, decay)
    in_order: NLL = torch.cat(nll).numpy()
    return in_order
