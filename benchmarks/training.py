"""Training speed of `python -m halo.train`, compared with its peers and the machine; run by `make bench`.

Two LSTM layers, 200 and 650 units, batch size 20, sequence length 35, plain gradient descent, the same ids. halo runs
as its command, with metrics, logs, checkpoints, hints and progress bar. Its peers run as their own commands, unchanged,
if --peers names the folder of their repositories:

    git clone https://github.com/pytorch/examples FOLDER/examples
    git clone https://github.com/salesforce/awd-lstm-lm FOLDER/awd-lstm-lm
    python benchmarks/training.py --peers FOLDER
    python benchmarks/training.py -- data=ptb data.path=ptb.zip

Without --peers, a plain loop of our own over torch's modules replaces word_language_model; its steps do the same work.
All take turns; a figure is the median of the rounds, and a round the mean of its steps after a warm-up.

halo is measured with a full softmax, as its peers compute it, and with the sampled one of the default recipe, which
trains on an estimate (docs/recipe.md gives its cost in perplexity). The framework overhead - Lightning, metrics, logs
and callbacks - is the difference from a bare loop over halo's own modules.

--words sets a larger vocabulary, that of the Python files in the environment. The logits of more than 12,000 words are
larger than the blocks that glibc keeps when freed; see `halo.runtime.allocator`.

If the processor multiplies faster in bfloat16, halo is also measured with it, as `trainer.precision=auto` would choose.

The share of the matrix peak is the floating-point operations of a step (three times the forward pass, with a full
softmax over the whole vocabulary), divided by its time and by the rate of large matrix products in the same run and
precision.
"""

import argparse
import itertools
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import hydra
import torch
import torch.nn.functional as F
from measuring import in_turn, matrix_rate, medians, output_of, report, write_python_files
from plain_recipe import PlainModel, Size
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_, parametrize

from halo.config import RecurrentConfig, TrainConfig, conf_dir, parse
from halo.corpus.corpus import Corpus
from halo.corpus.prepare import prepare
from halo.data.streams import StreamLoader, Window
from halo.models.language_model import State, detach
from halo.models.model_spec import build_model
from halo.runtime.allocator import keep_freed_memory
from halo.runtime.errors import InputError
from halo.training.optimizers import make_optimizer
from halo.training.precision import precision_of

BATCH_SIZE, SEQUENCE_LENGTH, WARM_UP = 20, 35, 10
MEGABYTES = 3
PLAIN = [
    *("optim=sgd", "optim.lr=1", f"data.batch_size={BATCH_SIZE}", f"data.sequence_length={SEQUENCE_LENGTH}"),
    *("model.layers=2", "model.subword_lengths=null", "model.pointer_tokens=null", "model.mogrifier_rounds=0"),
    *("trainer=cpu", "samples.prompts=[]"),
]
FULL, SAMPLED = "sampled_softmax.num_frequent=null", "sampled_softmax.num_frequent=150"
AWD = [
    *("model.dropout_weights=0.5", "model.activation_regularisation=2", "model.temporal_activation_regularisation=1"),
    "model.tied=true",
]
PEER, AWD_PEER, BFLOAT16 = "word_language_model", "awd-lstm-lm", "bfloat16"
SIZES = {200: Size(200, 0.2, tied=False), 650: Size(650, 0.5, tied=True)}
FIGURES: dict[str, Any] = {}
HEADER = ("units", "contender", "ms/step", "tokens/s", "x faster than word_language_model", "share of matrix peak")


def of_python_files(folder: Path, words: int) -> list[str]:
    """Returns the settings for a text of Python files with a vocabulary of the given size."""
    text = ["data=text", f"data.path={folder}/text.jsonl", f"data.cache_dir={folder}/cache"]
    return [*text, "data.tokenizer.min_count=1", f"data.tokenizer.max_size={words}"]


def model_of(units: int) -> list[str]:
    """Returns the settings of a halo model with the size of its peers' at a number of units."""
    rates = [f"model.dropout_{place}={SIZES[units].dropout}" for place in ("input", "hidden", "output")]
    return [f"model.hidden={units}", f"model.embedding={units}", f"model.tied={SIZES[units].tied}".lower(), *rates]


def compose(settings: list[str]) -> TrainConfig:
    """Returns the configuration of a run without starting it."""
    with hydra.initialize_config_dir(str(conf_dir()), version_base="1.3"):
        return parse(hydra.compose("train", overrides=["run_dir=none", *settings]), TrainConfig)


