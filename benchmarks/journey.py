"""What was hard in the original experiment, one difficulty at a time: divisions of the text, carried state, clipping.

Every run has the same test documents (a fifth of the bundled corpus). The original experiment validates on three times
as much text as it trains on; its model is a plain LSTM without what later work added. Each row changes one thing:

- the division of the text: a fifth, or three fifths of it for training, with validation of three fifths or a fifth;
- the state of the LSTM: carried from each window to the next, or set to zeros at each window;
- the gradient: clipped to a norm of 0.25, or not clipped, with AdamW and with plain gradient descent at the learning
  rate of PyTorch's word_language_model example.

The vocabulary comes from the training split, so perplexities are comparable only within one division; bits per
character are comparable everywhere. docs/journey.md tells the story of the figures.

    python benchmarks/journey.py                          # about twenty minutes on two cores
    python benchmarks/journey.py --seeds 1 2 3            # with the spread over three seeds
    python benchmarks/journey.py -- debug=fast            # under a minute, to see that it works
"""

import argparse
import csv
import math
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import lightning as L
from lightning.pytorch.callbacks import Callback
from measuring import report

import halo
from halo.runtime.errors import TrainingError

ORIGINAL = "experiment=semblance_halo"
LARGER_TRAINING = ("data.splits.test=0.2", "data.splits.train=0.6", "data.splits.validation=0.2")
PLAIN_LSTM = ("model.subword_lengths=null", "model.pointer_tokens=null", "model.mogrifier_rounds=0")
NO_CLIPPING = "gradient_clip.value=null"
DESCENT = ("optim=sgd", "schedule=plateau")
RESET = "+callbacks.reset._target_=journey.StateReset"
RUNS: dict[str, tuple[str, ...]] = {
    "the original's set-up, plain LSTM": (ORIGINAL, *PLAIN_LSTM),
    "  state set to zeros at each window": (ORIGINAL, *PLAIN_LSTM, RESET),
    "  gradient not clipped": (ORIGINAL, *PLAIN_LSTM, NO_CLIPPING),
    "  gradient descent at rate 20": (ORIGINAL, *PLAIN_LSTM, *DESCENT),
    "  the same, gradient not clipped": (ORIGINAL, *PLAIN_LSTM, *DESCENT, NO_CLIPPING),
    "experiment=semblance_halo": (ORIGINAL,),
    "60 % training, 20 % validation": LARGER_TRAINING,
}


class StateReset(Callback):
    """Sets the carried state to zeros before each training window, as if it did not follow the one before."""

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Resets the state; `carry_state` holds it with the metrics, which stay."""
        module: Any = pl_module
        module.load_carry_state({**module.carry_state(), "state": None})


class Outcome(NamedTuple):
    """The figures of a run, or nothing but the gradients of one that ended because its loss was no number any more.

    Attributes:
        vocabulary: Size of the vocabulary, from the training split.
        validation: Perplexity of validation.
        interval: Its 95% bootstrap interval over documents.
        test: Perplexity of test.
        bits_per_character: Of test.
        largest_gradient: The largest of the gradient norms that were logged, before clipping.
    """

    vocabulary: int | None
    validation: float | None
    interval: tuple[float, float] | None
    test: float | None
    bits_per_character: float | None
    largest_gradient: float


def train(overrides: Sequence[str], folder: Path) -> Outcome:
    """Trains with some settings and returns the outcome."""
    try:
        result = halo.fit(*overrides, run_dir=folder)
    except TrainingError as error:
        print(f"{' '.join(overrides)}: {error}", flush=True)
        return Outcome(None, None, None, None, None, largest_gradient(folder))
    validation, test = result.scores["validation"], result.scores["test"]
    return Outcome(
        vocabulary=result.uniform_perplexity,
        validation=validation.perplexity,
        interval=validation.perplexity_interval,
        test=test.perplexity,
        bits_per_character=test.bits_per_character,
        largest_gradient=largest_gradient(folder),
    )


def largest_gradient(folder: Path) -> float:
    """Returns the largest gradient norm that a run has logged."""
    with (folder / "csv" / "metrics.csv").open(encoding="utf-8") as stream:
        norms = [float(row["train/grad_norm"]) for row in csv.DictReader(stream) if row["train/grad_norm"]]
    return max(norms, default=math.nan)


def row(name: str, outcomes: Sequence[Outcome]) -> list[str]:
    """Returns the row of a table: means over the seeds, with the standard deviation where there are several."""
    gradient = f"{max(each.largest_gradient for each in outcomes):.3g}"
    if any(each.test is None for each in outcomes):
        return [name, "-", "ended", "-", "ended", "-", gradient]
    first = outcomes[0]
    interval = "-" if first.interval is None else "{:.1f}-{:.1f}".format(*first.interval)
    return [
        name,
        f"{first.vocabulary:,}",
        _spread([each.validation for each in outcomes], 1),
        interval,
        _spread([each.test for each in outcomes], 1),
        _spread([each.bits_per_character for each in outcomes], 3),
        gradient,
    ]


def _spread(figures: Sequence[float | None], digits: int) -> str:
    known = [figure for figure in figures if figure is not None]
    mean = f"{statistics.mean(known):.{digits}f}"
    return mean if len(known) == 1 else f"{mean} +- {statistics.stdev(known):.{digits}f}"


def main() -> None:
    """Trains all runs and prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("settings", nargs="*", help="settings of every run, after --")
    arguments = parser.parse_args()
    found: dict[str, list[Outcome]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, overrides) in enumerate(RUNS.items()):
            found[name] = [
                train([*overrides, f"seed={seed}", *arguments.settings], Path(folder) / f"{number}_{seed}")
                for seed in arguments.seeds
            ]
            print(*row(name, found[name]), sep="  ", flush=True)
    header = ("run", "vocabulary", "validation", "95% interval", "test", "bits/character", "largest gradient")
    report(
        "journey",
        "The difficulties of the original experiment, the same test documents throughout",
        header,
        [row(name, outcomes) for name, outcomes in found.items()],
        {"runs": {name.strip(): [each._asdict() for each in outcomes] for name, outcomes in found.items()}},
    )


if __name__ == "__main__":
    main()
