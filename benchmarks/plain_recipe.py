"""Perplexity of halo's default recipe and of a plain one after the same training time; run by `make bench-recipe`.

The plain recipe is that of PyTorch's word_language_model example: two LSTM layers, dropout with a new mask at each
token, a softmax with untied weights, plain gradient descent with a learning rate of 20 that is divided by 4 after each
epoch in which validation did not improve, and the weights of the best validation. Only its number of epochs differs
from the example: it trains for as long as halo's training and validation took, and an epoch cut off by that limit is
validated too. `--size medium` is the larger model that the example's README names, with tied weights.

Both use the same ids from `halo.prepare`, on the same machine with the same number of threads, and are measured as
`halo.train` measures: perplexity over every token including `<eos>`, read in one stream. halo is trained by its
command, as a user would. Where the two cannot be treated alike, the plain recipe has the advantage: its last validation
comes after its time limit, while the samples that halo generates after its own count as halo's time; it keeps freed
memory as halo does; and it does not drop the tokens that do not fill a stream, as the example does.

    python benchmarks/plain_recipe.py --json recipe.json
    python benchmarks/plain_recipe.py --size medium --run outputs/train/DATE/TIME
    python benchmarks/plain_recipe.py --minutes 0.1 -- debug=fast trainer=cpu

Shape letters: B streams, T tokens of a window, V words of the vocabulary.
"""

import argparse
import copy
import json
import math
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
import yaml
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from halo.bundle.loading import load_bundle
from halo.corpus.corpus import Corpus
from halo.data.streams import StreamLoader
from halo.evaluation.evaluation_report import training_corpus
from halo.evaluation.text_metrics import evaluate_split
from halo.evaluation.text_scores import NLLSummary, text_nll
from halo.models.language_model import ModelOutput, Network, State, detach
from halo.models.output import SoftmaxOutput
from halo.reports.console import table
from halo.runtime.allocator import keep_freed_memory
from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import InputError

BATCH_SIZE, EVAL_BATCH_SIZE, SEQUENCE_LENGTH = 20, 10, 35
LEARNING_RATE, RATE_DIVISOR, CLIP_NORM = 20.0, 4.0, 0.25
HEADER = ("recipe", "parameters", "minutes", "epochs", "tokens/s", "validation", "test", "x halo", "x plain")


class Size(NamedTuple):
    """A size of the plain model; `features` is the width of the embedding and of both layers."""

    features: int
    dropout: float
    tied: bool


SIZES = {"small": Size(200, 0.2, tied=False), "medium": Size(650, 0.5, tied=True)}


class Result(NamedTuple):
    """The result of a recipe: minutes including validation, tokens/s excluding it, epochs, and two perplexities."""

    name: str
    parameters: int | None
    minutes: float | None
    epochs: float | None
    tokens_per_second: float | None
    validation: float
    test: float


class Epoch(NamedTuple):
    """The state of the plain recipe after an epoch; the last one may be cut off by the time limit."""

    epochs: float
    minutes: float
    learning_rate: float
    validation: float


class PlainModel(Network):
    """Embedding, two LSTM layers, softmax; dropout before, between and after the layers.

    The layers are initialised as PyTorch does, the embedding and the softmax weights uniformly within 0.1.
    """

    def __init__(self, size: Size, vocab_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, size.features)
        self.lstm = nn.LSTM(size.features, size.features, num_layers=2, dropout=size.dropout, batch_first=True)
        self.output = SoftmaxOutput(self.embedding if size.tied else nn.Embedding(vocab_size, size.features))
        self.dropout = nn.Dropout(size.dropout)
        for weight in (self.embedding.weight, self.output.words.weight):
            nn.init.uniform_(weight, -0.1, 0.1)

    def read(self, ids_BT: Tensor, state: State | None) -> ModelOutput:
        """Returns the features of the next words, and the state of both layers after the window."""
        before = None if state is None else tuple(tensor_BLH.transpose(0, 1).contiguous() for tensor_BLH in state[0])
        features, after = self.lstm(self.dropout(self.embedding(ids_BT)), before)
        state_after = [tuple(tensor_LBH.transpose(0, 1) for tensor_LBH in after)]
        return ModelOutput(self.dropout(features), state_after, pointer_output=None, penalty=None)


