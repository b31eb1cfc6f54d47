"""Training speed on a GPU, compared with a bare training loop, the GPU's matrix peak and its memory bandwidth.

Three models with a full softmax and plain gradient descent, in float32 and under bfloat16 autocast: the default
recipe's; two LSTM layers of 650 units, tied; the three layers of the AWD-LSTM. The bare loop of the last two uses
torch's own `nn.LSTM` (cuDNN's on a GPU), `nn.Linear` and `F.cross_entropy`, without dropout; that of the first, whose
layers cuDNN does not have, uses halo's model and loss without Lightning. The loops run ahead of the GPU, and are
synchronized with it before the first measured step and after the last. All contenders take turns, each in its own
process. A CPU without bfloat16 skips that precision and says so.

The share of the matrix peak is defined as in `training.py`. The memory floor is the least that a step has to read and
write, at the rate at which the GPU copies memory: every weight read forward and backward, its gradient written and
read, the weight written (5 x 4 bytes per weight), and logits written and read forward and backward (4 x 4 bytes each,
half under autocast).

    python benchmarks/gpu.py
    python benchmarks/gpu.py --device cpu --sizes tiny --steps 3 --rounds 1 -- data=text data.path=FILE
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from itertools import cycle, groupby, islice, pairwise
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from measuring import in_turn, medians, output_of, report
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_, parametrize
from training import compose, halo_command

from halo.config import RecurrentConfig, TrainConfig
from halo.corpus.prepare import prepare
from halo.data.streams import StreamLoader
from halo.models.language_model import LanguageModel, State, detach
from halo.models.model_spec import build_model
from halo.runtime.errors import InputError
from halo.training.precision import precision_of

WARM_UP = 10
PRECISIONS = {"float32": "32-true", "bfloat16": "bf16-mixed"}
COMMON = ["optim=sgd", "optim.lr=1", "sampled_softmax.num_frequent=null", "samples.prompts=[]", "trainer.devices=1"]
PLAIN = ["model.subword_lengths=null", "model.pointer_tokens=null", "model.mogrifier_rounds=0"]
SIZES = {
    "default": [],
    "650": [*PLAIN, "model.layers=2", "model.hidden=650", "model.embedding=650", "data.batch_size=64"],
    "awd": ["model=awd_lstm", "data.batch_size=80", "data.sequence_length=70"],
    "tiny": [*PLAIN, "model.hidden=16", "model.embedding=16", "data.batch_size=4", "data.sequence_length=8"],
}
HEADER = (
    *("model", "contender", "ms/step", "tokens/s"),
    *("x faster than bare loop", "share of matrix peak", "time / memory floor"),
)


class Torch(nn.Module):
    """A model of torch's own modules, with the sizes of one of halo's."""

    def __init__(self, config: RecurrentConfig, vocab_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, config.embedding)
        sizes = [config.embedding, *[config.hidden] * (config.layers - 1), config.last_hidden or config.hidden]
        stacks = [
            (*pair, len(list(each))) for pair, each in groupby(pairwise(sizes))
        ]  # equal layers are one call of cuDNN
        self.layers = nn.ModuleList(nn.LSTM(*shape, batch_first=True) for shape in stacks)
        self.decoder = nn.Linear(sizes[-1], vocab_size)
        if config.tied and sizes[-1] == config.embedding:
            self.decoder.weight = self.embedding.weight

    def forward(self, inputs_BT: Tensor, targets_BT: Tensor, states: State | None) -> tuple[Tensor, State]:
        """Returns the loss and the states of the layers."""
        features_BTD, after = self.embedding(inputs_BT), []
        for index, layer in enumerate(self.layers):
            features_BTD, state = layer(features_BTD, None if states is None else states[index])
            after.append(state)
        logits_BTV = self.decoder(features_BTD)
        return F.cross_entropy(logits_BTV.flatten(0, 1), targets_BT.flatten()), after


class Halo(nn.Module):
    """A model of halo's with its loss, without Lightning."""

    def __init__(self, model: LanguageModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, inputs_BT: Tensor, targets_BT: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Returns the loss and the state."""
        with parametrize.cached():  # as in halo.train: word vectors of n-grams are summed once per step, not twice
            outputs = self.model.read(inputs_BT, state)
            return self.model.nll(outputs, targets_BT).mean(), outputs.state


class Work(NamedTuple):
    """The amount of work in one training step of a model.

    Attributes:
        tokens: Target tokens.
        flop: Floating-point operations of its matrix products, three times those of the forward pass.
        bytes: Bytes read from and written to memory at least, by precision.
    """

    tokens: int
    flop: float
    bytes: dict[str, float]


def settings_of(size: str, device: str, given: list[str]) -> list[str]:
    """Returns the settings of halo.train for a model, without the precision."""
    return [*COMMON, *SIZES[size], f"trainer.accelerator={'cpu' if device == 'cpu' else 'gpu'}", *given]


def precisions_of(device: torch.device, chosen: str | None) -> list[str]:
    """Returns the chosen precision, or all that the device supports; reports those that are skipped.

    Raises:
        InputError: The device does not support the chosen precision.
    """
    accelerator = "cpu" if device.type == "cpu" else "gpu"
    if chosen is not None:
        precision_of(PRECISIONS[chosen], accelerator)
        return [chosen]
    found = []
    for name, precision in PRECISIONS.items():
        try:
            precision_of(precision, accelerator)
            found.append(name)
        except InputError as error:
            print(f"  skipping {name}: {error}", file=sys.stderr, flush=True)
    return found


def work_of(config: TrainConfig, model: nn.Module, vocab_size: int) -> Work:
    """Returns the work of one training step."""
    tokens = config.data.batch_size * config.data.sequence_length
    assert isinstance(config.model, RecurrentConfig)
    last = config.model.last_hidden or config.model.hidden
    matrices = sum(p.numel() for name, p in model.named_parameters() if "layers" in name) + last * vocab_size
    weights, logits = sum(p.numel() for p in model.parameters()), tokens * vocab_size
    moved = {"float32": 20.0 * weights + 16.0 * logits, "bfloat16": 20.0 * weights + 8.0 * logits}
    return Work(tokens, 6.0 * tokens * matrices, moved)


def bare_loop(size: str, precision: str, steps: int, device: torch.device, given: list[str]) -> float:
    """Returns the milliseconds per step of the bare loop."""
    config = compose(settings_of(size, device.type, given))
    corpus = prepare(config.data)
    assert isinstance(config.model, RecurrentConfig)
    vocab_size = corpus.tokenizer.vocab_size
    own = Halo(build_model(config.model, corpus.tokenizer.words())) if size == "default" else None
    model = (own or Torch(config.model, vocab_size)).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=1, fused=True)
    streams, length = config.data.batch_size, config.data.sequence_length
    loader = StreamLoader(
        corpus.ids["train"], eos_id=corpus.tokenizer.eos_id, batch_size=streams, sequence_length=length
    )
    windows = [
        (window.inputs_BT.to(device), window.targets_BT.to(device))
        for window in islice(cycle(loader), WARM_UP + steps)
        if window.inputs_BT.size(1) == length
    ]
    autocast = torch.autocast(device.type, torch.bfloat16) if precision == "bfloat16" else nullcontext()
    state: State | None = None
    began = 0.0
    for number, (inputs_BT, targets_BT) in enumerate(windows):
        if number == WARM_UP:
            synchronize(device)
            began = time.perf_counter()
        with autocast:
            loss, after = model(inputs_BT, targets_BT, state)
        state = detach(after)
        optimizer.zero_grad()
        loss.backward()
        clip_grad_norm_(model.parameters(), 0.25)
        optimizer.step()
    synchronize(device)
    return (time.perf_counter() - began) / (len(windows) - WARM_UP) * 1e3


def synchronize(device: torch.device) -> None:
    """Waits until the device has finished its work."""
    if device.type != "cpu":
        torch.accelerator.synchronize()


def rate(device: torch.device, run: Callable[[], object], amount: float) -> float:
    """Returns the best rate of `run` within half a second: `amount` per second."""
    run()  # the first call allocates memory and loads kernels, which can outlast the half second
    synchronize(device)
    best, until = float("inf"), time.perf_counter() + 0.5
    while (began := time.perf_counter()) < until:
        run()
        synchronize(device)
        best = min(best, time.perf_counter() - began)
    return amount / best


def peaks(device: torch.device) -> dict[str, float]:
    """Returns the FLOP/s of large matrix products in each precision, and the bytes/s of a copy."""
    side = 512 if device.type == "cpu" else 8192
    found = {}
    for name, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        left = torch.randn(side, side, device=device).to(
            dtype
        )  # a product of ones takes less power, and thus less time
        found[name] = rate(device, partial(torch.mm, left, left), 2.0 * side**3)
    source = torch.ones(64 * 2**20, device=device)
    return {**found, "memory": rate(device, partial(torch.empty_like(source).copy_, source), 2.0 * source.nbytes)}


def rows_of(size: str, given: argparse.Namespace, device: torch.device, figures: dict[str, object]) -> list[list[str]]:
    """Returns the table rows of one model."""
    settings = settings_of(size, device.type, given.settings)
    config = compose(settings)
    corpus = prepare(config.data)
    model = build_model(config.model, corpus.tokenizer.words())
    work, found_peaks = work_of(config, model, corpus.tokenizer.vocab_size), peaks(device)
    with tempfile.TemporaryDirectory() as temporary:
        contenders: dict[str, Callable[[], float]] = {}
        for name in precisions_of(device, given.precision):
            loop = ("--loop", size, name, "--steps", str(given.steps), "--device", str(device), "--", *given.settings)
            contenders[f"bare loop, {name}"] = lambda loop=loop: float(output_of(sys.executable, __file__, *loop))  # type: ignore[misc]
            own = [*settings, f"trainer.precision={PRECISIONS[name]}"]
            contenders[f"halo.train, {name}"] = partial(
                halo_command, own, given.steps, Path(temporary), warm_up=WARM_UP, waits=False
            )
        found = in_turn(contenders, given.rounds)
    figures[size] = {"milliseconds": found, "peaks": found_peaks, "work": work._asdict()}
    rows = []
    for name, milliseconds in medians(found).items():
        precision, seconds = name.rpartition(", ")[2], milliseconds / 1e3
        bare = medians(found)[f"bare loop, {precision}"]
        share = f"{work.flop / seconds / found_peaks[precision]:.0%}"
        floor = work.bytes[precision] / found_peaks["memory"]
        figures_of_row = [f"{milliseconds:.2f}", f"{work.tokens / seconds:,.0f}", f"{bare / milliseconds:.2f}"]
        rows.append([size, name, *figures_of_row, share, f"{seconds / floor:.1f}"])
    return rows


def main() -> None:
    """Measures the models and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda", help="cuda, or cpu to try the benchmark out")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["default", "650", "awd"], help="models")
    parser.add_argument("--precision", choices=PRECISIONS, help="measure one precision only (default: both)")
    parser.add_argument("--steps", type=int, default=100, help="measured steps per round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--loop", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("settings", nargs="*", help="settings of halo.train after --, such as data.path")
    given = parser.parse_args()
    device = torch.device(given.device)
    if device.type != "cpu" and not torch.cuda.is_available():
        print(
            f"error: --device {given.device}: PyTorch finds no such device; use --device cpu to try the benchmark out",
            file=sys.stderr,
        )
        raise SystemExit(2)
    try:
        if given.loop:
            size, precision = given.loop
            print(bare_loop(size, precision, given.steps, device, given.settings))
            return
        figures: dict[str, object] = {}
        rows = [row for size in given.sizes for row in rows_of(size, given, device, figures)]
    except InputError as error:
        raise SystemExit(f"error: {error}") from error
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)
    report("gpu", f"Training on {name}, medians of {given.rounds} rounds", HEADER, rows, figures)


if __name__ == "__main__":
    main()
