"""Time and memory of a training step as functions of vocabulary size and layer size.

Two LSTM layers, batch size 20, sequence length 35, plain gradient descent, untied output weights; ids are drawn by
Zipf's law, the most frequent first. The reference is a loop over torch's own modules (`nn.LSTM`, `nn.Linear`,
`F.cross_entropy`) with the C library's default memory allocation; halo's model and loss run without Lightning, with a
full softmax, with the sampled one of the default recipe, and with an adaptive one (Grave et al. 2017), in float32; and
with a full one in bfloat16, if the processor multiplies faster in it. `large_vocabulary.py` measures what sampled and
adaptive softmaxes cost in perplexity.

Every measurement runs in its own process; all take turns. Time is the median over steps and rounds; memory is the peak
of the process minus its memory before the model was built: weights, gradients and the temporary memory of a step. The
picture plots both over vocabulary size and layer size. Linux only, since it reads /proc.

    python benchmarks/growth.py
    python benchmarks/growth.py --vocabularies 10000 33000 --units 200 --rounds 1
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from footprint import memory_mib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from measuring import FOLDER, in_turn, medians, output_of, report
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_
from training import BATCH_SIZE, PLAIN, SEQUENCE_LENGTH, compose

from halo.models.model_spec import build_model
from halo.runtime.allocator import keep_freed_memory
from halo.training.precision import precision_of

TORCH, FULL, SAMPLED, ADAPTIVE = "torch", "full softmax", "sampled softmax", "adaptive softmax"
FULL_FAST = "full softmax, bfloat16"
CONTENDERS = (TORCH, FULL, SAMPLED, ADAPTIVE, *([FULL_FAST] if precision_of("auto", "cpu") != "32-true" else []))
VOCABULARIES, UNITS = [10_000, 33_000, 100_000, 260_000], [200, 650, 2000]
TOKENS = BATCH_SIZE * SEQUENCE_LENGTH
FREQUENT, CUTOFFS = 150, (2000, 8000, 32_000)
HEADER = (
    "vocabulary",
    "units",
    "contender",
    "ms/step",
    "tokens/s",
    "x faster than torch",
    "x faster than full",
    "memory, MiB",
)


class Size(NamedTuple):
    """The number of words in the vocabulary and of units in each layer."""

    vocabulary: int
    units: int


class Torch(nn.Module):
    """The reference model, of torch's own modules."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.embedding = nn.Embedding(*size)
        self.lstm = nn.LSTM(size.units, size.units, num_layers=2, batch_first=True)
        self.decoder = nn.Linear(size.units, size.vocabulary)

    def forward(self, inputs_BT: Tensor, targets_BT: Tensor) -> Tensor:
        """Returns the loss."""
        logits_BTV = self.decoder(self.lstm(self.embedding(inputs_BT))[0])
        return F.cross_entropy(logits_BTV.flatten(0, 1), targets_BT.flatten())


class Halo(nn.Module):
    """A model of halo's with its loss, without Lightning."""

    def __init__(self, size: Size, contender: str) -> None:
        super().__init__()
        cutoffs = [cutoff for cutoff in CUTOFFS if 4 * cutoff < size.vocabulary]
        settings = [f"model.embedding={size.units}", f"model.hidden={size.units}", "model.tied=false"]
        settings += [f"model.dropout_{place}=0" for place in ("input", "hidden", "output")]
        if contender == ADAPTIVE:
            settings.append(f"model.adaptive_cutoffs={cutoffs}")
        self.model = build_model(compose([*PLAIN, *settings]).model, [str(word) for word in range(size.vocabulary)])
        self.num_frequent = FREQUENT if contender == SAMPLED else None

    def forward(self, inputs_BT: Tensor, targets_BT: Tensor) -> Tensor:
        """Returns the loss."""
        nll_BT = self.model.nll(self.model.read(inputs_BT, None), targets_BT, num_frequent=self.num_frequent)
        return nll_BT.sum() / targets_BT.numel()


def measure(contender: str, size: Size, steps: int) -> dict[str, float]:
    """Returns the milliseconds per step and the peak memory of this process."""
    if contender != TORCH:
        keep_freed_memory()
    torch.manual_seed(0)
    shares_V = 1 / torch.arange(1.0, size.vocabulary + 1)
    windows = torch.multinomial(shares_V, (steps + 1) * (TOKENS + BATCH_SIZE), replacement=True)
    before = memory_mib("VmHWM")
    model = Torch(size) if contender == TORCH else Halo(size, contender)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, fused=contender != TORCH)
    seconds = []
    for ids_BT in windows.view(steps + 1, BATCH_SIZE, SEQUENCE_LENGTH + 1):
        began = time.perf_counter()
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=contender == FULL_FAST):
            loss = model(ids_BT[:, :-1], ids_BT[:, 1:])
        loss.backward()
        clip_grad_norm_(model.parameters(), 0.25)
        optimizer.step()
        seconds.append(time.perf_counter() - began)
    return {"milliseconds": 1e3 * statistics.median(seconds[1:]), "memory_mib": memory_mib("VmHWM") - before}