def train_epoch(model: PlainModel, windows: StreamLoader, optimizer: torch.optim.Optimizer, *, until: float) -> int:
    """Trains for an epoch, or until the time is up, and returns the number of tokens."""
    device = next(model.parameters()).device
    tokens = 0
    state: State | None = None
    for window in windows:
        logits_BTV, after = model(window.inputs_BT.to(device), state)
        state = detach(after)
        loss = F.cross_entropy(logits_BTV.flatten(0, 1), window.targets_BT.to(device).flatten())
        optimizer.zero_grad()
        loss.backward()
        clip_grad_norm_(model.parameters(), CLIP_NORM)
        optimizer.step()
        loss.item()  # the example reads it too; it waits for a GPU to finish the step
        tokens += window.num_targets
        if time.perf_counter() >= until:
            break
    return tokens


def train_plain(model: PlainModel, corpus: Corpus, *, seconds: float) -> tuple[list[Epoch], float]:
    """Trains for a number of seconds, restores the best weights, and returns the epochs and tokens per second."""
    ids, eos_id = corpus.ids, corpus.tokenizer.eos_id
    windows, validation = (
        StreamLoader(ids[name], eos_id=eos_id, batch_size=batch_size, sequence_length=SEQUENCE_LENGTH)
        for name, batch_size in (("train", BATCH_SIZE), ("validation", EVAL_BATCH_SIZE))
    )
    rate, optimizer = LEARNING_RATE, torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    best, weights = math.inf, copy.deepcopy(model.state_dict())
    epochs: list[Epoch] = []
    tokens, training_seconds = 0, 0.0
    began = time.perf_counter()
    while (now := time.perf_counter()) < began + seconds:
        tokens += train_epoch(model, windows, optimizer, until=began + seconds)
        training_seconds += time.perf_counter() - now
        reached = NLLSummary.from_tokens(text_nll(model, validation)).perplexity
        epochs.append(Epoch(tokens / len(ids["train"]), (time.perf_counter() - began) / 60, rate, reached))
        print(
            f"plain recipe: epoch {epochs[-1].epochs:.2f}  {epochs[-1].minutes:.2f} of {seconds / 60:.2f} minutes  "
            f"learning rate {rate:g}  validation {reached:.1f}{' *' if reached < best else ''}",
            flush=True,
        )
        if reached < best:
            best, weights = reached, copy.deepcopy(model.state_dict())
        else:
            rate /= RATE_DIVISOR
            optimizer.param_groups[0]["lr"] = rate
    model.load_state_dict(weights)
    return epochs, tokens / training_seconds


def run_halo(seed: int, overrides: list[str]) -> Path:
    """Trains with `halo.train` and returns the run folder."""
    folder = Path("outputs/train") / time.strftime("recipe_%Y-%m-%d_%H-%M-%S")
    command = [sys.executable, "-m", "halo.train", f"hydra.run.dir={folder}", f"seed={seed}", *overrides]
    done = subprocess.run(command, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
    return folder


def halo_result(run: Path, metrics: dict[str, Any], *, train_tokens: int) -> Result:
    """Returns the result of a run of halo; its log gives the minutes from the first step to the last validation."""
    events = EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0})
    events.Reload()
    if "2_loss/validation" not in events.Tags()["scalars"]:
        raise InputError(f"{run}: it has no TensorBoard log of its validations, which their times are read from")
    seen, speed = events.Scalars("3_training/tokens_seen"), events.Scalars("3_training/tokens_per_second")
    began = seen[0].wall_time - seen[0].value / speed[0].value
    return Result(
        "halo.train",
        parameters=metrics["num_parameters"],
        minutes=(events.Scalars("2_loss/validation")[-1].wall_time - began) / 60,
        epochs=seen[-1].value / train_tokens,
        tokens_per_second=metrics["train_tokens_per_second"],
        validation=metrics["validation_perplexity"],
        test=metrics["test_perplexity"],
    )


def row(result: Result, halo: Result, plain: Result) -> list[str]:
    """Returns the table row of a result."""
    formats = (",d", ".2f", ".1f", ",.0f", ".1f", ".1f", ".2f", ".2f")
    figures = [*result[1:], result.test / halo.test, result.test / plain.test]
    return [result.name, *("" if each is None else f"{each:{how}}" for each, how in zip(figures, formats, strict=True))]


