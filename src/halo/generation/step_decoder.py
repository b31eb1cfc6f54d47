"""Decoding one token at a time, with weights in a memory layout that suits it.

Recurrent layers of torch and `F.linear` are optimised for many tokens at once. For a single token they read a matrix
several times slower than memory allows, or copy it to another layout in each call, which takes most of the time of
generation.

Shape letters: B streams, V words of the vocabulary, D input features, W output features, K parts of a matrix, P output
features of a part, H units, G gates.
"""

import contextlib
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from halo.models.computed_weights import cached_weights
from halo.models.ensemble import Ensemble
from halo.models.language_model import LanguageModel, State, evaluation_mode
from halo.models.mogrifier import MogrifierLSTM
from halo.models.output import SoftmaxOutput
from halo.models.pointer import pointer_mixture_logits
from halo.models.recurrent import RecurrentModel
from halo.runtime.errors import InputError

log = logging.getLogger(__name__)

TIMED_PRODUCTS = 7
"""How often a product is timed; the shortest time counts, since other programs only make it longer."""
MIN_GAIN = 1.1
"""How much faster float16 must be for `auto` to choose it, so that the choice rarely depends on chance."""

Linear = Callable[[Tensor], Tensor]
"""Multiplies rows, shape (B, D), by a matrix: shape (B, W)."""


class StepDecoder(ABC):
    """Reads one token of each stream; valid until the weights of the model change."""

    @abstractmethod
    def __call__(self, ids_B: Tensor, state: State) -> tuple[Tensor, State]:
        """Returns the logits of the next words, shape (B, V), and the state after the tokens.

        Args:
            ids_B: Token ids, int64.
            state: The state before the tokens.
        """


def step_decoder(model: LanguageModel, *, dtype: str = "float32") -> StepDecoder:
    """Returns a decoder that predicts like the model without dropout.

    Args:
        model: The model; the weights of a recurrent one are copied to a faster layout.
        dtype: Number format of the copies, one of `halo.config.DTYPES`: `float16` halves the bytes that are read, which
            is faster only where the processor has instructions for it; `auto` measures that, and chooses. Where the
            given format is slower than float32, one line says so.

    Raises:
        InputError: This model or this machine does not support the number format.
    """
    networks = model.networks() if isinstance(model, Ensemble) else [model]
    dtype = _usable_dtype(networks[0], dtype)
    decoders = [_decoder(network, dtype) for network in networks]
    return _EnsembleDecoder(decoders) if isinstance(model, Ensemble) else decoders[0]


def _decoder(model: LanguageModel, dtype: str) -> StepDecoder:
    if not isinstance(model, RecurrentModel):
        return _ModelDecoder(model)
    with predicting(model):
        return _RecurrentDecoder(model, dtype)


def _usable_dtype(model: LanguageModel, dtype: str) -> str:
    """Returns the number format to use, `float32` or `float16`.

    Raises:
        InputError: The given format is not supported here.
    """
    if dtype == "float32":
        return dtype
    is_recurrent, is_on_cpu = isinstance(model, RecurrentModel), next(model.parameters()).device.type == "cpu"
    if dtype == "auto":
        return "float16" if is_recurrent and is_on_cpu and _gain_of_float16(model) >= MIN_GAIN else "float32"
    if not is_on_cpu:
        raise InputError(f"dtype={dtype}: only on a CPU; use device=cpu or dtype=float32")
    if not is_recurrent:
        raise InputError(f"dtype={dtype}: only for recurrent models; use dtype=float32")
    if (gain := _gain_of_float16(model)) == 0:
        raise InputError(f"dtype={dtype}: not supported by this processor; use dtype=float32")
    if gain < 1:
        log.warning("dtype=%s: %.1f x slower on this processor than float32, which is exact", dtype, 1 / gain)
    return dtype


@torch.no_grad()
def _gain_of_float16(model: LanguageModel) -> float:
    """Returns how many times as fast as in float32 the largest matrix is multiplied; 0 if it cannot be in float16."""
    weight_WD = max((weight for weight in model.parameters() if weight.dim() == 2), key=Tensor.numel).detach()
    row_1D = torch.zeros(1, weight_WD.size(1))
    seconds = {}
    for dtype in ("float32", "float16"):
        try:
            product = make_linear(dtype, weight_WD)
        except InputError:
            return 0.0
        seconds[dtype] = min(_seconds(product, row_1D) for _ in range(TIMED_PRODUCTS))
    return seconds["float32"] / seconds["float16"]


def _seconds(product: Linear, rows_BD: Tensor) -> float:
    began = time.perf_counter()
    product(rows_BD)
    return time.perf_counter() - began


