"""Reading one token at a time, as text is written: what a model does, with its weights laid out for it.

A layer of torch and `F.linear` are made for many tokens at once. For one they read a matrix several times slower than
memory gives it, or lay it out anew for every call; most of the time of writing a word goes there.

Shape letters: B streams, V words of the vocabulary, D features in, W features out, K parts of a matrix, P features out
of a part, H units, G gates.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrize

from halo.models.ensemble import Ensemble
from halo.models.language_model import LanguageModel, State
from halo.models.mogrifier import MogrifierLSTM
from halo.models.output import SoftmaxOutput
from halo.models.pointer import pointer_mixture_logits
from halo.models.recurrent import RecurrentModel
from halo.runtime.errors import InputError

INT8_MAX, TINY = 127, 1e-30
"""The largest whole number that int8 weights and rows are scaled to, and what keeps a scale of zeros above 0."""

Linear = Callable[[Tensor], Tensor]
"""What multiplies rows, shape (B, D), with a matrix: shape (B, W)."""


class StepDecoder(ABC):
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
def step_decoder(model: LanguageModel, *, dtype: str = "float32") -> StepDecoder:
    """Returns what reads as the model does, without dropout.

    Args:
        model: Its weights are laid out anew where it is recurrent.
        dtype: How these are kept, one of `halo.config.commands.WEIGHTS`; fewer bytes are faster to read.

    Raises:
        InputError: There is no product with such weights for this model or this machine.
    """
    if dtype != "float32" and next(model.parameters()).device.type != "cpu":
        raise InputError(f"dtype={dtype}: only on a CPU (device=cpu); use dtype=float32")
    if isinstance(model, Ensemble):
        return _EnsembleDecoder([step_decoder(member, dtype=dtype) for member in model.networks()])
    if isinstance(model, RecurrentModel):
        return _RecurrentDecoder(model, dtype)
    if dtype != "float32":
        raise InputError(f"dtype={dtype}: only for recurrent models; use dtype=float32")
    return _ModelDecoder(model)


class _ModelDecoder(StepDecoder):
    """The model itself."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model

    def __call__(self, ids_B: Tensor, state: State) -> tuple[Tensor, State]:
        logits_B1V, state = self.model(ids_B.unsqueeze(1), state)
        return logits_B1V.squeeze(1), state


class _EnsembleDecoder(StepDecoder):
    """The mean of the probabilities of several models."""

    def __init__(self, members: list[StepDecoder]) -> None:
        self.members = members

    def __call__(self, ids_B: Tensor, state: State) -> tuple[Tensor, State]:
        size = len(state) // len(self.members)
        each_BV, after = [], []
        for index, member in enumerate(self.members):
            logits_BV, own = member(ids_B, state[index * size : (index + 1) * size])
            each_BV.append(F.log_softmax(logits_BV, dim=-1))
            after += own
        return torch.stack(each_BV).logsumexp(0), after


class _RecurrentDecoder(StepDecoder):
    """LSTM, Mogrifier LSTM or GRU layers, a softmax, and a pointer where there is one."""

    def __init__(self, model: RecurrentModel, dtype: str) -> None:
        self.vectors_VD = model.embedding.weight.detach()
        kinds = {nn.GRU: _GRUCell, nn.LSTM: _LSTMCell, MogrifierLSTM: _LSTMCell}
        self.cells = [kinds[type(layer)](layer, dtype) for layer in model.layers]
        self.projection: Linear = model.projection
        if isinstance(model.projection, nn.Linear):
            self.projection = make_linear(dtype, model.projection.weight)
        self.output: Linear = model.output
        if isinstance(model.output, SoftmaxOutput):
            self.output = make_linear(dtype, model.output.words.weight, model.output.bias)
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
        pointer_output, memory = self.pointer(features_BD.unsqueeze(1), ids_B.unsqueeze(1), state[-1])
        return pointer_mixture_logits(logits_BV.unsqueeze(1), pointer_output).squeeze(1), [*after, memory]


