"""The attention weights of a transformer over a sentence, computed from their equation.

Shape letters: T tokens of the sentence, D features, N heads, E features of a head.
"""

import math

import torch
from torch import Tensor

from halo.models.transformer import TransformerLayer, TransformerModel, rotate, rotation, visible


@torch.no_grad()
def attention_weights(model: TransformerModel, ids_T: Tensor) -> list[Tensor]:
    """Returns how much each token attends to each token before it in each layer, shape (N, T, T).

    The rows of each head sum to 1: softmax(q k / sqrt(E)) over the tokens up to the one that attends (Vaswani et al.
    2017).

    Args:
        model: The network; dropout is left out, as in evaluation.
        ids_T: The tokens that it reads, from the start of a text, int64.
    """
    size, device = len(ids_T), ids_T.device
    cosine_TE, sine_TE = rotation(size, model.head_features, device=device)
    visible_TT = visible(size, 0, context=model.context, device=device)
    features_1TD = model.embedding(ids_T.unsqueeze(0))
    weights = []
    for layer in model.layers:
        assert isinstance(layer, TransformerLayer)
        projected = layer.attention_input(layer.norm_attention(features_1TD)).unflatten(2, (-1, layer.head_features))
        queries_1NTE, keys_1NTE, _ = projected.transpose(1, 2).chunk(3, dim=1)
        queries_1NTE, keys_1NTE = rotate(queries_1NTE, cosine_TE, sine_TE), rotate(keys_1NTE, cosine_TE, sine_TE)
        scores_1NTT = queries_1NTE @ keys_1NTE.transpose(2, 3) / math.sqrt(layer.head_features)
        weights.append(scores_1NTT.masked_fill(~visible_TT, -torch.inf).softmax(dim=-1)[0])
        features_1TD = layer(features_1TD, None, (cosine_TE, sine_TE), visible_TT)[0]
    return weights