def halo_command(
    settings: list[str],
    steps: int,
    folder: Path,
    *,
    warm_up: int = WARM_UP,
    waits: bool = True,
    environment: Mapping[str, str] | None = None,
) -> float:
    """Returns the milliseconds per step of `halo.train`, 0 if only one step is run.

    Args:
        settings: Settings of the command.
        steps: The number of measured steps.
        folder: The folder for its output.
        warm_up: The number of steps before the measured ones.
        waits: Whether to synchronize with a GPU at every step, or only before the first measured one and after the
            last.
        environment: Further environment variables.
    """
    clock = ["_target_=step_clock.StepClock", f"file={folder}/times.json", f"steps={warm_up + steps}"]
    if not waits:
        clock.append(f"awaited=[{warm_up},{warm_up + steps}]")
    command = [sys.executable, "-m", "halo.train", f"hydra.run.dir={folder}/run", *settings]
    command += [f"+callbacks.clock.{each}" for each in clock]
    output_of(*command, environment={"PYTHONPATH": str(Path(__file__).parent), **(environment or {})})
    times = json.loads((folder / "times.json").read_text(encoding="utf-8"))
    shutil.rmtree(folder / "run")
    return float(times[-1] - times[max(0, warm_up - 1)]) / steps * 1e3


def own_loop(kind: str, settings: list[str], steps: int) -> float:
    """Returns the milliseconds per step of one of the loops below, run in its own process to keep memory separate."""
    return float(output_of(sys.executable, __file__, "--loop", kind, "--steps", str(steps), "--", *settings))