class _LSTMCell:
    """The step of an LSTM layer, with one product for input and state (Hochreiter and Schmidhuber 1997)."""

    def __init__(self, layer: nn.LSTM, dtype: str) -> None:
        weight_ih, weight_hh, bias_ih, bias_hh = layer.all_weights[0]
        self.gates = [make_linear(dtype, gate) for gate in getattr(layer, "gates", [])]
        into, forget, new_c, out = torch.arange(4 * layer.hidden_size).chunk(4)
        order = torch.cat([into, forget, out, new_c])  # the three that are sigmoids stand together
        weight, bias = torch.cat([weight_ih, weight_hh], dim=1), bias_ih + bias_hh
        self.make_linear = make_linear(dtype, weight[order], bias[order])
        self.sizes = [3 * layer.hidden_size, layer.hidden_size]

    def __call__(self, input_BD: Tensor, before: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        pair = [input_BD, before[0]]
        for number, gate in enumerate(self.gates):  # as in MogrifierLSTM.mogrify
            gated = number % 2
            pair[gated] = pair[gated] * 2 * torch.sigmoid(gate(pair[1 - gated]))
        gates_BG, new_c_BH = torch.split(self.make_linear(torch.cat(pair, dim=1)), self.sizes, dim=1)
        into_BH, forget_BH, out_BH = gates_BG.sigmoid().chunk(3, dim=1)
        c_BH = torch.addcmul(forget_BH * before[1], into_BH, new_c_BH.tanh())
        return out_BH * c_BH.tanh(), c_BH


class _GRUCell:
    """The step of a GRU layer (Cho et al. 2014, with the reset gate after the product, as torch has it)."""

    def __init__(self, layer: nn.GRU, dtype: str) -> None:
        weight_ih, weight_hh, bias_ih, bias_hh = layer.all_weights[0]
        self.from_input = make_linear(dtype, weight_ih, bias_ih)
        self.from_state = make_linear(dtype, weight_hh, bias_hh)

    def __call__(self, input_BD: Tensor, before: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        reset_input, update_input, new_input = self.from_input(input_BD).chunk(3, dim=1)
        reset_state, update_state, new_state = self.from_state(before[0]).chunk(3, dim=1)
        new_BH = torch.addcmul(new_input, (reset_input + reset_state).sigmoid(), new_state).tanh()
        return (torch.lerp(new_BH, before[0], (update_input + update_state).sigmoid()),)


def make_linear(dtype: str, weight_WD: Tensor, bias_W: Tensor | None = None) -> Linear:
    """Returns the product of a few rows with a matrix, and a bias: x W^T + b.

    Args:
        dtype: How the matrix is kept, one of `halo.config.commands.WEIGHTS`.
        weight_WD: The matrix.
        bias_W: The bias, or none.

    Raises:
        InputError: This processor has no such product.
    """
    weight_WD, bias_W = weight_WD.detach(), None if bias_W is None else bias_W.detach()
    if dtype == "float32":
        is_on_cpu = weight_WD.device.type == "cpu"
        return _product_by_parts(weight_WD, bias_W) if is_on_cpu else partial(F.linear, weight=weight_WD, bias=bias_W)
    try:
        return {"float16": _float16_product, "int8": _int8_product}[dtype](weight_WD, bias_W)
    except (AttributeError, RuntimeError) as error:
        raise InputError(f"dtype={dtype}: not on this processor; use dtype=float32") from error


def _product_by_parts(weight_WD: Tensor, bias_W: Tensor | None) -> Linear:
    """The matrix is turned, and each core has its part of the columns: rows then take what reading the matrix takes."""
    width, parts = len(weight_WD), torch.get_num_threads()
    padded_WD = F.pad(weight_WD, (0, 0, 0, -width % parts))
    parts_KDP = padded_WD.view(parts, -1, padded_WD.size(1)).transpose(1, 2).contiguous()

    def by_parts(rows_BD: Tensor) -> Tensor:
        parts_KBP = torch.bmm(rows_BD.expand(parts, *rows_BD.shape), parts_KDP)
        product_BW = parts_KBP.transpose(0, 1).reshape(len(rows_BD), -1)[:, :width]
        return product_BW if bias_W is None else product_BW + bias_W

    return by_parts


def _float16_product(weight_WD: Tensor, bias_W: Tensor | None) -> Linear:
    """FBGEMM's; the rows stay float32."""
    packed = torch.ops.quantized.linear_prepack_fp16(weight_WD, bias_W)

    def in_float16(rows_BD: Tensor) -> Tensor:
        product_BW: Tensor = torch.ops.quantized.linear_dynamic_fp16(rows_BD, packed)
        return product_BW

    return in_float16


def _int8_product(weight_WD: Tensor, bias_W: Tensor | None) -> Linear:
    """oneDNN's; each row of the matrix has a scale of its own, and the rows of a call share one.

    Raises:
        RuntimeError: Sums overflow, as they do on processors without instructions for that.
    """
    most = torch.full((64, 64), INT8_MAX, dtype=torch.int8)
    sums = _multiplied(most, 1.0, _whole(most, torch.ones(64), None))
    if not (sums == 64 * INT8_MAX**2).all():
        raise RuntimeError("sums of 8-bit products overflow")
    scale_W = weight_WD.abs().amax(1).clamp(min=TINY) / INT8_MAX
    whole = _whole((weight_WD / scale_W.unsqueeze(1)).round().to(torch.int8), scale_W, bias_W)

    def in_int8(rows_BD: Tensor) -> Tensor:
        low, high = rows_BD.aminmax()
        scale = max(-low.item(), high.item(), TINY) / INT8_MAX
        return _multiplied((rows_BD / scale).round_().to(torch.int8), scale, whole)

    return in_int8


class _Whole(NamedTuple):
    """A matrix of whole numbers as oneDNN keeps it, scale and zero of each row, and a bias."""

    packed: Tensor
    scale_W: Tensor
    zero_W: Tensor
    bias_W: Tensor | None


def _whole(matrix_WD: Tensor, scale_W: Tensor, bias_W: Tensor | None) -> _Whole:
    packed = torch.ops.onednn.qlinear_prepack(matrix_WD, [1, matrix_WD.size(1)])
    return _Whole(packed, scale_W, torch.zeros(len(scale_W), dtype=torch.int32), bias_W)


def _multiplied(rows_BD: Tensor, scale: float, matrix: _Whole) -> Tensor:
    """Returns the product of rows of whole numbers, which stand for `scale` times as much, with a matrix: float32."""
    product_BW: Tensor = torch.ops.onednn.qlinear_pointwise(
        rows_BD, scale, 0, *matrix, 1.0, 0, torch.float32, "none", [], ""
    )
    return product_BW