def describe_schedule(epochs: list[Epoch]) -> str:
    """Describes in words how the learning rate of the plain recipe went down."""
    best = min(epochs, key=lambda epoch: epoch.validation)
    slower = next((number for number, epoch in enumerate(epochs) if epoch.learning_rate < LEARNING_RATE), None)
    fell = "never went down" if slower is None else f"first went down after epoch {epochs[slower - 1].epochs:.0f}"
    return (
        f"The plain recipe reached epoch {epochs[-1].epochs:.1f}. Its learning rate, {LEARNING_RATE:g}, {fell} "
        f"and ended at {epochs[-1].learning_rate:g}. Its best weights are those after epoch {best.epochs:.1f}."
    )


def compare(run: Path, *, size: str, seed: int, minutes: float | None, file: Path | None) -> None:
    """Trains the plain recipe on the text of a run, then prints and writes the results of both."""
    opened = load_bundle(run / "bundle")
    config = opened.config.data
    corpus = training_corpus(opened, cache_dir=config.cache_dir)
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    halo = halo_result(run, metrics, train_tokens=len(corpus.ids["train"]))
    assert halo.minutes is not None
    settings = yaml.safe_load((run / "config.yaml").read_text(encoding="utf-8"))
    on_cpu = settings["trainer"]["accelerator"] == "cpu" or not torch.accelerator.is_available()
    device = torch.device("cpu") if on_cpu else torch.accelerator.current_accelerator()
    keep_freed_memory()
    torch.manual_seed(seed)
    model = PlainModel(SIZES[size], corpus.tokenizer.vocab_size).to(device)
    epochs, speed = train_plain(model, corpus, seconds=60 * (halo.minutes if minutes is None else minutes))
    reached = {name: evaluate_split(model, corpus, name, config) for name in ("validation", "test")}
    plain = Result(
        f"plain recipe, {size}",
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        minutes=epochs[-1].minutes,
        epochs=epochs[-1].epochs,
        tokens_per_second=speed,
        validation=reached["validation"].perplexity,
        test=reached["test"].perplexity,
    )
    results = [halo, plain]
    if "kneser_ney_test_perplexity" in metrics:  # absent if the training text is too large to count
        counted = [metrics[f"kneser_ney_{name}_perplexity"] for name in reached]
        results.append(Result("Kneser-Ney 5-gram", None, None, None, None, counted[0], counted[1]))
    threads = torch.get_num_threads()
    title = (
        f"\nPerplexity by recipe ({device}, {threads} threads); last columns: test perplexity relative to each recipe"
    )
    print(table(title, HEADER, [row(each, halo, plain) for each in results], width=160))
    print(f"{describe_schedule(epochs)}\nRun of halo: {run} ({metrics['chosen_weights']})")
    if file:
        figures = {
            "results": [each._asdict() for each in results],
            "plain": {
                "seed": seed,
                "epochs": [epoch._asdict() for epoch in epochs],
                "splits": {name: quality.as_dict() for name, quality in reached.items()},
            },
            "halo": {"run": str(run), "seed": settings["seed"], "minutes_of_whole_run": metrics["minutes"]},
            "machine": {"device": str(device), "threads": threads, "torch": torch.__version__},
        }
        atomic_write(file, json.dumps(figures, indent=2))


def main() -> None:
    """Trains both recipes, or the plain one alone, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--minutes", type=float, help="training time of the plain recipe (default: as long as halo took)"
    )
    parser.add_argument("--size", choices=SIZES, default="small", help="size of the plain recipe's model")
    parser.add_argument("--seed", type=int, default=1, help="seed of both")
    parser.add_argument("--run", type=Path, metavar="FOLDER", help="use this run of halo.train instead of training one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to this file")
    parser.add_argument("overrides", nargs="*", help="settings of halo.train after --")
    given = parser.parse_args()
    if given.run and given.overrides:
        parser.error("settings cannot be combined with --run, which uses an existing run")
    if given.minutes is not None and given.minutes <= 0:
        parser.error(f"--minutes {given.minutes}: must be greater than 0")
    if given.json and not given.json.parent.is_dir():
        parser.error(f"--json {given.json}: the folder does not exist")
    try:
        run = given.run or run_halo(given.seed, given.overrides)
        compare(run, size=given.size, seed=given.seed, minutes=given.minutes, file=given.json)
    except InputError as error:
        raise SystemExit(f"error: {error}") from error


if __name__ == "__main__":
    main()
