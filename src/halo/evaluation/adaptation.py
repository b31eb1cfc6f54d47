"""Models that adapt to the text while they read it: each token is scored first, and learnt from after.

Their figures are not those of the plain model, and are never listed with them: they say how much the text before helps.

Shape letters: N tokens of the text, D features, Q tokens that are scored together, K tokens that are remembered.
"""

import copy
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from halo.corpus.corpus import Ids
from halo.data.streams import Window
from halo.evaluation.text_scores import NLL, scored_windows
from halo.models.language_model import LanguageModel, State, detach
from halo.models.loss import token_nll

BLOCK_TOKENS = 256

Probabilities = npt.NDArray[np.float64]


class TextScores(NamedTuple):
    """What a model made of a text in one stream.

    Attributes:
        nll_N: The nats of each token.
        features_ND: What the output layer saw when it predicted each token.
    """

    nll_N: NLL
    features_ND: Tensor


def score_stream(model: LanguageModel, windows: Iterable[Window]) -> TextScores:
    """Returns nats and features of each token of a text.

    Args:
        model: As in `text_nll`.
        windows: The text, in one stream.
    """
    scored = list(scored_windows(model, windows))
    nll_N: NLL = torch.cat([window.nll_BT[0] for window in scored]).double().numpy()
    return TextScores(nll_N, torch.cat([window.features_BTD[0].float() for window in scored]))


def interpolate_nll(nll_N: NLL, probabilities_N: Probabilities, *, weight: float) -> NLL:
    """Returns the nats of each token under (1 - weight) x the model + weight x another one.

    Args:
        nll_N: The nats of each token under the model.
        probabilities_N: The probability of each token under the other, such as a cache or an n-gram model.
        weight: From 0 to below 1.
    """
    mixed: NLL = -np.log((1 - weight) * np.exp(-nll_N) + weight * probabilities_N)
    return mixed


def cache_probabilities(scores: TextScores, ids_N: Ids, *, size: int, theta: float) -> Probabilities:
    """Returns the probability of each token under a neural cache (Grave et al. 2017).

    The cache holds the last `size` tokens before the one that is scored, each with the features that predicted it. A
    word's probability is the sum of exp(flatness x features . features now) over its places in the cache, divided by
    that over all places. The first token has no cache, and keeps the model's probability.

    Args:
        scores: The text under the model.
        ids_N: Its tokens.
        size: How many tokens are remembered, K.
        theta: 0 takes all places alike; the larger, the more the most similar places count.
    """
    features_ND, targets_N = scores.features_ND, torch.from_numpy(ids_N.astype(np.int64))
    found = []
    for begin in range(0, len(targets_N), BLOCK_TOKENS):
        end, first = min(begin + BLOCK_TOKENS, len(targets_N)), max(begin - size, 0)
        age_QK = torch.arange(begin, end)[:, None] - torch.arange(first, end)
        similarity_QK = theta * (features_ND[begin:end] @ features_ND[first:end].T)
        similarity_QK = similarity_QK.masked_fill((age_QK < 1) | (age_QK > size), -torch.inf)
        is_target_QK = targets_N[begin:end, None] == targets_N[first:end]
        found.append((similarity_QK.double().softmax(1) * is_target_QK).sum(1))
    probabilities_N: Probabilities = torch.cat(found).numpy()
    probabilities_N[0] = np.exp(-scores.nll_N[0])
    return probabilities_N


def dynamic_evaluation_nll(model: nn.Module, windows: Iterable[Window], *, learning_rate: float, decay: float) -> NLL:
    """Returns the nats of each token under dynamic evaluation (Krause et al. 2018, with plain gradient steps).

    After each window has been scored, the weights take one step down its loss, and go back by a share of their way from
    where they were trained to. The model itself stays as it is.

    Args:
        model: As in `text_nll`.
        windows: The text, in one stream.
        learning_rate: Of the step on the window's mean nats per token.
        decay: Share of the way back in each step.
    """
    adapted = copy.deepcopy(model).eval()
    weights = list(adapted.parameters())
    trained = [weight.detach().clone() for weight in weights]
    nll: list[Tensor] = []
    state: State | None = None
    with torch.backends.cudnn.flags(enabled=False):  # it has no gradients without dropout
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
