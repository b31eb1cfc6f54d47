"""How many tokens a second `python -m halo.train` learns from, beside its peers and the machine; run by `make bench`.

Two LSTM layers, 200 units and 650 units, 20 streams, windows of 35 tokens, plain gradient descent, the ids of the same
text. halo runs as its command, with metrics, logs, checkpoints, hints and progress bar. Its peers run as their own
command, unchanged, where --peers names the folder that their repositories are in:

    git clone https://github.com/pytorch/examples FOLDER/examples
    git clone https://github.com/salesforce/awd-lstm-lm FOLDER/awd-lstm-lm
    python benchmarks/training.py --peers FOLDER
    python benchmarks/training.py -- data=ptb data.path=ptb.zip

Without it a plain loop of our own over torch's modules stands for word_language_model: what it does in a step is the
same. All take turns; a figure is the median of the rounds, and each round that of the steps after a warm-up.

halo is measured with a full softmax, as its peers compute it, and with the sampled one of its default recipe, which
learns from an estimate (docs/recipe.md says what it costs in perplexity). A bare loop over halo's own modules, without
Lightning, metrics, logs and callbacks, says what these cost.

With --words it is a larger vocabulary: that of Python files, which every environment has. Logits of more than 12,000
words are larger than what glibc keeps of freed memory, which is a matter of `halo.runtime.allocator`.

Where the processor multiplies faster in bfloat16, halo is measured with that too (as `trainer.precision=auto` would
choose).

The share of the peak is what a step has to multiply (three times the forward pass, with a full softmax over the whole
vocabulary), divided by its time and by what products of large matrices come to in the same run and the same precision.
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
from collections.abc import Callable
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

STREAMS, WINDOW_TOKENS, WARM_UP = 20, 35, 10
MEGABYTES = 3
PLAIN = [
    *("optim=sgd", "optim.lr=1", f"data.batch_size={STREAMS}", f"data.sequence_length={WINDOW_TOKENS}"),
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
HEADER = ("units", "contender", "ms a step", "tokens/s", "/ word_language_model's", "share of the peak")


def of_python_files(folder: Path, words: int) -> list[str]:
    """Returns the settings of a text of Python files with a vocabulary of so many words."""
    text = ["data=text", f"data.path={folder}/text.jsonl", f"data.cache_dir={folder}/cache"]
    return [*text, "data.tokenizer.min_count=1", f"data.tokenizer.max_size={words}"]


def model_of(units: int) -> list[str]:
    """Returns the settings of a halo model that is as large as its peers' with so many units."""
    rates = [f"model.dropout_{place}={SIZES[units].dropout}" for place in ("input", "hidden", "output")]
    return [f"model.hidden={units}", f"model.embedding={units}", f"model.tied={SIZES[units].tied}".lower(), *rates]


def compose(settings: list[str]) -> TrainConfig:
    """Returns the configuration of a run that is not started."""
    with hydra.initialize_config_dir(str(conf_dir()), version_base="1.3"):
        return parse(hydra.compose("train", overrides=["run_dir=none", *settings]), TrainConfig)


def halo_command(settings: list[str], steps: int, folder: Path, *, warm_up: int = WARM_UP, waits: bool = True) -> float:
    """Returns the milliseconds of a step of `halo.train`, 0 where only one step is done.

    Args:
        settings: Those of the command.
        steps: How many are measured.
        folder: Where it may write.
        warm_up: How many come before.
        waits: Whether a GPU is waited for at every step, or only before the first measured one and after the last.
    """
    clock = ["_target_=step_clock.StepClock", f"file={folder}/times.json", f"steps={warm_up + steps}"]
    if not waits:
        clock.append(f"awaited=[{warm_up},{warm_up + steps}]")
    command = [sys.executable, "-m", "halo.train", f"hydra.run.dir={folder}/run", *settings]
    command += [f"+callbacks.clock.{each}" for each in clock]
    output_of(*command, environment={"PYTHONPATH": str(Path(__file__).parent)})
    times = json.loads((folder / "times.json").read_text(encoding="utf-8"))
    shutil.rmtree(folder / "run")
    return float(times[-1] - times[max(0, warm_up - 1)]) / steps * 1e3


def own_loop(kind: str, settings: list[str], steps: int) -> float:
    """Returns the milliseconds of a step of one of the loops below, in a process of its own: they keep memory apart."""
    return float(output_of(sys.executable, __file__, "--loop", kind, "--steps", str(steps), "--", *settings))