@contextlib.contextmanager
def predicting(model: LanguageModel) -> Iterator[None]:
    """Switches off gradients and dropout for a while.

    A loaded model is in evaluation mode and has plain weights: then nothing is changed that other threads see.
    """
    with torch.no_grad(), evaluation_mode(model), cached_weights(model):
        yield


class _ModelDecoder(StepDecoder):
    """Calls the model itself."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model

    def __call__(self, ids_B: Tensor, state: State) -> tuple[Tensor, State]:
        logits_B1V, state = self.model(ids_B.unsqueeze(1), state)
        return logits_B1V.squeeze(1), state


class _EnsembleDecoder(StepDecoder):
    """Averages the probabilities of several models."""

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
    """Decodes with LSTM, Mogrifier LSTM or GRU layers, a softmax, and a pointer if the model has one."""

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
    """A time step of an LSTM layer, with one product for input and state (Hochreiter and Schmidhuber 1997)."""

    def __init__(self, layer: nn.LSTM, dtype: str) -> None:
        weight_ih, weight_hh, bias_ih, bias_hh = layer.all_weights[0]
        self.gates = [make_linear(dtype, gate) for gate in getattr(layer, "gates", [])]
        into, forget, new_c, out = torch.arange(4 * layer.hidden_size).chunk(4)
        order = torch.cat([into, forget, out, new_c])  # the three sigmoid gates come first
        weight, bias = torch.cat([weight_ih, weight_hh], dim=1), bias_ih + bias_hh
        self.gate_product = make_linear(dtype, weight[order], bias[order])
        self.sizes = [3 * layer.hidden_size, layer.hidden_size]

    def __call__(self, input_BD: Tensor, before: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        pair = [input_BD, before[0]]
        for number, gate in enumerate(self.gates):  # as in MogrifierLSTM.mogrify
            gated = number % 2
            pair[gated] = pair[gated] * 2 * torch.sigmoid(gate(pair[1 - gated]))
        gates_BG, new_c_BH = torch.split(self.gate_product(torch.cat(pair, dim=1)), self.sizes, dim=1)
        into_BH, forget_BH, out_BH = gates_BG.sigmoid().chunk(3, dim=1)
        c_BH = torch.addcmul(forget_BH * before[1], into_BH, new_c_BH.tanh())
        return out_BH * c_BH.tanh(), c_BH


class _GRUCell:
    """A time step of a GRU layer (Cho et al. 2014; the reset gate follows the product, as in torch)."""

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
    """Returns a function that computes x W^T + b for a few rows x.

    Args:
        dtype: Number format of the matrix, `float32` or `float16`.
        weight_WD: The matrix W.
        bias_W: The bias b, or None.

    Raises:
        InputError: This processor does not support the number format.
    """
    weight_WD, bias_W = weight_WD.detach(), None if bias_W is None else bias_W.detach()
    if dtype == "float32":
        is_on_cpu = weight_WD.device.type == "cpu"
        return _split_linear(weight_WD, bias_W) if is_on_cpu else partial(F.linear, weight=weight_WD, bias=bias_W)
    try:
        return _float16_linear(weight_WD, bias_W)
    except (AttributeError, RuntimeError) as error:
        raise InputError(f"dtype={dtype}: not supported by this processor; use dtype=float32") from error


def _split_linear(weight_WD: Tensor, bias_W: Tensor | None) -> Linear:
    """Returns a float32 product limited only by the time to read the matrix: transposed, one part for each core."""
    width, parts = len(weight_WD), torch.get_num_threads()
    padded_WD = F.pad(weight_WD, (0, 0, 0, -width % parts))
    parts_KDP = padded_WD.view(parts, -1, padded_WD.size(1)).transpose(1, 2).contiguous()

    def split_linear(rows_BD: Tensor) -> Tensor:
        parts_KBP = torch.bmm(rows_BD.expand(parts, *rows_BD.shape), parts_KDP)
        product_BW = parts_KBP.transpose(0, 1).reshape(len(rows_BD), -1)[:, :width]
        return product_BW if bias_W is None else product_BW + bias_W

    return split_linear


def _float16_linear(weight_WD: Tensor, bias_W: Tensor | None) -> Linear:
    """Returns the product of FBGEMM with a float16 matrix; inputs stay float32."""
    packed = torch.ops.quantized.linear_prepack_fp16(weight_WD, bias_W)

    def float16_linear(rows_BD: Tensor) -> Tensor:
        product_BW: Tensor = torch.ops.quantized.linear_dynamic_fp16(rows_BD, packed)
        return product_BW

    return float16_linear