def peer_command(script: Path, arguments: list[str], text: Path, steps: int, folder: Path) -> float:
    """Returns the milliseconds per step that a peer prints for its second logging interval."""
    for cached in folder.glob("corpus.*.data"):  # of awd-lstm-lm; current versions of torch refuse to load it
        cached.unlink()
    command = [sys.executable, "-u", script, "--data", text, "--epochs", "1", "--log-interval", str(steps), *arguments]
    with subprocess.Popen(
        list(map(str, command)), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        printed = []
        for line in process.stdout:
            printed.append(line)
            if len(times := re.findall(r"ms/batch +([\d.]+)", "".join(printed))) == 2:
                process.kill()
                return float(times[1])
    raise SystemExit(f"{script} did not print two intervals:\n{''.join(printed)[-2000:]}")


def plain_loop(config: TrainConfig, corpus: Corpus, steps: int) -> float:
    """Returns the milliseconds per step of word_language_model's model, trained as the example does."""
    assert isinstance(config.model, RecurrentConfig)
    units = config.model.hidden
    model = PlainModel(SIZES[units], corpus.tokenizer.vocab_size)

    def step(window: Window, state: State | None) -> tuple[Tensor, State]:
        logits_BTV, after = model(window.inputs_BT, state)
        return F.cross_entropy(logits_BTV.flatten(0, 1), window.targets_BT.flatten()), after

    return time_steps(model, step, torch.optim.SGD(model.parameters(), lr=1), corpus, steps)


def bare_loop(config: TrainConfig, corpus: Corpus, steps: int) -> float:
    """Returns the milliseconds per step of halo's model, loss and optimizer, without the framework."""
    keep_freed_memory()
    model = build_model(config.model, corpus.tokenizer.words())
    is_mixed = precision_of(config.trainer["precision"], "cpu") == "bf16-mixed"

    def step(window: Window, state: State | None) -> tuple[Tensor, State]:
        with torch.autocast("cpu", torch.bfloat16, enabled=is_mixed), parametrize.cached():
            outputs = model.read(window.inputs_BT, state)
            nll = model.nll(outputs, window.targets_BT, num_frequent=config.sampled_softmax.num_frequent).sum()
        loss = nll if outputs.penalty is None else nll + outputs.penalty
        return loss / window.num_targets, outputs.state

    return time_steps(model, step, make_optimizer(config.optim, model, fused=True), corpus, steps)


def time_steps(
    model: nn.Module,
    step: Callable[[Window, State | None], tuple[Tensor, State]],
    optimizer: torch.optim.Optimizer,
    corpus: Corpus,
    steps: int,
) -> float:
    """Trains and returns the milliseconds per step after the warm-up."""
    eos_id = corpus.tokenizer.eos_id
    windows = StreamLoader(corpus.ids["train"], eos_id=eos_id, batch_size=BATCH_SIZE, sequence_length=SEQUENCE_LENGTH)
    model.train()
    state: State | None = None
    began = 0.0
    for number, window in enumerate(itertools.islice(itertools.cycle(windows), WARM_UP + steps)):
        if number == WARM_UP:
            began = time.perf_counter()
        loss, after = step(window, state)
        state = detach(after)
        optimizer.zero_grad()
        loss.backward()
        clip_grad_norm_(model.parameters(), 0.25)
        optimizer.step()
        loss.item()
    return (time.perf_counter() - began) / steps * 1e3


def write_for_peers(corpus: Corpus, folder: Path) -> None:
    """Writes the text in the format of the peers: words of the vocabulary, one paragraph per line."""
    words = corpus.tokenizer.words()
    for split, name in (("train", "train"), ("validation", "valid"), ("test", "test")):
        ids = corpus.ids[split].tolist()
        text = " ".join("\n" if each == corpus.tokenizer.eos_id else words[each] for each in ids)
        (folder / f"{name}.txt").write_text(text.replace("\n ", "\n"), encoding="utf-8")


def contenders(
    units: int, settings: list[str], peers: Path | None, folder: Path, steps: int
) -> dict[str, Callable[[], float]]:
    """Returns the contenders at a number of units: functions that return milliseconds per step."""
    own = [*PLAIN, *model_of(units), *settings]
    tied = ["--tied"] if SIZES[units].tied else []
    sizes = [*("--emsize", str(units), "--nhid", str(units), "--nlayers", "2", "--dropout", str(SIZES[units].dropout))]
    kinds = {"": [*own, FULL], ", sampled softmax": [*own, SAMPLED]}
    if precision_of("auto", "cpu") != "32-true":
        kinds |= {f"{name}, {BFLOAT16}": [*each, "trainer.precision=bf16-mixed"] for name, each in kinds.items()}
    found: dict[str, Callable[[], float]] = {}
    for name, each in kinds.items():
        found[f"halo.train{name}"] = partial(halo_command, each, steps, folder)
        found[f"halo, bare loop{name}"] = partial(own_loop, "bare", each, steps)
    if peers is None:
        return {PEER: partial(own_loop, "plain", own, steps), **found}
    example, awd = peers / "examples/word_language_model/main.py", peers / "awd-lstm-lm/main.py"
    streams = [str(BATCH_SIZE), "--bptt", str(SEQUENCE_LENGTH)]
    return {
        PEER: partial(peer_command, example, ["--batch_size", *streams, *sizes, *tied], folder, steps, folder),
        AWD_PEER: partial(peer_command, awd, ["--batch_size", *streams, *sizes, "--cuda"], folder, steps, folder),
        **found,
        **{
            f"halo.train as awd-lstm-lm{name}": partial(halo_command, [*each, *AWD], steps, folder)
            for name, each in kinds.items()
        },
    }


def compare(units: int, settings: list[str], peers: Path | None, *, steps: int, rounds: int) -> list[list[str]]:
    """Returns the table rows of one size."""
    corpus = prepare(compose([*PLAIN, *settings]).data)
    vocab_size = corpus.tokenizer.vocab_size
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_for_peers(corpus, folder)
        found = in_turn(contenders(units, settings, peers, folder, steps), rounds)
    milliseconds = medians(found)
    multiplied = 3 * BATCH_SIZE * SEQUENCE_LENGTH * (2 * 16 * units**2 + 2 * units * vocab_size)
    peaks = {BFLOAT16: matrix_rate(1024, 1024, 1024, torch.bfloat16), "": matrix_rate(1024, 1024, 1024)}
    FIGURES[str(units)] = {"milliseconds": found, "vocabulary": vocab_size, "flop_per_step": multiplied}
    return [
        [
            str(units),
            name,
            f"{each:.1f}",
            f"{BATCH_SIZE * SEQUENCE_LENGTH / each * 1e3:,.0f}",
            f"{milliseconds[PEER] / each:.2f}",
            ""
            if "sampled" in name
            else f"{multiplied / each * 1e3 / 1e9 / peaks[BFLOAT16 if BFLOAT16 in name else '']:.0%}",
        ]
        for name, each in milliseconds.items()
    ]


def main() -> None:
    """Measures each size and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, metavar="FOLDER", help="the folder of the peers' repositories")
    parser.add_argument("--units", type=int, nargs="+", choices=SIZES, default=list(SIZES), help="units of each layer")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=30, help="measured steps per round, after the warm-up")
    parser.add_argument(
        "--words", type=int, help="use Python files with this vocabulary size instead of the bundled corpus"
    )
    parser.add_argument("--loop", choices=("plain", "bare"), help=argparse.SUPPRESS)
    parser.add_argument("settings", nargs="*", help="settings of halo.train after --, such as data.path")
    given = parser.parse_args()
    try:
        if given.loop:
            config = compose(given.settings)
            loop = plain_loop if given.loop == "plain" else bare_loop
            print(loop(config, prepare(config.data), given.steps))
            return
        rows = []
        with tempfile.TemporaryDirectory() as folder:
            settings = given.settings
            if given.words:
                write_python_files(Path(folder) / "text.jsonl", MEGABYTES)
                settings = [*of_python_files(Path(folder), given.words), *settings]
            for units in given.units:
                rows += compare(units, settings, given.peers, steps=given.steps, rounds=given.rounds)
    except InputError as error:
        raise SystemExit(f"error: {error}") from error
    report("training", f"Training, medians of {given.rounds} rounds", HEADER, rows, FIGURES)


if __name__ == "__main__":
    main()