def peer_command(script: Path, arguments: list[str], text: Path, steps: int, folder: Path) -> float:
    """Returns the milliseconds of a step that a peer prints, of the second of two intervals."""
    for cached in folder.glob("corpus.*.data"):  # of awd-lstm-lm, which today's torch refuses to load
        cached.unlink()
    command = [sys.executable, "-u", script, "--data", text, "--epochs", "1", "--log-interval", str(steps), *arguments]
    with subprocess.Popen(
        list(map(str, command)), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if len(told := re.findall(r"ms/batch +([\d.]+)", "".join(said))) == 2:
                process.kill()
                return float(told[1])
    raise SystemExit(f"{script} printed no two intervals:\n{''.join(said)[-2000:]}")


def plain_loop(config: TrainConfig, corpus: Corpus, steps: int) -> float:
    """Returns the milliseconds of a step of word_language_model's model, trained as it is there."""
    assert isinstance(config.model, RecurrentConfig)
    units = config.model.hidden
    model = PlainModel(SIZES[units], corpus.tokenizer.vocab_size)

    def step(window: Window, state: State | None) -> tuple[Tensor, State]:
        logits_BTV, after = model(window.inputs_BT, state)
        return F.cross_entropy(logits_BTV.flatten(0, 1), window.targets_BT.flatten()), after

    return time_steps(model, step, torch.optim.SGD(model.parameters(), lr=1), corpus, steps)


def bare_loop(config: TrainConfig, corpus: Corpus, steps: int) -> float:
    """Returns the milliseconds of a step of halo's model, loss and optimizer, with nothing around them."""
    keep_freed_memory()
    model = build_model(config.model, corpus.tokenizer.words())
    is_mixed = precision_of(config.trainer["precision"], "cpu") == "bf16-mixed"

    def step(window: Window, state: State | None) -> tuple[Tensor, State]:
        with torch.autocast("cpu", torch.bfloat16, enabled=is_mixed), parametrize.cached():
            outputs = model.read(window.inputs_BT, state)
            nll = model.nll(outputs, window.targets_BT, sampled=config.sampled_softmax).sum()
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
    """Trains, and returns the milliseconds of a step after the warm-up."""
    eos_id = corpus.tokenizer.eos_id
    windows = StreamLoader(corpus.ids["train"], eos_id=eos_id, batch_size=STREAMS, sequence_length=WINDOW_TOKENS)
    model.train()
    state: State | None = None
    began = 0.0
    for number, window in enumerate(itertools.islice(itertools.cycle(windows), WARM_UP + steps)):
        if number == WARM_UP:
            began = time.perf_counter()
        loss, after = step(window, state)
        state = detach(after)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(model.parameters(), 0.25)
        optimizer.step()
        loss.item()
    return (time.perf_counter() - began) / steps * 1e3


def write_for_peers(corpus: Corpus, folder: Path) -> None:
    """Writes the text as its peers read it: the words of the vocabulary, a paragraph a line."""
    words = corpus.tokenizer.words()
    for split, name in (("train", "train"), ("validation", "valid"), ("test", "test")):
        ids = corpus.ids[split].tolist()
        text = " ".join("\n" if each == corpus.tokenizer.eos_id else words[each] for each in ids)
        (folder / f"{name}.txt").write_text(text.replace("\n ", "\n"), encoding="utf-8")


def contenders(
    units: int, settings: list[str], peers: Path | None, folder: Path, steps: int
) -> dict[str, Callable[[], float]]:
    """Returns what is measured with so many units: callables that return milliseconds a step."""
    own = [*PLAIN, *model_of(units), *settings]
    tied = ["--tied"] if SIZES[units].tied else []
    sizes = [*("--emsize", str(units), "--nhid", str(units), "--nlayers", "2", "--dropout", str(SIZES[units].dropout))]
    kinds = {"": [*own, FULL], ", sampled softmax": [*own, SAMPLED]}
    if precision_of("auto", "cpu") != "32-true":
        kinds |= {f"{name}, {BFLOAT16}": [*each, "trainer.precision=bf16-mixed"] for name, each in kinds.items()}
    found: dict[str, Callable[[], float]] = {}
    for name, each in kinds.items():
        found[f"halo.train{name}"] = partial(halo_command, each, steps, folder)
        found[f"the same in a bare loop{name}"] = partial(own_loop, "bare", each, steps)
    if peers is None:
        return {PEER: partial(own_loop, "plain", own, steps), **found}
    example, awd = peers / "examples/word_language_model/main.py", peers / "awd-lstm-lm/main.py"
    streams = [str(STREAMS), "--bptt", str(WINDOW_TOKENS)]
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
    """Returns the rows of a size, the steps of a round so many."""
    corpus = prepare(compose([*PLAIN, *settings]).data)
    vocab_size = corpus.tokenizer.vocab_size
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_for_peers(corpus, folder)
        found = in_turn(contenders(units, settings, peers, folder, steps), rounds)
    milliseconds = medians(found)
    multiplied = 3 * STREAMS * WINDOW_TOKENS * (2 * 16 * units**2 + 2 * units * vocab_size)
    peaks = {BFLOAT16: matrix_rate(1024, 1024, 1024, torch.bfloat16), "": matrix_rate(1024, 1024, 1024)}
    FIGURES[str(units)] = {"milliseconds": found, "vocabulary": vocab_size, "flop_per_step": multiplied}
    return [
        [
            str(units),
            name,
            f"{each:.1f}",
            f"{STREAMS * WINDOW_TOKENS / each * 1e3:,.0f}",
            f"{milliseconds[PEER] / each:.2f}",
            ""
            if "sampled" in name
            else f"{multiplied / each * 1e3 / 1e9 / peaks[BFLOAT16 if BFLOAT16 in name else '']:.0%}",
        ]
        for name, each in milliseconds.items()
    ]


def main() -> None:
    """Measures both sizes and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, metavar="FOLDER", help="the folder of the peers' repositories")
    parser.add_argument("--units", type=int, nargs="+", choices=SIZES, default=list(SIZES), help="sizes")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=30, help="of a round, after the warm-up")
    parser.add_argument("--words", type=int, help="so many, of Python files, in place of the bundled corpus")
    parser.add_argument("--loop", choices=("plain", "bare"), help=argparse.SUPPRESS)
    parser.add_argument("settings", nargs="*", help="settings of halo.train, after --, such as the text")
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
