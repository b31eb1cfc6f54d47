"""The LSTM language model.

Shape letters: B streams, T tokens of a window, V words of the vocabulary, E embedding size, H hidden size.
"""

import itertools

from torch import Tensor, nn

from halo.config import LSTMConfig
from halo.models.dropout import LockedDropout

State = list[tuple[Tensor, Tensor]]
"""For each layer the hidden and the cell state, `(h_BH, c_BH)`."""


class LanguageModel(nn.Module):
    """Predicts each next word of parallel streams from all words before it.

    Embedding, stacked LSTM layers, and a softmax over the vocabulary whose weights are the embedding's where `tied`
    (Press and Wolf 2017; Inan et al. 2017), with locked dropout before, between and after the layers (Zaremba et al.
    2014 for the places; Gal and Ghahramani 2016 for the locked masks).
    """

    def __init__(self, config: LSTMConfig, vocab_size: int) -> None:
        super().__init__()
        self.vocab_size = vocab_size
        self.embedding = nn.Embedding(vocab_size, config.embedding)
        sizes = [config.embedding] + [config.hidden] * config.layers
        self.layers = nn.ModuleList(
            nn.LSTM(size_in, size_out, batch_first=True) for size_in, size_out in itertools.pairwise(sizes)
        )
        needs_projection = config.tied and config.hidden != config.embedding
        self.projection = nn.Linear(config.hidden, config.embedding, bias=False) if needs_projection else nn.Identity()
        self.output = nn.Linear(config.embedding if config.tied else config.hidden, vocab_size)
        self.dropouts = nn.ModuleList(
            LockedDropout(probability)
            for probability in (config.dropout_input, *[config.dropout_hidden] * (config.layers - 1))
        )
        self.dropout_output = LockedDropout(config.dropout_output)
        self._initialise()
        if config.tied:
            self.output.weight = self.embedding.weight

    def _initialise(self) -> None:
        """Small uniform word vectors, so that the first loss is ln V; forget gates open (Jozefowicz et al. 2015)."""
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
        nn.init.uniform_(self.output.weight, -0.1, 0.1)
        nn.init.zeros_(self.output.bias)
        for layer in self.layers:
            assert isinstance(layer, nn.LSTM)
            weights = dict(layer.named_parameters())
            nn.init.zeros_(weights["bias_ih_l0"])
            nn.init.zeros_(weights["bias_hh_l0"])
            nn.init.ones_(weights["bias_ih_l0"][layer.hidden_size : 2 * layer.hidden_size])

    def forward(self, ids_BT: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Returns the logits of the next words, shape (B, T, V), and the state after the window.

        Args:
            ids_BT: Token ids, int64.
            state: The state after the window before, or None for zeros at the start of a text. It is used as it is:
                detach it where gradients must not flow back into earlier windows.
        """
        features = self.embedding(ids_BT)
        next_state: State = []
        for index, (layer, dropout) in enumerate(zip(self.layers, self.dropouts, strict=True)):
            carried = None if state is None else (state[index][0].unsqueeze(0), state[index][1].unsqueeze(0))
            features, (h_1BH, c_1BH) = layer(dropout(features), carried)
            next_state.append((h_1BH.squeeze(0), c_1BH.squeeze(0)))
        return self.output(self.projection(self.dropout_output(features))), next_state


def detach(state: State) -> State:
    """Returns the state cut off from the graph that made it."""
    return [(h_BH.detach(), c_BH.detach()) for h_BH, c_BH in state]
