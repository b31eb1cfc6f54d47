"""Seconds until halo's default recipe reaches the validation perplexity of its peer's best epoch.

The peer is PyTorch's word_language_model example with its own defaults (two LSTM layers of 200 units, gradient descent
with a rate of 20 that is divided by 4 where validation did not improve), run as its command, unchanged, on the text
that halo trains on, for --epochs (its default is 40); without --peers, the same recipe from `plain_recipe.py`. Its time
runs from the first step to the end of its best epoch, halo's to its first validation that is at least as good; both
include the validations in between. halo validates on the whole validation text every quarter of an epoch.

Both perplexities are of the same validation text with the same vocabulary; the example leaves out the tokens that do
not fill a stream. One seed each. The target is the peer's best validation perplexity: the figures say nothing about the
final quality of a model, only about how soon it gets there.

    python benchmarks/time_to_quality.py --peers FOLDER --epochs 40
    python benchmarks/time_to_quality.py --epochs 10 -- trainer.max_epochs=4
"""

import argparse
import re
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import torch
from measuring import output_of, report
from plain_recipe import SIZES, PlainModel, train_plain
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from training import compose, write_for_peers

from halo.corpus.corpus import Corpus
from halo.corpus.prepare import prepare
from halo.runtime.allocator import keep_freed_memory
from halo.runtime.errors import InputError

HEADER = ("contender", "epochs", "seconds", "validation perplexity", "x halo's seconds")


class Reached(NamedTuple):
    """The state of a contender after a validation."""

    epochs: float
    seconds: float
    perplexity: float


def peer_epochs(script: Path, corpus: Corpus, epochs: int) -> list[Reached]:
    """Runs the example and returns the epochs that it prints."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_for_peers(corpus, folder)
        printed = output_of(sys.executable, script, "--data", folder, "--epochs", str(epochs), folder=folder)
    seconds, found = 0.0, []
    for number, took, perplexity in re.findall(
        r"end of epoch +(\d+) \| time: +([\d.]+)s.*valid ppl +([\d.]+)", printed
    ):
        seconds += float(took)
        found.append(Reached(float(number), seconds, float(perplexity)))
    return found


def plain_epochs(corpus: Corpus, minutes: float) -> list[Reached]:
    """Trains our own plain recipe for a number of minutes and returns its epochs."""
    keep_freed_memory()
    torch.manual_seed(1)
    epochs, _ = train_plain(PlainModel(SIZES["small"], corpus.tokenizer.vocab_size), corpus, seconds=60 * minutes)
    return [Reached(each.epochs, 60 * each.minutes, each.validation) for each in epochs]


def halo_validations(settings: list[str], train_tokens: int) -> list[Reached]:
    """Trains with halo and returns its validations."""
    with tempfile.TemporaryDirectory() as temporary:
        run = Path(temporary) / "run"
        output_of(sys.executable, "-m", "halo.train", f"run_dir={run}", "trainer.val_check_interval=0.25", *settings)
        events = EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0})
        events.Reload()
    seen, speed = events.Scalars("3_training/tokens_seen"), events.Scalars("3_training/tokens_per_second")
    began = seen[0].wall_time - seen[0].value / speed[0].value
    validations = zip(events.Scalars("1_perplexity/validation"), events.Scalars("2_loss/validation"), strict=True)
    steps_an_epoch = max(each.step for each in seen) / (seen[-1].value / train_tokens)
    return [
        Reached(perplexity.step / steps_an_epoch, nll.wall_time - began, perplexity.value)
        for perplexity, nll in validations
    ]


def main() -> None:
    """Trains both and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, metavar="FOLDER", help="the folder of the peers' repositories")
    parser.add_argument("--epochs", type=int, default=40, help="epochs of the peer")
    parser.add_argument(
        "--minutes", type=float, default=10, help="training time of our own plain recipe, without --peers"
    )
    parser.add_argument("settings", nargs="*", help="settings of halo.train after --")
    given = parser.parse_args()
    try:
        corpus = prepare(compose(given.settings).data)
        halo = halo_validations(given.settings, len(corpus.ids["train"]))
        if given.peers:
            name = "word_language_model"
            peer = peer_epochs(given.peers / "examples/word_language_model/main.py", corpus, given.epochs)
        else:
            name, peer = "plain recipe", plain_epochs(corpus, given.minutes)
    except InputError as error:
        raise SystemExit(f"error: {error}") from error
    best = min(peer, key=lambda each: each.perplexity)
    first = next((each for each in halo if each.perplexity <= best.perplexity), None)
    rows = [[f"{name}, best epoch of {len(peer)}", *_figures(best), _ratio(best, first)]]
    reached = ["not reached", "", "", ""] if first is None else [*_figures(first), "1.0"]
    rows.append(["halo.train, first validation as good", *reached])
    rows.append(["halo.train, last validation", *_figures(halo[-1]), _ratio(halo[-1], first)])
    figures = {"peer": [each._asdict() for each in peer], "halo": [each._asdict() for each in halo]}
    report("time_to_quality", "Seconds to a validation perplexity", HEADER, rows, figures)


def _figures(reached: Reached) -> list[str]:
    return [f"{reached.epochs:.2f}", f"{reached.seconds:.0f}", f"{reached.perplexity:.1f}"]


def _ratio(reached: Reached, first: Reached | None) -> str:
    return "" if first is None else f"{reached.seconds / first.seconds:.1f}"


if __name__ == "__main__":
    main()
