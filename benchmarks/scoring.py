"""Speed of `python -m halo.evaluate path=FILE`, compared with the forward pass of its model alone.

The file has --words words: the training documents of the bundled corpus, repeated. The time of the command includes
start-up, reading, cleaning, tokenizing, scoring every token, in one stream per 50,000, and everything it reports. The
forward pass alone reads the same number of tokens in the same windows with the same model, from existing ids, and
computes all logits without using any. Both take turns.

    python benchmarks/scoring.py
    python benchmarks/scoring.py --bundle outputs/train/DATE/TIME/bundle
"""

import argparse
import itertools
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import torch
from measuring import in_turn, medians, output_of, report
from torch.nn.utils import parametrize

from halo.bundle.loading import open_model
from halo.evaluation.evaluation_report import batch_size_for, training_corpus
from halo.evaluation.text_scores import windows_to_score
from halo.models.language_model import State
from halo.runtime.allocator import keep_freed_memory

HEADER = ("contender", "tokens/s", "seconds", "x faster than forward pass")
ALONE, COMMAND = "forward pass alone", "halo.evaluate"
CACHE = "outputs/cache"


def write_text(bundle: Path, words: int, file: Path) -> int:
    """Writes the file and returns its number of tokens."""
    opened = open_model(run=None, bundle=str(bundle), device="cpu")
    corpus = training_corpus(opened, cache_dir=CACHE)
    ids, vocabulary = corpus.ids["train"], corpus.tokenizer.words()
    text = " ".join(vocabulary[each] if each != corpus.tokenizer.eos_id else "\n\n" for each in ids.tolist())
    lines = itertools.cycle(text.split("\n\n"))
    written = 0
    with file.open("w", encoding="utf-8") as target:
        while written < words:
            line = next(lines).strip()
            target.write(f"{line}\n\n")
            written += sum(any(letter.isalnum() for letter in word) for word in line.split())
    return len(file.read_text(encoding="utf-8").split())


def command(bundle: Path, file: Path) -> float:
    """Returns the seconds that the command takes."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        evaluate = [sys.executable, "-m", "halo.evaluate", f"bundle={bundle}", f"path={file}", "device=cpu"]
        output_of(*evaluate, f"hydra.run.dir={folder}")
        return time.perf_counter() - began


@torch.no_grad()
def forward_pass(bundle: Path, tokens: int) -> float:
    """Returns the seconds that the forward pass alone takes for a number of tokens."""
    keep_freed_memory()
    opened = open_model(run=None, bundle=str(bundle), device="cpu")
    ids = training_corpus(opened, cache_dir=CACHE).ids["train"]
    batch_size = batch_size_for(tokens, opened.config.data)
    windows = list(windows_to_score(ids, eos_id=opened.tokenizer.eos_id, batch_size=batch_size))
    model, state, read = opened.model.eval(), None, 0
    began = time.perf_counter()
    with parametrize.cached():
        for window in itertools.cycle(windows):
            carried: State | None = state
            _, state = model(window.inputs_BT, carried)
            read += window.num_targets
            if read >= tokens:
                return (time.perf_counter() - began) * tokens / read
    raise AssertionError


def main() -> None:
    """Measures both and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, metavar="FOLDER", help="a saved model (default: train one for 20 steps)")
    parser.add_argument("--words", type=int, default=1_000_000, help="words of the file")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loop", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.loop:
        print(forward_pass(given.bundle, given.loop))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        bundle = given.bundle
        if bundle is None:  # what a model has learned does not affect its speed
            bundle = folder / "run/bundle"
            output_of(
                sys.executable, "-m", "halo.train", f"run_dir={folder}/run", "trainer=cpu", "trainer.max_steps=20"
            )
        file = folder / "text.txt"
        tokens = write_text(bundle, given.words, file)
        loop = partial(output_of, sys.executable, __file__, "--bundle", bundle, "--loop", str(tokens))
        found = in_turn({ALONE: lambda: float(loop()), COMMAND: partial(command, bundle, file)}, given.rounds)
    seconds = medians(found)
    rows = [
        [name, f"{tokens / each:,.0f}", f"{each:.1f}", f"{seconds[ALONE] / each:.2f}"] for name, each in seconds.items()
    ]
    title = f"Scoring {tokens:,} tokens, medians of {given.rounds} rounds"
    report("scoring", title, HEADER, rows, {"seconds": found, "tokens": tokens})


if __name__ == "__main__":
    main()
