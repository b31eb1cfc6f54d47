"""The recurrent language model: stacked LSTM or GRU layers, with all regularisation of the AWD-LSTM.

Shape letters: B streams, T tokens of a window, V words of the vocabulary, H units of a layer, D features.
"""

import itertools

from torch import Tensor, nn

from halo.config import RecurrentConfig
from halo.models.dropout import EmbeddingDropout, LockedDropout, call_with_dropped_weights
from halo.models.language_model import ModelOutput, Network, State
from halo.models.mogrifier import MogrifierLSTM
from halo.models.output import SoftmaxOutput, make_output
from halo.models.pointer import Pointer
from halo.models.subword_vectors import add_subwords
from halo.tokenization.character_ngrams import Subwords

CELLS: dict[str, type[nn.LSTM] | type[nn.GRU]] = {"lstm": nn.LSTM, "gru": nn.GRU}


class RecurrentModel(Network):
    """Predicts each next word from all words before it, which a state of fixed size sums up.

    Embedding, stacked recurrent layers, and a softmax over the vocabulary whose weights are the embedding's where
    `tied` (Press and Wolf 2017; Inan et al. 2017). Locked dropout stands before, between and after the layers (Zaremba
    et al. 2014 for the places; Gal and Ghahramani 2016 for the locked masks); with dropout of words and of recurrent
    weights, and with penalties on the activations, this is the AWD-LSTM (Merity et al. 2018, Regularizing and
    Optimizing LSTM Language Models).

    The state of a layer is its hidden and its cell state, `(h_BH, c_BH)`, where the cell is an LSTM (Hochreiter and
    Schmidhuber 1997), and its hidden state alone, `(h_BH,)`, where it is a GRU (Cho et al. 2014). The memory of the
    pointer, where there is one, comes after the layers.
    """

    def __init__(self, config: RecurrentConfig, vocab_size: int, subwords: Subwords | None = None) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(vocab_size, config.embedding)
        last = config.last_hidden or config.hidden
        sizes = [config.embedding, *[config.hidden] * (config.layers - 1), last]
        self.layers = nn.ModuleList(_layer(config, *pair) for pair in itertools.pairwise(sizes))
        needs_projection = config.tied and last != config.embedding
        self.projection = nn.Linear(last, config.embedding, bias=False) if needs_projection else nn.Identity()
        self.output = make_output(
            last, vocab_size, config.adaptive_cutoffs, tied_to=self.embedding if config.tied else None
        )
        self.pointer = None if config.pointer_tokens is None else Pointer(last, config.pointer_tokens)
        self.dropout_embedding = EmbeddingDropout(config.dropout_embedding)
        self.dropouts = nn.ModuleList(
            LockedDropout(probability)
            for probability in (config.dropout_input, *[config.dropout_hidden] * (config.layers - 1))
        )
        self.dropout_output = LockedDropout(config.dropout_output)
        self._initialise()
        add_subwords(self.embedding, subwords)

    def _initialise(self) -> None:
        """Small uniform word vectors, so that the first loss is ln V; forget gates open (Jozefowicz et al. 2015)."""
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
        """Returns a layer's outputs, shape (B, T, H), and its state; torch's own state has a dimension of layers."""
        has_cell_state = isinstance(layer, nn.LSTM)
        carried = None if before is None else tuple(tensor_BH.unsqueeze(0) for tensor_BH in before)
        torch_state = carried if carried is None or has_cell_state else carried[0]
        raw_BTH, after = call_with_dropped_weights(layer, self.config.dropout_weights, inputs_BTD, torch_state)
        return raw_BTH, tuple(tensor_1BH.squeeze(0) for tensor_1BH in (after if has_cell_state else (after,)))

    def _penalty(self, raw_BTH: Tensor, dropped_BTH: Tensor) -> Tensor | None:
        """Returns what activation regularisation (AR) and temporal activation regularisation (TAR) cost.

        AR keeps the last layer's outputs small, after dropout; TAR keeps what changes from one token to the next small,
        before dropout (Merity et al. 2017, Revisiting Activation Regularization for Language RNNs). Both are means,
        times the number of tokens of the window, so that they add to summed nats.
        """
        size, change = self.config.activation_regularisation, self.config.temporal_activation_regularisation
        if not self.training or size == change == 0:
            return None
        penalty = size * dropped_BTH.float().square().mean()
        if raw_BTH.size(1) > 1:
            penalty = penalty + change * raw_BTH.float().diff(dim=1).square().mean()
        return penalty * (raw_BTH.size(0) * raw_BTH.size(1))


def _layer(config: RecurrentConfig, size_in: int, size_out: int) -> nn.RNNBase:
    if config.mogrifier_rounds:
        return MogrifierLSTM(size_in, size_out, rounds=config.mogrifier_rounds)
    return CELLS[config.cell](size_in, size_out, batch_first=True)
