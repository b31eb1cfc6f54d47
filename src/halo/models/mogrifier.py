"""The Mogrifier LSTM: input and previous output gate each other before they enter the cell.

Shape letters: B streams, T tokens of a window, D features of the input, H units, G = 4 H.
"""

import itertools
import math
from typing import Any

import torch
from torch import Tensor, nn


class MogrifierLSTM(nn.LSTM):
    """An LSTM layer whose input and previous output modulate each other in turns (Melis et al. 2020, Mogrifier LSTM).

    In each round one of them is multiplied by 2 sigmoid(W other): the input in the first, third, ... round (matrix Q of
    the paper, shape (D, H)), the output in the others (R, shape (H, D)). The input of the cell thus depends on the
    words before it. Initially all gates are close to 1, and the layer is close to a plain LSTM.

    Args:
        input_size: D.
        hidden_size: H.
        rounds: Number of rounds; 0 for a plain LSTM.
    """

    def __init__(self, input_size: int, hidden_size: int, *, rounds: int) -> None:
        super().__init__(input_size, hidden_size, batch_first=True)
        shapes = itertools.islice(itertools.cycle([(input_size, hidden_size), (hidden_size, input_size)]), rounds)
        self.gates = nn.ParameterList(
            nn.init.uniform_(torch.empty(shape), -1 / math.sqrt(shape[1]), 1 / math.sqrt(shape[1])) for shape in shapes
        )

    def mogrify(self, input_BD: Tensor, h_BH: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the input and the previous output after all rounds, as they enter the cell."""
        pair = [input_BD, h_BH]
        for number, gate in enumerate(self.gates):
            gated = number % 2
            pair[gated] = pair[gated] * 2 * torch.sigmoid(pair[1 - gated] @ gate.t())
        return pair[0], pair[1]

    def forward(  # type: ignore[override]
        self, inputs_BTD: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Returns the outputs, shape (B, T, H), and the last hidden and cell state, shape (1, B, H) each, float32."""
        with torch.autocast(inputs_BTD.device.type, enabled=False):
            inputs_TBD = inputs_BTD.float().transpose(0, 1).contiguous()
            zeros_BH = inputs_TBD.new_zeros(inputs_TBD.size(1), self.hidden_size)
            h_BH, c_BH = (zeros_BH, zeros_BH) if state is None else (state[0][0].float(), state[1][0].float())
            weight_ih, weight_hh, bias_ih, bias_hh = self.all_weights[0]
            weights = (weight_ih, weight_hh, bias_ih + bias_hh, *self.gates)
            outputs_TBH, c_BH = _Recurrence.apply(inputs_TBD, h_BH, c_BH, *weights)  # type: ignore[no-untyped-call]
        return outputs_TBH.transpose(0, 1), (outputs_TBH[-1].unsqueeze(0), c_BH.unsqueeze(0))


class _Recurrence(torch.autograd.Function):
    """All time steps of a window, with a backward pass that computes each weight's gradient in one product.

    Autograd would multiply out the gradient of each weight at every step; here the factors of these products are
    stored, and multiplied once over all steps.
    """

    @staticmethod
    def forward(ctx: Any, inputs_TBD: Tensor, h_BH: Tensor, c_BH: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor]:
        w_ih, w_hh, bias, *gates = weights
        T, B = inputs_TBD.shape[:2]
        units = h_BH.size(1)
        new = inputs_TBD.new_empty
        h_TBH, c_TBH, tanh_TBH = new(T + 1, B, units), new(T + 1, B, units), new(T, B, units)
        h_TBH[0], c_TBH[0] = h_BH, c_BH
        cell_TBG = bias.repeat(T, B, 1)
        factors = [new(T, B, gate.size(0)) for gate in gates]  # 2 sigmoid(W other) of each round
        gated = [new(T, B, gate.size(0)) for gate in gates]  # the input or output after each round
        from_ih, from_hh, *turned = (weight.t() for weight in (w_ih, w_hh, *gates))
        h, c = h_TBH.unbind(), c_TBH.unbind()
        steps = zip(inputs_TBD.unbind(), h, h[1:], c, c[1:], tanh_TBH.unbind(), cell_TBG.unbind(), strict=False)
        rounds = list(zip(*(each.unbind() for pair in zip(factors, gated, strict=True) for each in pair), strict=True))
        for t, (input_BD, last_h, next_h, last_c, next_c, tanh_c, cell) in enumerate(steps):
            pair = [input_BD, last_h]
            for number, gate in enumerate(turned):
                gated_one, factor, product = number % 2, *rounds[t][2 * number : 2 * number + 2]
                torch.mm(pair[1 - gated_one], gate, out=factor).sigmoid_().mul_(2)
                pair[gated_one] = torch.mul(pair[gated_one], factor, out=product)
            cell.addmm_(pair[0], from_ih).addmm_(pair[1], from_hh)
            into_and_forget, new_c, out = cell.split([2 * units, units, units], dim=1)
            into, forget = into_and_forget.sigmoid_().chunk(2, dim=1)
            torch.mul(forget, last_c, out=next_c).addcmul_(into, new_c.tanh_())
            torch.mul(out.sigmoid_(), torch.tanh(next_c, out=tanh_c), out=next_h)
        ctx.save_for_backward(inputs_TBD, h_TBH, c_TBH, tanh_TBH, cell_TBG, w_ih, w_hh, *gates, *factors, *gated)
        ctx.rounds = len(gates)
        return h_TBH[1:], c_TBH[-1].clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        inputs_TBD, h_TBH, c_TBH, tanh_TBH, cell_TBG, w_ih, w_hh, *rest = ctx.saved_tensors
        rounds, units = ctx.rounds, h_TBH.size(2)
        gates, factors, gated = rest[:rounds], rest[rounds : 2 * rounds], rest[2 * rounds :]
        pairs = [inputs_TBD, h_TBH[:-1], *gated]  # round k gates number k by number k + 1
        into, forget, new_c, out = cell_TBG.chunk(4, dim=2)
        # Local derivatives, for all steps at once: of the cell by c and by h, and of the rounds.
        slope_c = out * (1 - tanh_TBH.square())
        slope_into, slope_forget = new_c * into * (1 - into), c_TBH[:-1] * forget * (1 - forget)
        slopes_TB3H = torch.stack([slope_into, slope_forget, into * (1 - new_c.square())], dim=2)
        slope_out = tanh_TBH * out * (1 - out)
        slopes = [factor * (1 - factor / 2) * old for factor, old in zip(factors, pairs, strict=False)]

        d_outputs_TBH, d_c = gradients
        d_h = torch.zeros_like(d_c)
        d_inputs_TBD, d_cell_TBG = torch.empty_like(inputs_TBD), torch.empty_like(cell_TBG)
        d_gates = [torch.empty_like(factor) for factor in factors]  # of the argument of each sigmoid
        d_cell_TB4H = d_cell_TBG.view(*d_cell_TBG.shape[:2], 4, units)
        by_step = (d_outputs_TBH, slope_c, slopes_TB3H, slope_out, forget)
        into_step = (d_inputs_TBD, d_cell_TBG, d_cell_TB4H[:, :, :3], d_cell_TB4H[:, :, 3])
        steps = list(zip(*(each.unbind() for each in (*by_step, *into_step)), strict=True))
        of_rounds = [each.unbind() for three in zip(slopes, factors, d_gates, strict=True) for each in three]
        rounds_of_step = list(zip(*of_rounds, strict=True))
        for t in reversed(range(len(steps))):
            d_output, to_c, to_3, to_out, kept, d_input, d_cell, d_3, d_out = steps[t]
            d_h = d_h + d_output
            d_c = torch.addcmul(d_c, d_h, to_c)
            torch.mul(to_3, d_c.unsqueeze(1), out=d_3)
            torch.mul(to_out, d_h, out=d_out)
            d_c = d_c * kept
            pair = [torch.mm(d_cell, w_ih, out=d_input), torch.mm(d_cell, w_hh)]
            for number in reversed(range(rounds)):
                gated_one, (slope, factor, d_gate) = number % 2, rounds_of_step[t][3 * number : 3 * number + 3]
                torch.mul(pair[gated_one], slope, out=d_gate)
                pair[gated_one].mul_(factor)
                pair[1 - gated_one].addmm_(d_gate, gates[number])
            d_h = pair[1]

        d_cell = d_cell_TBG.flatten(0, 1)
        in_cell = pairs[-1:-3:-1] if rounds % 2 else pairs[-2:]  # input and output as they entered it
        return (
            d_inputs_TBD,
            d_h,
            d_c,
            *(d_cell.t() @ each.flatten(0, 1) for each in in_cell),
            d_cell.sum(0),
            *(d.flatten(0, 1).t() @ by.flatten(0, 1) for d, by in zip(d_gates, pairs[1:], strict=False)),
        )
