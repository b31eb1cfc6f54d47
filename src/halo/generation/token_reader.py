"""Reading one token at a time, as text is written: what a model does, with its weights laid out for it.

A layer of torch and `F.linear` are made for many tokens at once. For one they read a matrix several times slower than
memory gives it, or lay it out anew for every call; most of the time of writing a word goes there.

Shape letters: B streams, V words of the vocabulary, D features in, W features out, K parts of a matrix, P features out
of a part, H units, G gates.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrize

from halo.errors import InputError
from halo.models.ensemble import Ensemble
from halo.models.language_model import LanguageModel, State
from halo.models.mogrifier import MogrifierLSTM
from halo.models.output import SoftmaxOutput
from halo.models.pointer import mixed_logits
from halo.models.recurrent import RecurrentModel


class TokenReader(ABC):
    """Reads one token of each stream, as long as the weights of the model stay as they are."""

    @abstractmethod
    def __call__(self, ids_B: Tensor, state: State) -> tuple[Tensor, State]:
        """Returns the logits of the next words, shape (B, V), and the state after the tokens.

        Args:
            ids_B: Token ids, int64.
            state: The state of the model before them.
        """


@torch.no_grad()
@parametrize.cached()
def token_reader(model: LanguageModel, *, half: bool) -> TokenReader:
    """Returns what reads as the model does, without dropout.

    Args:
        model: Its weights are laid out anew where it is recurrent.
        half: Whether these are kept as float16, half as large to read; what they are multiplied with stays float32.

    Raises:
        InputError: There is no product with float16 weights for this model or this machine.
    """
    if half and next(model.parameters()).device.type != "cpu":
        raise InputError("weights=float16: only on a CPU (device=cpu); use weights=float32")
    if isinstance(model, Ensemble):
        return _EnsembleReader([token_reader(member, half=half) for member in model.networks()])
    if isinstance(model, RecurrentModel):
        return _RecurrentReader(model, half=half)
    if half:
        raise InputError("weights=float16: only for recurrent models; use weights=float32")
    return _ModelReader(model)


class _ModelReader(TokenReader):
    """The model itself."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model

    def __call__(self, ids_B: Tensor, state: State) -> tuple[Tensor, State]:
        logits_B1V, state = self.model(ids_B.unsqueeze(1), state)
        return logits_B1V.squeeze(1), state


class _EnsembleReader(TokenReader):
    """The mean of the probabilities of several models."""

    def __init__(self, members: list[TokenReader]) -> None:
        self.members = members

    def __call__(self, ids_B: Tensor, state: State) -> tuple[Tensor, State]:
        size = len(state) // len(self.members)
        each_BV, after = [], []
        for index, member in enumerate(self.members):
            logits_BV, own = member(ids_B, state[index * size : (index + 1) * size])
            each_BV.append(F.log_softmax(logits_BV, dim=-1))
            after += own
        return torch.stack(each_BV).logsumexp(0), after


class _RecurrentReader(TokenReader):
    """LSTM, Mogrifier LSTM or GRU layers, a softmax, and a pointer where there is one."""

    def __init__(self, model: RecurrentModel, *, half: bool) -> None:
        self.vectors_VD = model.embedding.weight.detach()
        kinds = {nn.GRU: _GRUCell, nn.LSTM: _LSTMCell, MogrifierLSTM: _LSTMCell}
        self.cells = [kinds[type(layer)](layer, half=half) for layer in model.layers]
        self.projection: Callable[[Tensor], Tensor] = model.projection
        if isinstance(model.projection, nn.Linear):
            self.projection = Product(model.projection.weight, half=half)
        self.output: Callable[[Tensor], Tensor] = model.output
        if isinstance(model.output, SoftmaxOutput):
            self.output = Product(model.output.words.weight, model.output.bias, half=half)
        self.pointer = model.pointer

    def __call__(self, ids_B: Tensor, state: State) -> tuple[Tensor, State]:
        features_BD = F.embedding(ids_B, self.vectors_VD)
        after: State = []
        for cell, before in zip(self.cells, state, strict=False):
            after.append(cell(features_BD, before))
            features_BD = after[-1][0]
        logits_BV = self.output(self.projection(features_BD))
        if self.pointer is None:
            return logits_BV, after
        pointed, memory = self.pointer(features_BD.unsqueeze(1), ids_B.unsqueeze(1), state[-1])
        return mixed_logits(logits_BV.unsqueeze(1), pointed).squeeze(1), [*after, memory]


