"""Training beside other programs, and seeds side by side: what halo chooses, compared with what it could have chosen.

The default recipe trains while no, one and three other programs keep a core busy. The contenders are all threads, as
torch has them by default; all threads, which sleep while they wait (`GOMP_SPINCOUNT=0`); one thread; and what halo
chooses when nothing is set. They take turns; a ratio is the median of the ratios to the best of the same round. Two
seeds, each of a few steps, are timed as whole commands: in turn with all threads, and as halo runs them.

    python benchmarks/busy.py --rounds 3
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from measuring import in_turn, medians, output_of, report
from training import halo_command

from halo.runtime.process_pool import num_cores
from halo.runtime.threads import SPINNING, THREADS, VARIABLES

ALL_THREADS = {THREADS: str(num_cores())}
CHOICES: dict[str, dict[str, str]] = {
    "all threads": ALL_THREADS,
    "all threads, sleeping": {**ALL_THREADS, SPINNING: "0"},
    "one thread": {THREADS: "1"},
    "halo": {},
}
SEEDS = {"2 seeds in turn, all threads": ALL_THREADS, "2 seeds, halo": {}}
HEADER = ("other programs", "contender", "ms/step or seconds", "relative to the best of the round")


@contextlib.contextmanager
def neighbours(number: int) -> Iterator[None]:
    """Runs other programs, each of which keeps a core busy."""
    programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


def train_seeds(steps: int, folder: Path, environment: Mapping[str, str]) -> float:
    """Returns the seconds of `halo.train seeds=2`, each of a number of steps."""
    with tempfile.TemporaryDirectory(dir=folder) as run:
        short = [f"trainer.max_steps={steps}", "trainer.limit_val_batches=1", "samples.prompts=[]"]
        began = time.perf_counter()
        command = [sys.executable, "-m", "halo.train", "trainer=cpu", "seeds=2", f"run_dir={run}/seeds", *short]
        output_of(*command, environment=environment)
        return time.perf_counter() - began


def ratios(found: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Returns for each contender the median of its ratios to the best of the round."""
    best = [min(of_round) for of_round in zip(*found.values(), strict=True)]
    return {
        name: statistics.median(each / lowest for each, lowest in zip(figures, best, strict=True))
        for name, figures in found.items()
    }


def main() -> None:
    """Measures every contender beside 0, 1 and 3 other programs, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=60, help="measured steps of a run")
    parser.add_argument("--seed-steps", type=int, default=300, help="steps of each of two seeds")
    parser.add_argument("--neighbours", type=int, nargs="+", default=[0, 1, 3])
    options = parser.parse_args()
    for name in [name for name in os.environ if name in VARIABLES or name.startswith("KMP_")]:
        del os.environ[name]
    output_of(sys.executable, "-m", "halo.prepare")
    rows, figures = [], {}
    for number in options.neighbours:
        with tempfile.TemporaryDirectory() as name, neighbours(number):
            folder = Path(name)
            steps: dict[str, Callable[[], float]] = {
                choice: partial(halo_command, ["trainer=cpu"], options.steps, folder, environment=variables)
                for choice, variables in CHOICES.items()
            }
            seeds: dict[str, Callable[[], float]] = {
                choice: partial(train_seeds, options.seed_steps, folder, variables)
                for choice, variables in SEEDS.items()
            }
            for contenders in (steps, seeds):
                found = in_turn(contenders, options.rounds)
                relative = ratios(found)
                rows += [
                    [str(number), choice, f"{each:.1f}", f"{relative[choice]:.2f}"]
                    for choice, each in medians(found).items()
                ]
                figures[f"{number}, {next(iter(contenders))}"] = found
    report("busy", f"Beside other programs, medians of {options.rounds} rounds", HEADER, rows, {"figures": figures})


if __name__ == "__main__":
    main()
