"""Speedup of each single optimization in `docs/performance.md`: layers, losses, weight masks, one-row products.

A recurrent layer and its gradients, for a window of 20 streams and 35 tokens: torch's own (oneDNN on a CPU), and
halo's step-by-step layer with its own backward pass, which the Mogrifier LSTM needs, without gates and with two rounds.

The loss and its gradients, from features to NLL, of 700 tokens: torch's linear layer and cross-entropy, and halo's
loss, with rows of logits unaligned and aligned in memory. Both also in bfloat16, if the processor multiplies faster in
it; so too the recurrent layer. Dropping half of the recurrent weights: `F.dropout`, and halo's mask. The product of one
row with the output matrix, which generation needs for each word: `F.linear`, and the layouts of
`halo.generation.step_decoder`.

All take turns in one process, which keeps freed memory; a figure is the median of the rounds, each of several calls.

    python benchmarks/levers.py
"""

import argparse
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from measuring import in_turn, medians, report
from torch import Tensor, nn

from halo.generation.step_decoder import make_linear
from halo.models import loss
from halo.models.dropout import mask_like
from halo.models.mogrifier import MogrifierLSTM
from halo.runtime.allocator import keep_freed_memory
from halo.training.precision import precision_of

BATCH_SIZE, SEQUENCE_LENGTH = 20, 35
TOKENS, CALLS = BATCH_SIZE * SEQUENCE_LENGTH, 10
UNITS = (200, 650)
SIZES = ((5771, 200), (13_777, 200), (5771, 650))
HAS_FAST = precision_of("auto", "cpu") != "32-true"
HEADER = ("words", "units", "operation", "ms", "x faster")


def milliseconds(call: Callable[[], object], calls: int) -> float:
    """Returns the milliseconds per call, after one call for warm-up."""
    call()
    began = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - began) / calls * 1e3


def layers(units: int) -> dict[str, Callable[[], float]]:
    """Returns the recurrent layers to compare; the first is the reference."""
    inputs_BTD = torch.randn(BATCH_SIZE, SEQUENCE_LENGTH, units, requires_grad=True)

    def of(layer: nn.LSTM, *, fast: bool = False) -> Callable[[], float]:
        def call() -> None:
            with torch.autocast("cpu", torch.bfloat16, enabled=fast):
                outputs_BTH = layer(inputs_BTD)[0]
            torch.autograd.grad(outputs_BTH.float().sum(), [inputs_BTD, *layer.parameters()])

        return lambda: milliseconds(call, CALLS)

    plain = nn.LSTM(units, units, batch_first=True)
    return {
        "layer and gradients, nn.LSTM": of(plain),
        **({"layer and gradients, nn.LSTM, bfloat16": of(plain, fast=True)} if HAS_FAST else {}),
        "layer and gradients, step by step": of(MogrifierLSTM(units, units, rounds=0)),
        "layer and gradients, Mogrifier LSTM": of(MogrifierLSTM(units, units, rounds=2)),
    }


def masks(units: int) -> dict[str, Callable[[], float]]:
    """Returns the ways to drop recurrent weights to compare; the first is the reference."""
    weight = torch.randn(4 * units, units)
    return {
        "weight dropout, F.dropout": lambda: milliseconds(lambda: F.dropout(weight, 0.5), CALLS),
        "weight dropout, halo's mask": lambda: milliseconds(lambda: weight * mask_like(weight, 0.5), CALLS),
    }


def losses(words: int, features: int) -> dict[str, Callable[[], float]]:
    """Returns the losses to compare; the first is the reference."""
    given = [torch.randn(TOKENS, features), torch.randn(words, features) * 0.1, torch.zeros(words)]
    features_ND, words_WD, bias_W = (each.requires_grad_() for each in given)
    targets_N = torch.randint(words, (TOKENS,))

    def plain(*, fast: bool = False) -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=fast):
            logits_NW = F.linear(features_ND, words_WD, bias_W)
        nll = F.cross_entropy(logits_NW.float(), targets_N, reduction="none")
        torch.autograd.grad(nll.sum(), [features_ND, words_WD, bias_W])

    def in_place(aligned: int, *, fast: bool = False) -> None:
        loss.ROW_MULTIPLE = aligned
        with torch.autocast("cpu", torch.bfloat16, enabled=fast):
            nll = loss.linear_nll(features_ND, words_WD, bias_W, targets_N)
        torch.autograd.grad(nll.sum(), [features_ND, words_WD, bias_W])

    in_float32 = {
        "loss and gradients, torch": lambda: milliseconds(plain, CALLS),
        "loss and gradients, in place": lambda: milliseconds(lambda: in_place(1), CALLS),
        "loss and gradients, in place, aligned": lambda: milliseconds(lambda: in_place(16), CALLS),
    }
    in_bfloat16 = {
        "loss and gradients, torch, bfloat16": lambda: milliseconds(lambda: plain(fast=True), CALLS),
        "loss and gradients, in place, aligned, bfloat16": lambda: milliseconds(lambda: in_place(16, fast=True), CALLS),
    }
    return {**in_float32, **(in_bfloat16 if HAS_FAST else {})}


def products(words: int, features: int) -> dict[str, Callable[[], float]]:
    """Returns the one-row products to compare; the first is the reference."""
    weight_WD, bias_W, row_1D = torch.randn(words, features), torch.randn(words), torch.randn(1, features)

    def of(multiply: Callable[[Tensor], Tensor]) -> Callable[[], float]:
        def call() -> float:
            with torch.no_grad():
                return milliseconds(lambda: multiply(row_1D), 20 * CALLS)

        return call

    return {
        "one row, F.linear": of(lambda row_1D: F.linear(row_1D, weight_WD, bias_W)),
        "one row, transposed, one part per core": of(make_linear("float32", weight_WD, bias_W)),
        "one row, float16": of(make_linear("float16", weight_WD, bias_W)),
    }


def main() -> None:
    """Measures each operation and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    keep_freed_memory()
    rows: list[list[str]] = []
    figures = {}
    compared = [("", units, each(units)) for units in UNITS for each in (layers, masks)]
    compared += [(f"{words:,}", units, each(words, units)) for words, units in SIZES for each in (losses, products)]
    for words, units, contenders in compared:
        found = in_turn(contenders, rounds)
        figures[f"{words} {units} {next(iter(found))}"] = found
        middle = medians(found)
        reference = next(iter(middle.values()))
        for name, each in middle.items():
            rows.append([words, str(units), name, f"{each:.2f}", f"{reference / each:.2f}"])
    report("levers", f"Single optimizations, medians of {rounds} rounds", HEADER, rows, figures)


if __name__ == "__main__":
    main()
