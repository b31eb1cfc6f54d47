"""The state of an exported model: named tensors of fixed size, all zeros at the start of a text.

Inside the package the memory of a pointer or a transformer grows with the text. An exported program has a fixed number
of places instead, and the number of tokens that it remembers; so every state begins as zeros, and texts of different
lengths can be read side by side.
"""

from typing import NamedTuple

import torch
from torch import nn

from halo.models.ensemble import Ensemble
from halo.models.language_model import LanguageModel
from halo.models.pointer import KEY_FEATURES
from halo.models.recurrent import RecurrentModel
from halo.models.transformer import TransformerModel
from halo.runtime.errors import InputError


class StateTensor(NamedTuple):
    """A tensor that a program takes with each window and returns after it.

    Attributes:
        name: Its name as an input; the output has `next_` before it.
        sizes: Its shape without the first dimension, the streams.
        dtype: `float32` or `int64`.
        meaning: What it holds.
    """

    name: str
    sizes: tuple[int, ...]
    dtype: str
    meaning: str

    def zeros(self, batch_size: int) -> torch.Tensor:
        """Returns the tensor at the start of a text."""
        return torch.zeros(batch_size, *self.sizes, dtype=getattr(torch, self.dtype))


def state_of(model: LanguageModel) -> list[StateTensor]:
    """Returns the tensors of a model's state, in order; those of an ensemble member after member.

    Raises:
        InputError: The model is of another class than those of this package.
    """
    if isinstance(model, Ensemble):
        return [
            tensor._replace(name=f"member_{number}_{tensor.name}")
            for number, member in enumerate(model.networks())
            for tensor in state_of(member)
        ]
    if isinstance(model, RecurrentModel):
        return _recurrent_state(model)
    if isinstance(model, TransformerModel):
        return _transformer_state(model)
    raise InputError(f"{type(model).__name__}: a custom model cannot be exported; export it with its own code")


def _recurrent_state(model: RecurrentModel) -> list[StateTensor]:
    tensors = []
    for number, layer in enumerate(model.layers):
        assert isinstance(layer, nn.RNNBase)
        hidden = StateTensor(f"layer_{number}_hidden", (layer.hidden_size,), "float32", "hidden state of the layer")
        tensors.append(hidden)
        if isinstance(layer, nn.LSTM):
            tensors.append(hidden._replace(name=f"layer_{number}_cell", meaning="cell state of the layer"))
    if model.pointer is not None:
        places = model.pointer.tokens
        tensors += [
            StateTensor("pointer_keys", (places, KEY_FEATURES), "float32", "keys of the last tokens, latest last"),
            StateTensor("pointer_ids", (places,), "int64", "their ids"),
            StateTensor("num_tokens", (), "int64", f"how many tokens are remembered, up to {places}"),
        ]
    return tensors


def _transformer_state(model: TransformerModel) -> list[StateTensor]:
    heads = model.embedding.embedding_dim // model.head_features
    sizes = (heads, model.context, model.head_features)
    tensors = [
        StateTensor(f"layer_{number}_{kind}", sizes, "float32", f"{kind} of the last tokens, latest last")
        for number in range(len(model.layers))
        for kind in ("keys", "values")
    ]
    counter = StateTensor("num_tokens", (), "int64", f"how many tokens are remembered, up to {model.context}")
    return [*tensors, counter]