class _LSTMCell:
    """The step of an LSTM layer, with one product for input and state (Hochreiter and Schmidhuber 1997)."""

    def __init__(self, layer: nn.LSTM, *, half: bool) -> None:
        weight_ih, weight_hh, bias_ih, bias_hh = layer.all_weights[0]
        self.gates = [Product(gate, half=half) for gate in getattr(layer, "gates", [])]
        into, forget, new_c, out = torch.arange(4 * layer.hidden_size).chunk(4)
        order = torch.cat([into, forget, out, new_c])  # the three that are sigmoids stand together
        weight, bias = torch.cat([weight_ih, weight_hh], dim=1), bias_ih + bias_hh
        self.product = Product(weight[order], bias[order], half=half)
        self.sizes = [3 * layer.hidden_size, layer.hidden_size]

    def __call__(self, input_BD: Tensor, before: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        pair = [input_BD, before[0]]
        for number, gate in enumerate(self.gates):  # as in MogrifierLSTM.mogrify
            gated = number % 2
            pair[gated] = pair[gated] * 2 * torch.sigmoid(gate(pair[1 - gated]))
        gates_BG, new_c_BH = torch.split(self.product(torch.cat(pair, dim=1)), self.sizes, dim=1)
        into_BH, forget_BH, out_BH = gates_BG.sigmoid().chunk(3, dim=1)
        c_BH = torch.addcmul(forget_BH * before[1], into_BH, new_c_BH.tanh())
        return out_BH * c_BH.tanh(), c_BH


class _GRUCell:
    """The step of a GRU layer (Cho et al. 2014, with the reset gate after the product, as torch has it)."""

    def __init__(self, layer: nn.GRU, *, half: bool) -> None:
        weight_ih, weight_hh, bias_ih, bias_hh = layer.all_weights[0]
        self.from_input, self.from_state = (
            Product(weight_ih, bias_ih, half=half),
            Product(weight_hh, bias_hh, half=half),
        )

    def __call__(self, input_BD: Tensor, before: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        reset_input, update_input, new_input = self.from_input(input_BD).chunk(3, dim=1)
        reset_state, update_state, new_state = self.from_state(before[0]).chunk(3, dim=1)
        new_BH = torch.addcmul(new_input, (reset_input + reset_state).sigmoid(), new_state).tanh()
        return (torch.lerp(new_BH, before[0], (update_input + update_state).sigmoid()),)


class Product:
    """The product of a few rows with a matrix, and a bias: x W^T + b.

    On a CPU the matrix is turned, and each core has its part of the columns: rows then take what reading the matrix
    takes. With `half` that is FBGEMM's product with float16 weights.

    Args:
        weight_WD: The matrix.
        bias_W: The bias, or none.
        half: Whether the matrix is kept as float16.
    """

    def __init__(self, weight_WD: Tensor, bias_W: Tensor | None = None, *, half: bool) -> None:
        self.width = len(weight_WD)
        self.weight_WD, self.bias_W = weight_WD.detach(), None if bias_W is None else bias_W.detach()
        self.is_on_cpu, self.packed = weight_WD.device.type == "cpu", None
        if half:
            try:
                self.packed = torch.ops.quantized.linear_prepack_fp16(self.weight_WD, self.bias_W)
            except RuntimeError as error:
                raise InputError("weights=float16: not on this processor; use weights=float32") from error
        elif self.is_on_cpu:
            parts = torch.get_num_threads()
            padded_WD = F.pad(self.weight_WD, (0, 0, 0, -self.width % parts))
            self.parts_KDP = padded_WD.view(parts, -1, padded_WD.size(1)).transpose(1, 2).contiguous()

    def __call__(self, rows_BD: Tensor) -> Tensor:
        """Returns the products, shape (B, W)."""
        if self.packed is not None:
            product_BW: Tensor = torch.ops.quantized.linear_dynamic_fp16(rows_BD, self.packed)
            return product_BW
        if not self.is_on_cpu:
            return F.linear(rows_BD, self.weight_WD, self.bias_W)
        parts_KBP = torch.bmm(rows_BD.expand(len(self.parts_KDP), *rows_BD.shape), self.parts_KDP)
        product_BW = parts_KBP.transpose(0, 1).reshape(len(rows_BD), -1)[:, : self.width]
        return product_BW if self.bias_W is None else product_BW + self.bias_W
