"""How close `python -m halo.train` comes to a bare loop on a GPU, to its matrix peak and to its memory.

Three models with a full softmax, plain gradient descent, in float32 and under bfloat16 autocast: the default recipe's;
two LSTM layers of 650 units, tied; the three layers of the AWD-LSTM. The bare loop of the last two is torch's own
`nn.LSTM`, which is cuDNN's there, `nn.Linear` and `F.cross_entropy`, without dropout; of the first, whose layers cuDNN
has not, halo's model and loss without Lightning. The loops run ahead of the GPU; it is waited for before the first
measured step and after the last one. All take turns, each in a process of its own. On a CPU without bfloat16 that
precision is left out, which is said.

The share of the matrix peak is as in `training.py`. The floor by memory is what a step has to read and write at least,
at the rate at which the GPU copies memory: every weight read forward and backward, its gradient written and read, the
weight written (5 x 4 bytes a weight), and logits written and read forward and backward (4 x 4 bytes each, half under
autocast).

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
HEADER = ("model", "contender", "ms a step", "tokens/s", "/ bare loop", "share of the peak", "/ floor by memory")


class Torch(nn.Module):
    """torch's own modules, as large as a model of halo."""

    def __init__(self, config: RecurrentConfig, vocab_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, config.embedding)
        sizes = [config.embedding, *[config.hidden] * (config.layers - 1), config.last_hidden or config.hidden]
        alike = [(*pair, len(list(each))) for pair, each in groupby(pairwise(sizes))]  # these are one for cuDNN
        self.layers = nn.ModuleList(nn.LSTM(*shape, batch_first=True) for shape in alike)
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
    """halo's model and loss."""

    def __init__(self, model: LanguageModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, inputs_BT: Tensor, targets_BT: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Returns the loss and the state."""
        with parametrize.cached():  # as halo.train does: word vectors of n-grams are summed once a step, not twice
            outputs = self.model.read(inputs_BT, state)
            return self.model.nll(outputs, targets_BT).mean(), outputs.state


class Work(NamedTuple):
    """What a step of a model has to do.

    Attributes:
        tokens: That it learns from.
        flop: Of its products, three times the forward pass.
        bytes: That memory has to give and take, by precision.
    """

    tokens: int
    flop: float
    bytes: dict[str, float]


def settings_of(size: str, device: str, given: list[str]) -> list[str]:
    """Returns the settings of a run of halo.train, but for its precision."""
    return [*COMMON, *SIZES[size], f"trainer.accelerator={'cpu' if device == 'cpu' else 'gpu'}", *given]


def precisions_of(device: torch.device, chosen: str | None) -> list[str]:
    """Returns what is measured: the one that was chosen, else those that the device has; says what is left out.

    Raises:
        InputError: The chosen one is not to be had there.
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
            print(f"  {name} is left out: {error}", file=sys.stderr, flush=True)
    return found


def work_of(config: TrainConfig, model: nn.Module, vocab_size: int) -> Work:
    """Returns what a step has to do."""
    tokens = config.data.batch_size * config.data.sequence_length
    assert isinstance(config.model, RecurrentConfig)
    last = config.model.last_hidden or config.model.hidden
    matrices = sum(p.numel() for name, p in model.named_parameters() if "layers" in name) + last * vocab_size
    weights, logits = sum(p.numel() for p in model.parameters()), tokens * vocab_size
    moved = {"float32": 20.0 * weights + 16.0 * logits, "bfloat16": 20.0 * weights + 8.0 * logits}
    return Work(tokens, 6.0 * tokens * matrices, moved)


def bare_loop(size: str, precision: str, steps: int, device: torch.device, given: list[str]) -> float:
    """Returns the milliseconds of a step of the bare loop."""
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
            wait(device)
            began = time.perf_counter()
        with autocast:
            loss, after = model(inputs_BT, targets_BT, state)
        state = detach(after)
        optimizer.zero_grad()
        loss.backward()
        clip_grad_norm_(model.parameters(), 0.25)
        optimizer.step()
    wait(device)
    return (time.perf_counter() - began) / (len(windows) - WARM_UP) * 1e3


def wait(device: torch.device) -> None:
    """Waits until the device has done what it was told."""
    if device.type != "cpu":
        torch.accelerator.synchronize()


def rate(device: torch.device, run: Callable[[], object], amount: float) -> float:
    """Returns how much of something is done in a second, the best of some tenths of a second."""
    run()  # the first one finds new memory and loads kernels, which can take longer than all the time there is
    wait(device)
    best, until = float("inf"), time.perf_counter() + 0.5
    while (began := time.perf_counter()) < until:
        run()
        wait(device)
        best = min(best, time.perf_counter() - began)
    return amount / best


def peaks(device: torch.device) -> dict[str, float]:
    """Returns FLOP/s of large products in each precision, and bytes/s of a copy."""
    side = 512 if device.type == "cpu" else 8192
    found = {}
    for name, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        left = torch.randn(side, side, device=device).to(dtype)  # products of ones take less power, and less time
        found[name] = rate(device, partial(torch.mm, left, left), 2.0 * side**3)
    source = torch.ones(64 * 2**20, device=device)
    return {**found, "memory": rate(device, partial(torch.empty_like(source).copy_, source), 2.0 * source.nbytes)}


def rows_of(size: str, given: argparse.Namespace, device: torch.device, figures: dict[str, object]) -> list[list[str]]:
    """Returns the rows of a model."""
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
        shares = f"{work.flop / seconds / found_peaks[precision]:.0%}"
        floor = work.bytes[precision] / found_peaks["memory"]
        figures_of_row = [f"{milliseconds:.2f}", f"{work.tokens / seconds:,.0f}", f"{bare / milliseconds:.2f}"]
        rows.append([size, name, *figures_of_row, shares, f"{seconds / floor:.1f}"])
    return rows


def main() -> None:
    """Measures the models and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["default", "650", "awd"])
    parser.add_argument("--precision", choices=PRECISIONS, help="one of them; without it both")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--loop", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("settings", nargs="*", help="settings of halo.train, after --, such as the text")
    given = parser.parse_args()
    device = torch.device(given.device)
    if device.type != "cpu" and not torch.cuda.is_available():
        print(
            f"error: --device {given.device}: torch sees no such device here; --device cpu tries it out",
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
