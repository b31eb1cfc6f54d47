"""Vectors of texts: the mean of what a model's last layer knows after each token.

Shape letters: B texts side by side, T tokens of a window, N tokens of the longest text, D features.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from halo.models.language_model import LanguageModel, State, evaluation_mode

TEXTS_PER_BATCH = 64
WINDOW_TOKENS = 64

Vectors = npt.NDArray[np.float32]


@torch.no_grad()
def embed(
    model: LanguageModel,
    texts: Sequence[Sequence[int]],
    *,
    eos_id: int,
    weights_V: npt.NDArray[np.float32] | None = None,
) -> Vectors:
    """Returns a vector for each text, float32, shape (number of texts, D).

    It is the mean over the tokens of the features that the output layer reads (mean pooling, as in Howard and Ruder
    2018); an ensemble has those of all its members. Texts of similar length are read side by side, each after an
    `<eos>`.

    Args:
        model: The model.
        texts: The token ids of each text, at least one.
        eos_id: The id of `<eos>`.
        weights_V: How much each token of the vocabulary counts in the mean, shape (V,); None: all the same. Each text
            needs a token that counts.
    """
    by_length = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    vectors: dict[int, Vectors] = {}
    with evaluation_mode(model):
        for first in range(0, len(by_length), TEXTS_PER_BATCH):
            numbers = by_length[first : first + TEXTS_PER_BATCH]
            means_BD = _mean_features(model, [texts[number] for number in numbers], eos_id=eos_id, weights_V=weights_V)
            vectors.update(zip(numbers, means_BD, strict=True))
    return np.stack([vectors[number] for number in range(len(texts))])


def _mean_features(
    model: LanguageModel, texts: Sequence[Sequence[int]], *, eos_id: int, weights_V: npt.NDArray[np.float32] | None
) -> Vectors:
    """Returns the mean features of texts that are read side by side, shape (B, D)."""
    device = next(model.parameters()).device
    longest = max(map(len, texts))
    ids_BN = torch.tensor([[eos_id, *ids, *[eos_id] * (longest - len(ids))] for ids in texts], device=device)
    lengths_B = torch.tensor([len(ids) for ids in texts], device=device)
    token_weights_V = None if weights_V is None else torch.from_numpy(weights_V).to(device)
    state: State | None = model.read(ids_BN[:, :1], None).state
    total_BD: torch.Tensor | float = 0.0
    total_weight_B: torch.Tensor | float = 0.0
    for first in range(0, longest, WINDOW_TOKENS):
        ids_BT = ids_BN[:, 1 + first : 1 + first + WINDOW_TOKENS]
        outputs = model.read(ids_BT, state)
        state = outputs.state
        is_token_BT = torch.arange(first, first + ids_BT.size(1), device=device) < lengths_B.unsqueeze(1)
        weights_BT = is_token_BT.float() if token_weights_V is None else is_token_BT * token_weights_V[ids_BT]
        total_BD = total_BD + (outputs.features_BTD.float() * weights_BT.unsqueeze(2)).sum(1)
        total_weight_B = total_weight_B + weights_BT.sum(1)
    assert isinstance(total_BD, torch.Tensor)
    assert isinstance(total_weight_B, torch.Tensor)
    means: Vectors = (total_BD / total_weight_B.unsqueeze(1)).cpu().numpy()
    return means
