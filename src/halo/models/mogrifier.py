"""The Mogrifier LSTM: input and state gate each other before they meet in the cell.

Shape letters: B streams, T tokens of a window, D features of the input, H units.
"""

import itertools
import math
from typing import Any

import torch
from torch import Tensor, nn


class MogrifierLSTM(nn.LSTM):
    """An LSTM layer whose input and last output modulate each other in turns (Melis et al. 2020, Mogrifier LSTM).

    In each round one of them is multiplied by 2 sigmoid(W other): the input in the first, third, ... round (`gates` are
    Q of the paper, shape (D, H)), the output in the others (R, shape (H, D)). What a word says to the cell thus depends
    on the words before it. At first the gates are about 1 and the layer is a plain LSTM.

    Args:
        input_size: D.
        hidden_size: H.
        rounds: How often one gates the other.
    """

    def __init__(self, input_size: int, hidden_size: int, *, rounds: int) -> None:
        super().__init__(input_size, hidden_size, batch_first=True)
        shapes = itertools.islice(itertools.cycle([(input_size, hidden_size), (hidden_size, input_size)]), rounds)
        self.gates = nn.ParameterList(
            nn.init.uniform_(torch.empty(shape), -1 / math.sqrt(shape[1]), 1 / math.sqrt(shape[1])) for shape in shapes
        )

    def mogrify(self, input_BD: Tensor, h_BH: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the input and the last output as they meet in the cell, after all rounds."""
        pair = [input_BD, h_BH]
        for number, gate in enumerate(self.gates):
            gated = number % 2
            pair[gated] = pair[gated] * 2 * torch.sigmoid(pair[1 - gated] @ gate.t())
        return pair[0], pair[1]

    def forward(  # type: ignore[override]
        self, inputs_BTD: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Returns the outputs, shape (B, T, H), and the last output and cell state, shape (1, B, H) each, float32."""
        with torch.autocast(inputs_BTD.device.type, enabled=False):
            inputs_TBD = inputs_BTD.float().transpose(0, 1).contiguous()
            zeros_BH = inputs_TBD.new_zeros(inputs_TBD.size(1), self.hidden_size)
            h_BH, c_BH = (zeros_BH, zeros_BH) if state is None else (state[0][0].float(), state[1][0].float())
            weight_ih, weight_hh, bias_ih, bias_hh = self.all_weights[0]
            weights = (weight_ih, weight_hh, bias_ih + bias_hh, *self.gates)
            outputs_TBH, c_BH = _Recurrence.apply(inputs_TBD, h_BH, c_BH, *weights)  # type: ignore[no-untyped-call]
        return outputs_TBH.transpose(0, 1), (outputs_TBH[-1].unsqueeze(0), c_BH.unsqueeze(0))


class _Recurrence(torch.autograd.Function):
    """All steps of a window, with a backward pass of its own.

    torch's would multiply out the gradient of each weight at every step; here what these products need is kept, and
    each is one product over all steps at the end.
    """

    @staticmethod
    def forward(ctx: Any, inputs_TBD: Tensor, h_BH: Tensor, c_BH: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor]:
        w_ih, w_hh, bias, *gates = weights
        T, B = inputs_TBD.shape[:2]
        units = h_BH.size(1)
        new = inputs_TBD.new_empty
        h_TBH, c_TBH, tanh_TBH = new(T + 1, B, units), new(T + 1, B, units), new(T, B, units)
        h_TBH[0], c_TBH[0] = h_BH, c_BH
        cell_TBG = new(T, B, 4 * units)
        factors = [new(T, B, gate.size(0)) for gate in gates]  # 2 sigmoid(W other) of each round
        gated = [new(T, B, gate.size(0)) for gate in gates]  # what they make of the input or the output
        for t in range(T):
            pair = [inputs_TBD[t], h_TBH[t]]
            for number, gate in enumerate(gates):
                mine = number % 2
                factor = torch.mm(pair[1 - mine], gate.t(), out=factors[number][t]).sigmoid_().mul_(2)
                pair[mine] = torch.mul(pair[mine], factor, out=gated[number][t])
            cell = torch.addmm(bias, pair[0], w_ih.t(), out=cell_TBG[t]).addmm_(pair[1], w_hh.t())
            into, forget, new_c, out = cell.chunk(4, dim=1)
            cell[:, : 2 * units].sigmoid_()
            new_c.tanh_()
            out.sigmoid_()
            torch.mul(forget, c_TBH[t], out=c_TBH[t + 1]).addcmul_(into, new_c)
            torch.mul(out, torch.tanh(c_TBH[t + 1], out=tanh_TBH[t]), out=h_TBH[t + 1])
        ctx.save_for_backward(inputs_TBD, h_TBH, c_TBH, tanh_TBH, cell_TBG, w_ih, w_hh, *gates, *factors, *gated)
        ctx.rounds = len(gates)
        return h_TBH[1:], c_TBH[-1].clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        inputs_TBD, h_TBH, c_TBH, tanh_TBH, cell_TBG, w_ih, w_hh, *rest = ctx.saved_tensors
        rounds, units = ctx.rounds, h_TBH.size(2)
        gates, factors, gated = rest[:rounds], rest[rounds : 2 * rounds], rest[2 * rounds :]
        pairs = [inputs_TBD, h_TBH[:-1], *gated]  # of these, round k gates number k by number k + 1
        into, forget, new_c, out = cell_TBG.chunk(4, dim=2)
        # What each step needs of itself, for all steps at once: derivatives of the cell's parts by c, by h; the rounds'
        slope_c = out * (1 - tanh_TBH.square())
        slope_into, slope_forget = new_c * into * (1 - into), c_TBH[:-1] * forget * (1 - forget)
        slopes_TB3H = torch.stack([slope_into, slope_forget, into * (1 - new_c.square())], dim=2)
        slope_out = tanh_TBH * out * (1 - out)
        slopes = [factor * (1 - factor / 2) * old for factor, old in zip(factors, pairs, strict=False)]

        d_outputs_TBH, d_c = gradients
        d_h = torch.zeros_like(d_c)
        d_inputs_TBD, d_cell_TBG = torch.empty_like(inputs_TBD), torch.empty_like(cell_TBG)
        d_gates = [torch.empty_like(factor) for factor in factors]  # of what goes into each sigmoid
        for t in reversed(range(len(inputs_TBD))):
            d_h = d_h + d_outputs_TBH[t]
            d_c = torch.addcmul(d_c, d_h, slope_c[t])
            d_cell_B4H = d_cell_TBG[t].view(-1, 4, units)
            torch.mul(slopes_TB3H[t], d_c.unsqueeze(1), out=d_cell_B4H[:, :3])
            torch.mul(slope_out[t], d_h, out=d_cell_B4H[:, 3])
            d_c = d_c * forget[t]
            pair = [torch.mm(d_cell_TBG[t], w_ih), torch.mm(d_cell_TBG[t], w_hh)]
            for number in reversed(range(rounds)):
                mine = number % 2
                torch.mul(pair[mine], slopes[number][t], out=d_gates[number][t])
                pair[mine].mul_(factors[number][t])
                pair[1 - mine].addmm_(d_gates[number][t], gates[number])
            d_inputs_TBD[t], d_h = pair

        d_cell = d_cell_TBG.flatten(0, 1)
        in_cell = pairs[-1:-3:-1] if rounds % 2 else pairs[-2:]  # input and output as they met there
        return (
            d_inputs_TBD,
            d_h,
            d_c,
            *(d_cell.t() @ each.flatten(0, 1) for each in in_cell),
            d_cell.sum(0),
            *(d.flatten(0, 1).t() @ by.flatten(0, 1) for d, by in zip(d_gates, pairs[1:], strict=False)),
        )
