"""The recurrent language model: stacked LSTM or GRU layers, with all regularisation of the AWD-LSTM.

Shape letters: B streams, T tokens of a window, V words of the vocabulary, H units of a layer, D features.
"""

import itertools
from collections.abc import Sequence
from typing import Literal

from torch import Tensor, nn

from halo.models.dropout import EmbeddingDropout, LockedDropout, call_with_dropped_weights
from halo.models.language_model import ModelOutput, Network, State
from halo.models.mogrifier import MogrifierLSTM
from halo.models.output import SoftmaxOutput, make_output
from halo.models.pointer import Pointer
from halo.models.subword_vectors import add_subwords
from halo.runtime.errors import require, require_probabilities, require_sizes
from halo.tokenization.character_ngrams import Subwords

CELLS: dict[str, type[nn.LSTM] | type[nn.GRU]] = {"lstm": nn.LSTM, "gru": nn.GRU}


class RecurrentModel(Network):
    """Predicts each next word from a state of fixed size that summarises all words before it.

    Embedding, stacked recurrent layers, and a softmax over the vocabulary that shares the embedding's weights where
    `tied` (Press and Wolf 2017; Inan et al. 2017). Locked dropout is applied before, between and after the layers
    (places: Zaremba et al. 2014; locked masks: Gal and Ghahramani 2016). Together with dropout of words and of
    recurrent weights, and with penalties on the activations, this is the AWD-LSTM (Merity et al. 2018, Regularizing
    and Optimizing LSTM Language Models).

    The state of an LSTM layer is its hidden and cell state, `(h_BH, c_BH)` (Hochreiter and Schmidhuber 1997), that of a
    GRU layer its hidden state, `(h_BH,)` (Cho et al. 2014). The memory of the pointer, if there is one, follows the
    layers. The defaults are those of `conf/model/lstm.yaml`.

    Args:
        vocab_size: Number of words of the vocabulary, V.
        cell: Kind of the layers.
        embedding: Size of the word vectors, D.
        hidden: Units of each layer, H.
        last_hidden: Units of the last layer; None for `hidden`.
        layers: Number of layers.
        mogrifier_rounds: How often input and last output of an LSTM layer gate each other (Melis et al. 2020); 0 for a
            plain LSTM, and for a GRU.
        tied: Whether the output shares the word vectors, through a linear projection where the sizes differ.
        subwords: Character n-grams of the words, whose vectors are added to the word vectors (Bojanowski et al. 2017);
            `halo.tokenization.character_ngrams.subwords` finds them.
        adaptive_cutoffs: First ids of the clusters of an adaptive softmax (Grave et al. 2017); needs `tied=False`.
            None for a full softmax.
        pointer_tokens: How many tokens back a pointer to earlier words reaches; None for no pointer.
        dropout_embedding: Probability of dropping a word, everywhere in a window.
        dropout_input: Dropout on the word vectors.
        dropout_hidden: Dropout between layers.
        dropout_output: Dropout before the output.
        dropout_weights: Dropout of the recurrent weights (DropConnect).
        activation_regularisation: Weight in the loss of the mean square of the last layer's outputs (AR).
        temporal_activation_regularisation: Weight of the mean square of their change from token to token (TAR).

    Raises:
        InputError: The cell is unknown, or two of the arguments exclude each other.

    >>> import torch
    >>> model = RecurrentModel(vocab_size=100, embedding=16, hidden=32)
    >>> logits_BTV, state = model(torch.zeros(4, 7, dtype=torch.int64))
    >>> tuple(logits_BTV.shape)
    (4, 7, 100)
    """

    def __init__(
        self,
        *,
        vocab_size: int,
        cell: Literal["lstm", "gru"] = "lstm",
        embedding: int = 256,
        hidden: int = 256,
        last_hidden: int | None = None,
        layers: int = 1,
        mogrifier_rounds: int = 2,
        tied: bool = True,
        subwords: Subwords | None = None,
        adaptive_cutoffs: Sequence[int] | None = None,
        pointer_tokens: int | None = 300,
        dropout_embedding: float = 0.0,
        dropout_input: float = 0.4,
        dropout_hidden: float = 0.3,
        dropout_output: float = 0.5,
        dropout_weights: float = 0.0,
        activation_regularisation: float = 0.0,
        temporal_activation_regularisation: float = 0.0,
    ) -> None:
        super().__init__()
        require(cell in CELLS, "cell", cell, f"must be one of {', '.join(CELLS)}")
        require_sizes(vocab_size=vocab_size, embedding=embedding, hidden=hidden, layers=layers)
        require_sizes(last_hidden=last_hidden, pointer_tokens=pointer_tokens)
        require_probabilities(
            dropout_embedding=dropout_embedding,
            dropout_input=dropout_input,
            dropout_hidden=dropout_hidden,
            dropout_output=dropout_output,
            dropout_weights=dropout_weights,
        )
        require(
            cell == "lstm" or mogrifier_rounds == 0, "mogrifier_rounds", mogrifier_rounds, "must be 0 with cell=gru"
        )
        self.dropout_weights = dropout_weights
        self.activation_regularisation = activation_regularisation
        self.temporal_activation_regularisation = temporal_activation_regularisation
        self.embedding = nn.Embedding(vocab_size, embedding)
        last = last_hidden or hidden
        widths = itertools.pairwise([embedding, *[hidden] * (layers - 1), last])
        self.layers = nn.ModuleList(_layer(cell, *pair, mogrifier_rounds=mogrifier_rounds) for pair in widths)
        needs_projection = tied and last != embedding
        self.projection = nn.Linear(last, embedding, bias=False) if needs_projection else nn.Identity()
        self.output = make_output(last, vocab_size, adaptive_cutoffs, tied_to=self.embedding if tied else None)
        self.pointer = None if pointer_tokens is None else Pointer(last, pointer_tokens)
        self.dropout_embedding = EmbeddingDropout(dropout_embedding)
        self.dropouts = nn.ModuleList(map(LockedDropout, (dropout_input, *[dropout_hidden] * (layers - 1))))
        self.dropout_output = LockedDropout(dropout_output)
        self._initialise()
        add_subwords(self.embedding, subwords)

    def _initialise(self) -> None:
        """Draws small uniform word vectors, so that the first loss is ln V, and opens the forget gates.

        Forget gates: Jozefowicz et al. 2015.
        """
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
        if isinstance(self.output, SoftmaxOutput):
            nn.init.uniform_(self.output.words.weight, -0.1, 0.1)
        for layer in self.layers:
            assert isinstance(layer, nn.RNNBase)
            weights = dict(layer.named_parameters())
            nn.init.zeros_(weights["bias_ih_l0"])
            nn.init.zeros_(weights["bias_hh_l0"])
            if isinstance(layer, nn.LSTM):
                nn.init.ones_(weights["bias_ih_l0"][layer.hidden_size : 2 * layer.hidden_size])

    def read(self, ids_BT: Tensor, state: State | None) -> ModelOutput:
        """Returns the features of the next words, the state after the window, and the penalty of the activations."""
        raw_BTH = self.dropout_embedding(self.embedding, ids_BT)
        next_state: State = []
        for index, (layer, dropout) in enumerate(zip(self.layers, self.dropouts, strict=True)):
            assert isinstance(layer, nn.RNNBase)
            raw_BTH, after = self._run(layer, dropout(raw_BTH), None if state is None else state[index])
            next_state.append(after)
        dropped_BTH = self.dropout_output(raw_BTH)
        pointer_output = None
        if self.pointer is not None:
            pointer_output, memory = self.pointer(dropped_BTH, ids_BT, None if state is None else state[-1])
            next_state.append(memory)
        return ModelOutput(
            self.projection(dropped_BTH), next_state, pointer_output, self._penalty(raw_BTH, dropped_BTH)
        )

    def _run(
        self, layer: nn.RNNBase, inputs_BTD: Tensor, before: tuple[Tensor, ...] | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Returns a layer's outputs, shape (B, T, H), and its state without torch's dimension of layers."""
        has_cell_state = isinstance(layer, nn.LSTM)
        previous = None if before is None else tuple(tensor_BH.unsqueeze(0) for tensor_BH in before)
        torch_state = previous if previous is None or has_cell_state else previous[0]
        raw_BTH, after = call_with_dropped_weights(layer, self.dropout_weights, inputs_BTD, torch_state)
        return raw_BTH, tuple(tensor_1BH.squeeze(0) for tensor_1BH in (after if has_cell_state else (after,)))

    def _penalty(self, raw_BTH: Tensor, dropped_BTH: Tensor) -> Tensor | None:
        """Returns the penalty of activation regularisation (AR) and temporal activation regularisation (TAR).

        AR keeps the last layer's outputs small, after dropout; TAR keeps their change from one token to the next small,
        before dropout (Merity et al. 2017, Revisiting Activation Regularization for Language RNNs). Both are means,
        multiplied by the number of tokens of the window, so that they can be added to a summed loss.
        """
        size, change = self.activation_regularisation, self.temporal_activation_regularisation
        if not self.training or size == change == 0:
            return None
        penalty = size * dropped_BTH.float().square().mean()
        if raw_BTH.size(1) > 1:
            penalty = penalty + change * raw_BTH.float().diff(dim=1).square().mean()
        return penalty * (raw_BTH.size(0) * raw_BTH.size(1))


def _layer(cell: str, size_in: int, size_out: int, *, mogrifier_rounds: int) -> nn.RNNBase:
    if mogrifier_rounds:
        return MogrifierLSTM(size_in, size_out, rounds=mogrifier_rounds)
    return CELLS[cell](size_in, size_out, batch_first=True)
