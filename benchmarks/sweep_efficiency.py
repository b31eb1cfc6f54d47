"""How much of its workers' time a sweep spends in trials, and how long other ways to run the same trials take.

The same runs, which differ in their learning rate, are trained by `halo sweep` with two workers, one after another as a
loop in a shell would, and by Hydra's multirun: on a quiet machine and beside a program that keeps a core busy.

    python benchmarks/sweep_efficiency.py                      # 30 trials of 2 epochs: hours on two cores
    python benchmarks/sweep_efficiency.py --trials 4 --epochs 1 --neighbours 0 --only sweep
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from busy import neighbours
from measuring import output_of, report
from studies import attempts_of, read_trials, shares, states_of

from halo.runtime.threads import VARIABLES

HEADER = ("other programs", "how", "minutes", "relative to the sweep", "time of workers in trials", "until their last")


class Measured(NamedTuple):
    """How long a contender took.

    Attributes:
        seconds: Of wall clock, for the whole command.
        whole: Share of the workers' time that was spent in trials; None where there are no workers.
        busy: The same, of the time until each worker's last trial ended.
    """

    seconds: float
    whole: float | None = None
    busy: float | None = None


def rates(number: int) -> list[float]:
    """Returns learning rates, evenly spaced on a logarithmic scale."""
    return [round(0.002 * 8 ** (each / max(1, number - 1)), 6) for each in range(number)]


def sweep(settings: Sequence[str], number: int, folder: Path, workers: int) -> Measured:
    """Trains the runs as the trials of a study."""
    of_study = ["search_space=learning_rate", "sampler=grid", "pruner=none", f"workers={workers}"]
    values = f"search_space.parameters.optim.lr=[{','.join(map(str, rates(number)))}]"
    place = [f"num_trials={number}", "study=efficiency", f"sweep_dir={folder}/sweep"]
    began = time.time()
    output_of(sys.executable, "-m", "halo.sweep", *of_study, values, *place, *settings)
    ended = time.time()
    trials = read_trials(folder / "sweep")
    if states_of(trials) != {"complete": number}:
        raise SystemExit(f"not all trials are complete: {states_of(trials)}")
    found = shares(attempts_of(trials), began=began, ended=ended, workers=workers)
    return Measured(ended - began, **found)


def loop(settings: Sequence[str], number: int, folder: Path, _: int) -> Measured:
    """Trains the runs one after another, each with a command of its own."""
    began = time.time()
    for each, rate in enumerate(rates(number)):
        output_of(sys.executable, "-m", "halo.train", *settings, f"optim.lr={rate}", f"run_dir={folder}/loop/{each}")
    return Measured(time.time() - began)


def multirun(settings: Sequence[str], number: int, folder: Path, _: int) -> Measured:
    """Trains the runs as the jobs of Hydra's multirun, one after another in one process."""
    values = f"optim.lr={','.join(map(str, rates(number)))}"
    began = time.time()
    output_of(sys.executable, "-m", "halo.train", "-m", *settings, values, f"run_dir={folder}/multirun")
    return Measured(time.time() - began)


CONTENDERS: dict[str, Callable[[Sequence[str], int, Path, int], Measured]] = {
    "sweep": sweep,
    "loop": loop,
    "multirun": multirun,
}


def main() -> None:
    """Measures every contender beside 0 and 1 other programs, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--neighbours", type=int, nargs="+", default=[0, 1], help="programs that keep a core busy")
    parser.add_argument("--only", choices=CONTENDERS, nargs="+", default=list(CONTENDERS))
    parser.add_argument("settings", nargs="*", help="further settings of halo.train")
    given = parser.parse_args()
    for name in [name for name in os.environ if name in VARIABLES or name.startswith("KMP_")]:
        del os.environ[name]
    settings = ["trainer=cpu", f"trainer.max_epochs={given.epochs}", *given.settings]
    prepared = [each for each in given.settings if each.startswith("data")]
    output_of(sys.executable, "-m", "halo.prepare", *prepared)
    rows, figures = [], {}
    for programs in given.neighbours:
        with tempfile.TemporaryDirectory() as name, neighbours(programs):
            found = {each: CONTENDERS[each](settings, given.trials, Path(name), given.workers) for each in given.only}
        reference = found.get("sweep", next(iter(found.values()))).seconds
        for contender, measured in found.items():
            cells = ["" if share is None else f"{share:.1%}" for share in (measured.whole, measured.busy)]
            relative = f"{measured.seconds / reference:.2f}"
            rows.append([str(programs), contender, f"{measured.seconds / 60:.2f}", relative, *cells])
            figures[f"{programs}, {contender}"] = measured._asdict()
            print(f"  {programs} other programs: {contender} {measured.seconds:.1f} s", file=sys.stderr, flush=True)
    title = f"{given.trials} runs of {given.epochs} epochs, and {given.workers} workers where there are any"
    report("sweep_efficiency", title, HEADER, rows, {"figures": figures})


if __name__ == "__main__":
    main()
