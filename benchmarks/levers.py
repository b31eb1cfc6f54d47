"""What levers of `docs/performance.md` bring by themselves: layers, losses, masks of weights, products of one row.

A recurrent layer and its gradients, for a window of 20 streams and 35 tokens: torch's, which is oneDNN's on a CPU, and
steps of our own with a backward pass of our own, which the Mogrifier LSTM needs, without its gates and with two rounds.

The loss and its gradients, from features to nats, of 700 tokens: torch's linear layer and cross-entropy, and halo's,
with rows of logits that begin at any place and at aligned ones; both in bfloat16 too, where the processor multiplies
faster in it, and so the recurrent layer. Recurrent weights of which a half is dropped: `F.dropout`, and halo's mask.
The product of one row with the output's matrix, as generation needs it for each word: `F.linear`, and the layouts of
`halo.generation.step_decoder`.

All take turns in one process, which keeps freed memory; a figure is the median of the rounds, each of some calls.

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

STREAMS, WINDOW_TOKENS = 20, 35
TOKENS, CALLS = STREAMS * WINDOW_TOKENS, 10
UNITS = (200, 650)
SIZES = ((5771, 200), (13_777, 200), (5771, 650))
HAS_FAST = precision_of("auto", "cpu") != "32-true"
HEADER = ("words", "units", "what", "ms", "times as fast")


def milliseconds(call: Callable[[], object], calls: int) -> float:
    """Returns what a call takes, after one that warms up."""
    call()
    began = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - began) / calls * 1e3


def layers(units: int) -> dict[str, Callable[[], float]]:
    """Returns the recurrent layers that are compared; the first one is the reference."""
    inputs_BTD = torch.randn(STREAMS, WINDOW_TOKENS, units, requires_grad=True)

    def of(layer: nn.LSTM, *, fast: bool = False) -> Callable[[], float]:
        def call() -> None:
            with torch.autocast("cpu", torch.bfloat16, enabled=fast):
                outputs_BTH = layer(inputs_BTD)[0]
            torch.autograd.grad(outputs_BTH.float().sum(), [inputs_BTD, *layer.parameters()])

        return lambda: milliseconds(call, CALLS)

    plain = nn.LSTM(units, units, batch_first=True)
    return {
        "a layer and its gradients, nn.LSTM": of(plain),
        **({"the same, bfloat16": of(plain, fast=True)} if HAS_FAST else {}),
        "the same in steps of our own": of(MogrifierLSTM(units, units, rounds=0)),
        "the same, Mogrifier LSTM": of(MogrifierLSTM(units, units, rounds=2)),
    }


def masks(units: int) -> dict[str, Callable[[], float]]:
    """Returns the ways to drop recurrent weights that are compared; the first one is the reference."""
    weight = torch.randn(4 * units, units)
    return {
        "dropped weights, F.dropout": lambda: milliseconds(lambda: F.dropout(weight, 0.5), CALLS),
        "dropped weights, drawn at once": lambda: milliseconds(lambda: weight * mask_like(weight, 0.5), CALLS),
    }


def losses(words: int, features: int) -> dict[str, Callable[[], float]]:
    """Returns the losses that are compared; the first one is the reference."""
    given = [torch.randn(TOKENS, features), torch.randn(words, features) * 0.1, torch.zeros(words)]
    features_ND, words_WD, bias_W = (each.requires_grad_() for each in given)
    targets_N = torch.randint(words, (TOKENS,))

    def plain(*, fast: bool = False) -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=fast):
            logits_NW = F.linear(features_ND, words_WD, bias_W)
        nll = F.cross_entropy(logits_NW.float(), targets_N, reduction="none")
        torch.autograd.grad(nll.sum(), [features_ND, words_WD, bias_W])

    def in_one_place(aligned: int, *, fast: bool = False) -> None:
        loss.ALIGNED = aligned
        with torch.autocast("cpu", torch.bfloat16, enabled=fast):
            nll = loss.linear_nll(features_ND, words_WD, bias_W, targets_N)
        torch.autograd.grad(nll.sum(), [features_ND, words_WD, bias_W])

    in_float32 = {
        "loss and gradients, torch's": lambda: milliseconds(plain, CALLS),
        "loss and gradients, in one place": lambda: milliseconds(lambda: in_one_place(1), CALLS),
        "the same, aligned rows": lambda: milliseconds(lambda: in_one_place(16), CALLS),
    }
    in_bfloat16 = {
        "loss and gradients, torch's, bfloat16": lambda: milliseconds(lambda: plain(fast=True), CALLS),
        "in one place, aligned rows, bfloat16": lambda: milliseconds(lambda: in_one_place(16, fast=True), CALLS),
    }
    return {**in_float32, **(in_bfloat16 if HAS_FAST else {})}


def products(words: int, features: int) -> dict[str, Callable[[], float]]:
    """Returns the products of one row that are compared; the first one is the reference."""
    weight_WD, bias_W, row_1D = torch.randn(words, features), torch.randn(words), torch.randn(1, features)

    def of(multiply: Callable[[Tensor], Tensor]) -> Callable[[], float]:
        def call() -> float:
            with torch.no_grad():
                return milliseconds(lambda: multiply(row_1D), 20 * CALLS)

        return call

    return {
        "one row, F.linear": of(lambda row_1D: F.linear(row_1D, weight_WD, bias_W)),
        "one row, turned, a part for each core": of(make_linear("float32", weight_WD, bias_W)),
        "one row, float16": of(make_linear("float16", weight_WD, bias_W)),
    }


def main() -> None:
    """Measures and prints the table."""
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
    report("levers", f"Levers by themselves, medians of {rounds} rounds", HEADER, rows, figures)


if __name__ == "__main__":
    main()
