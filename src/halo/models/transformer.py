"""The transformer language model: what recurrence is compared with.

Shape letters: B streams, T tokens of a window, D features, N heads, E features of a head, P tokens that are remembered
from before the window, S = P + T tokens that a window can look at.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from halo.config import TransformerConfig
from halo.models.language_model import ModelOutput, Network, State
from halo.models.output import SoftmaxOutput, make_output
from halo.models.subword_vectors import add_subwords
from halo.tokenization.character_ngrams import Subwords

ROTARY_BASE = 10_000.0
"""Wavelengths of the rotary positions reach from 2 pi tokens to 2 pi times this."""


class TransformerModel(Network):
    """Predicts each next word by attention to the words before it (Vaswani et al. 2017).

    Layers of attention and feed-forward units, each behind a normalisation (Xiong et al. 2020), and a softmax over the
    vocabulary whose weights are the embedding's where `tied`. In each layer a token sees itself and the `context`
    tokens before it, over the borders of windows: so the text scores the same however it is cut, as with a recurrent
    model (Dai et al. 2019, Transformer-XL, whose positions were others).

    The state of a layer is the keys and values of the last `context` tokens, `(keys_BNPE, values_BNPE)`.
    """

    def __init__(self, config: TransformerConfig, vocab_size: int, subwords: Subwords | None = None) -> None:
        super().__init__()
        self.context = config.context
        self.head_features = config.embedding // config.heads
        self.embedding = nn.Embedding(vocab_size, config.embedding)
        self.dropout_input = nn.Dropout(config.dropout_input)
        self.layers = nn.ModuleList(TransformerLayer(config) for _ in range(config.layers))
        self.norm = nn.RMSNorm(config.embedding)
        self.dropout_output = nn.Dropout(config.dropout_output)
        self.output = make_output(
            config.embedding, vocab_size, config.adaptive_cutoffs, tied_to=self.embedding if config.tied else None
        )
        self._initialise(config)
        add_subwords(self.embedding, subwords)

    def _initialise(self, config: TransformerConfig) -> None:
        """Small word vectors, so that the first loss is ln V; layers begin near the identity (Radford et al. 2019)."""
        nn.init.normal_(self.embedding.weight, std=0.02)
        if isinstance(self.output, SoftmaxOutput):
            nn.init.normal_(self.output.words.weight, std=0.02)
        with torch.no_grad():
            for layer in self.layers:
                assert isinstance(layer, TransformerLayer)
                for last in (layer.attention_output, layer.down):
                    last.weight /= (2 * config.layers) ** 0.5

    def read(self, ids_BT: Tensor, state: State | None) -> ModelOutput:
        """Returns the features of the next words and the state after the window."""
        remembered = 0 if state is None else state[0][0].size(2)
        size = ids_BT.size(1)
        rotation_SE = rotation(remembered + size, self.head_features, device=ids_BT.device)
        visible_TS = visible(size, remembered, context=self.context, device=ids_BT.device)
        features_BTD = self.dropout_input(self.embedding(ids_BT))
        next_state: State = []
        for index, layer in enumerate(self.layers):
            before = None if state is None else (state[index][0], state[index][1])
            features_BTD, keys_BNSE, values_BNSE = layer(features_BTD, before, rotation_SE, visible_TS)
            next_state.append((keys_BNSE[:, :, -self.context :], values_BNSE[:, :, -self.context :]))
        return ModelOutput(self.dropout_output(self.norm(features_BTD)), next_state, pointer_output=None, penalty=None)


class TransformerLayer(nn.Module):
    """Attention and a feed-forward part, each of which adds to the features that come in."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        size = config.embedding
        self.head_features = size // config.heads
        self.dropout_attention = config.dropout_attention
        self.norm_attention = nn.RMSNorm(size)
        self.attention_input = nn.Linear(size, 3 * size, bias=False)
        self.attention_output = nn.Linear(size, size, bias=False)
        self.norm_hidden = nn.RMSNorm(size)
        self.up = nn.Linear(size, config.hidden, bias=False)
        self.down = nn.Linear(config.hidden, size, bias=False)
        self.dropout_hidden = nn.Dropout(config.dropout_hidden)

    def forward(
        self,
        features_BTD: Tensor,
        before: tuple[Tensor, Tensor] | None,
        rotation_SE: tuple[Tensor, Tensor],
        visible_TS: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Returns the features, and the keys and values of all S tokens, shape (B, N, S, E).

        Args:
            features_BTD: What comes in.
            before: Keys and values of the tokens before the window.
            rotation_SE: What `rotation` returns.
            visible_TS: Which tokens each token sees.
        """
        together_BT3D = self.attention_input(self.norm_attention(features_BTD)).unflatten(2, (-1, self.head_features))
        queries_BNTE, keys_BNSE, values_BNSE = together_BT3D.transpose(1, 2).chunk(3, dim=1)
        if before is not None:
            keys_BNSE = torch.cat([before[0], keys_BNSE], dim=2)
            values_BNSE = torch.cat([before[1], values_BNSE], dim=2)
        cosine_SE, sine_SE = rotation_SE
        last = queries_BNTE.size(2)
        attended_BNTE = F.scaled_dot_product_attention(
            rotate(queries_BNTE, cosine_SE[-last:], sine_SE[-last:]),
            rotate(keys_BNSE, cosine_SE, sine_SE),  # kept as they are, so that positions need not grow without end
            values_BNSE,
            attn_mask=visible_TS,
            dropout_p=self.dropout_attention if self.training else 0.0,
        )
        attended_BTD = self.attention_output(attended_BNTE.transpose(1, 2).flatten(2))
        features_BTD = features_BTD + self.dropout_hidden(attended_BTD)
        hidden_BTD = self.down(F.gelu(self.up(self.norm_hidden(features_BTD))))
        return features_BTD + self.dropout_hidden(hidden_BTD), keys_BNSE, values_BNSE


def visible(size: int, remembered: int, *, context: int, device: torch.device) -> Tensor:
    """Returns which tokens each token of a window sees, bool, shape (T, S): itself and the `context` before it.

    >>> visible(3, 2, context=2, device=torch.device("cpu")).int().tolist()
    [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1]]
    """
    places_S = torch.arange(remembered + size, device=device)
    distance_TS = places_S[remembered:, None] - places_S
    return (distance_TS >= 0) & (distance_TS <= context)


def rotation(size: int, head_features: int, *, device: torch.device) -> tuple[Tensor, Tensor]:
    """Returns cosine and sine of the rotary positions (Su et al. 2021, RoFormer), float32, each of shape (S, E)."""
    exponents = torch.arange(0, head_features, 2, device=device, dtype=torch.float32) / head_features
    angles_SE = torch.outer(torch.arange(size, device=device, dtype=torch.float32), ROTARY_BASE**-exponents).repeat(
        1, 2
    )
    return angles_SE.cos(), angles_SE.sin()


def rotate(vectors_BNSE: Tensor, cosine_SE: Tensor, sine_SE: Tensor) -> Tensor:
    """Returns the vectors, each pair of their features turned by the angles of its place."""
    first, second = vectors_BNSE.chunk(2, dim=-1)
    turned_BNSE = vectors_BNSE * cosine_SE + torch.cat([-second, first], dim=-1) * sine_SE
    return turned_BNSE.to(vectors_BNSE.dtype)