def compare(size: Size, rounds: int, figures: dict[str, object]) -> dict[str, dict[str, float]]:
    """Returns time and memory of each contender at one size; memory is that of the last round."""
    work = size.units * (16 * size.units + size.vocabulary)  # proportional to the multiplications of a step
    steps = max(2, min(12, 25_000_000 // work))
    memory: dict[str, float] = {}

    def milliseconds(contender: str) -> float:
        loop = ("--loop", contender, str(size.vocabulary), str(size.units), str(steps))
        found = json.loads(output_of(sys.executable, __file__, *loop))
        memory[contender] = found["memory_mib"]
        return float(found["milliseconds"])

    contenders: dict[str, Callable[[], float]] = {name: partial(milliseconds, name) for name in CONTENDERS}
    found = in_turn(contenders, rounds)
    figures[f"{size.vocabulary} words, {size.units} units"] = {"milliseconds": found, "memory_mib": memory}
    middle = medians(found)
    return {name: {"milliseconds": middle[name], "memory_mib": memory[name]} for name in CONTENDERS}


def draw(found: dict[Size, dict[str, dict[str, float]]], by_vocabulary: list[Size], by_units: list[Size]) -> None:
    """Draws time and memory over both sizes, as growth.png."""
    figure = Figure(figsize=(9, 6.5), dpi=120, layout="constrained")
    axes = figure.subplots(2, 2, sharey="row")
    for column, (sizes, key) in enumerate(((by_vocabulary, "vocabulary"), (by_units, "units"))):
        for name, marker in zip(CONTENDERS, "so^Dv"[: len(CONTENDERS)], strict=True):
            along = [getattr(size, key) for size in sizes]
            speeds = [1e3 * TOKENS / found[size][name]["milliseconds"] for size in sizes]
            axes[0, column].plot(along, speeds, marker=marker, label=name)
            axes[1, column].plot(along, [found[size][name]["memory_mib"] for size in sizes], marker=marker)
        fixed = f"{sizes[0].units} units" if key == "vocabulary" else f"{sizes[0].vocabulary:,} words"
        axes[0, column].set_title(f"by {key} ({fixed})")
        for row in range(2):
            _scale(axes[row, column], [getattr(size, key) for size in sizes])
        axes[1, column].set_xlabel("words in the vocabulary" if key == "vocabulary" else "units of each layer")
    axes[0, 0].set_ylabel("tokens/s")
    axes[1, 0].set_ylabel("memory above start-up, MiB")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=len(CONTENDERS))
    FOLDER.mkdir(parents=True, exist_ok=True)
    figure.savefig(FOLDER / "growth.png")


def _scale(axes: Axes, ticks: list[int]) -> None:
    axes.set(xscale="log", yscale="log")
    axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.grid(visible=True, alpha=0.3)


def main() -> None:
    """Measures all sizes, prints the table and draws the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--vocabularies", type=int, nargs="+", default=VOCABULARIES, help="vocabulary sizes, with the first of --units"
    )
    parser.add_argument(
        "--units", type=int, nargs="+", default=UNITS, help="layer sizes, with the first of --vocabularies"
    )
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--loop", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.loop:
        contender, *numbers = given.loop
        vocabulary, units, steps = map(int, numbers)
        print(json.dumps(measure(contender, Size(vocabulary, units), steps)))
        return
    by_vocabulary = [Size(vocabulary, given.units[0]) for vocabulary in given.vocabularies]
    by_units = [Size(given.vocabularies[0], units) for units in given.units]
    figures: dict[str, object] = {}
    found = {size: compare(size, given.rounds, figures) for size in dict.fromkeys([*by_vocabulary, *by_units])}
    rows = [
        [
            f"{size.vocabulary:,}",
            f"{size.units:,}",
            name,
            f"{own['milliseconds']:,.0f}",
            f"{1e3 * TOKENS / own['milliseconds']:,.0f}",
            f"{each[TORCH]['milliseconds'] / own['milliseconds']:.2f}",
            f"{each[FULL]['milliseconds'] / own['milliseconds']:.2f}",
            f"{own['memory_mib']:,.0f}",
        ]
        for size, each in found.items()
        for name, own in each.items()
    ]
    draw(found, by_vocabulary, by_units)
    report("growth", f"Growth, medians of the steps of {given.rounds} rounds", HEADER, rows, figures)


if __name__ == "__main__":
    main()
