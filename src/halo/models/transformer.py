"""The transformer language model, the non-recurrent architecture for comparison.

Shape letters: B streams, T tokens of a window, D features, N heads, E features of a head, P tokens remembered from
earlier windows, S = P + T tokens that a window can attend to.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from halo.models.language_model import ModelOutput, Network, State
from halo.models.output import SoftmaxOutput, make_output
from halo.models.subword_vectors import add_subwords
from halo.runtime.errors import require, require_probabilities, require_sizes
from halo.tokenization.character_ngrams import Subwords

ROTARY_BASE = 10_000.0
"""Wavelengths of the rotary positions range from 2 pi tokens to 2 pi times this."""


class TransformerModel(Network):
    """Predicts each next word by causal attention to the words before it (Vaswani et al. 2017).

    Layers of attention and feed-forward units, each behind a normalisation (Xiong et al. 2020), and a softmax over the
    vocabulary that shares the embedding's weights where `tied`. In each layer a token attends to itself and to the
    `context` tokens before it, across the borders of windows: a text gets the same score however it is cut into
    windows, as with a recurrent model (as in Transformer-XL, Dai et al. 2019, but with rotary positions).

    The state of a layer is the keys and values of the last `context` tokens, `(keys_BNPE, values_BNPE)`. The defaults
    are those of `conf/model/transformer.yaml`.

    Args:
        vocab_size: Number of words of the vocabulary, V.
        embedding: Size of the word vectors, and of each layer's inputs and outputs, D.
        hidden: Units of each feed-forward part.
        layers: Number of layers.
        heads: Attention heads of a layer, N; `embedding` must be a multiple of 2 N.
        context: Number of earlier tokens that a token attends to in each layer.
        tied: Whether the output shares the word vectors.
        subwords: Character n-grams of the words, whose vectors are added to the word vectors (Bojanowski et al. 2017);
            `halo.tokenization.character_ngrams.subwords` finds them.
        adaptive_cutoffs: First ids of the clusters of an adaptive softmax (Grave et al. 2017); needs `tied=False`.
            None for a full softmax.
        dropout_input: Dropout on the word vectors.
        dropout_attention: Dropout of attention weights.
        dropout_hidden: Dropout on what attention and feed-forward parts add.
        dropout_output: Dropout before the output.

    Raises:
        InputError: The word vectors cannot be divided among the heads, or two of the arguments exclude each other.

    >>> model = TransformerModel(vocab_size=100, embedding=16, hidden=32, heads=2)
    >>> logits_BTV, state = model(torch.zeros(4, 7, dtype=torch.int64))
    >>> tuple(logits_BTV.shape)
    (4, 7, 100)
    """

    def __init__(
        self,
        *,
        vocab_size: int,
        embedding: int = 192,
        hidden: int = 784,
        layers: int = 3,
        heads: int = 4,
        context: int = 128,
        tied: bool = True,
        subwords: Subwords | None = None,
        adaptive_cutoffs: Sequence[int] | None = None,
        dropout_input: float = 0.3,
        dropout_attention: float = 0.1,
        dropout_hidden: float = 0.3,
        dropout_output: float = 0.3,
    ) -> None:
        super().__init__()
        require_sizes(vocab_size=vocab_size, embedding=embedding, hidden=hidden, layers=layers)
        require_sizes(heads=heads, context=context)
        require_probabilities(
            dropout_input=dropout_input,
            dropout_attention=dropout_attention,
            dropout_hidden=dropout_hidden,
            dropout_output=dropout_output,
        )
        require(embedding % (2 * heads) == 0, "embedding", embedding, f"must be a multiple of 2 x heads ({heads})")
        self.context = context
        self.head_features = embedding // heads
        self.embedding = nn.Embedding(vocab_size, embedding)
        self.dropout_input = nn.Dropout(dropout_input)
        self.layers = nn.ModuleList(
            TransformerLayer(
                embedding,
                hidden=hidden,
                heads=heads,
                dropout_attention=dropout_attention,
                dropout_hidden=dropout_hidden,
            )
            for _ in range(layers)
        )
        self.norm = nn.RMSNorm(embedding)
        self.dropout_output = nn.Dropout(dropout_output)
        self.output = make_output(embedding, vocab_size, adaptive_cutoffs, tied_to=self.embedding if tied else None)
        self._initialise()
        add_subwords(self.embedding, subwords)

    def _initialise(self) -> None:
        """Draws small word vectors, so that the first loss is ln V; layers start near the identity.

        Scale of the layers: Radford et al. 2019.
        """
        nn.init.normal_(self.embedding.weight, std=0.02)
        if isinstance(self.output, SoftmaxOutput):
            nn.init.normal_(self.output.words.weight, std=0.02)
        with torch.no_grad():
            for layer in self.layers:
                assert isinstance(layer, TransformerLayer)
                for last in (layer.attention_output, layer.down):
                    last.weight /= (2 * len(self.layers)) ** 0.5

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
    """A layer of causal self-attention and a feed-forward part, each with a residual connection.

    Args:
        size: Features of a token, D.
        hidden: Units of the feed-forward part.
        heads: Attention heads, N.
        dropout_attention: Dropout of attention weights.
        dropout_hidden: Dropout on what each part adds.
    """

    def __init__(self, size: int, *, hidden: int, heads: int, dropout_attention: float, dropout_hidden: float) -> None:
        super().__init__()
        self.head_features = size // heads
        self.dropout_attention = dropout_attention
        self.norm_attention = nn.RMSNorm(size)
        self.attention_input = nn.Linear(size, 3 * size, bias=False)
        self.attention_output = nn.Linear(size, size, bias=False)
        self.norm_hidden = nn.RMSNorm(size)
        self.up = nn.Linear(size, hidden, bias=False)
        self.down = nn.Linear(hidden, size, bias=False)
        self.dropout_hidden = nn.Dropout(dropout_hidden)

    def forward(
        self,
        features_BTD: Tensor,
        before: tuple[Tensor, Tensor] | None,
        rotation_SE: tuple[Tensor, Tensor],
        visible_TS: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Returns the new features, and the keys and values of all S tokens, shape (B, N, S, E).

        Args:
            features_BTD: Features of the window, from the layer below.
            before: Keys and values of the P tokens before the window; None at the start of a text.
            rotation_SE: Cosine and sine of the positions, from `rotation`.
            visible_TS: Attention mask, from `visible`.
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
            rotate(keys_BNSE, cosine_SE, sine_SE),  # the state holds them unrotated, so that positions stay small
            values_BNSE,
            attn_mask=visible_TS,
            dropout_p=self.dropout_attention if self.training else 0.0,
        )
        attended_BTD = self.attention_output(attended_BNTE.transpose(1, 2).flatten(2))
        features_BTD = features_BTD + self.dropout_hidden(attended_BTD)
        hidden_BTD = self.down(F.gelu(self.up(self.norm_hidden(features_BTD))))
        return features_BTD + self.dropout_hidden(hidden_BTD), keys_BNSE, values_BNSE


def visible(size: int, remembered: int, *, context: int, device: torch.device) -> Tensor:
    """Returns the attention mask, bool, shape (T, S): each token sees itself and the `context` tokens before it.

    >>> visible(3, 2, context=2, device=torch.device("cpu")).int().tolist()
    [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1]]
    """
    places_S = torch.arange(remembered + size, device=device)
    distance_TS = places_S[remembered:, None] - places_S
    return (distance_TS >= 0) & (distance_TS <= context)


def rotation(size: int, head_features: int, *, device: torch.device) -> tuple[Tensor, Tensor]:
    """Returns the cosine and sine of the rotary positions (Su et al. 2021, RoFormer), float32, each of shape (S, E)."""
    exponents = torch.arange(0, head_features, 2, device=device, dtype=torch.float32) / head_features
    positions_S = torch.arange(size, device=device, dtype=torch.float32)
    angles_SE = torch.outer(positions_S, ROTARY_BASE**-exponents).repeat(1, 2)
    return angles_SE.cos(), angles_SE.sin()


def rotate(vectors_BNSE: Tensor, cosine_SE: Tensor, sine_SE: Tensor) -> Tensor:
    """Returns the vectors with each pair of features rotated by the angle of its position."""
    first, second = vectors_BNSE.chunk(2, dim=-1)
    turned_BNSE = vectors_BNSE * cosine_SE + torch.cat([-second, first], dim=-1) * sine_SE
    return turned_BNSE.to(vectors_BNSE.dtype)
