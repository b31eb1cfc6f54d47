"""Start-up time: until --help and an error message are printed, and until the first training step is done.

Each command is timed from start to exit, as a user experiences it; for the first step, the text has been prepared
before, and the process exits right after the step. For comparison, the table has the import time of the libraries
alone. All take turns, and a figure is the median of the rounds.

    python benchmarks/startup.py
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from measuring import in_turn, medians, output_of, report
from training import PLAIN, halo_command

HEADER = ("command", "seconds", "goal")
ANSWERED, FIRST_STEP = 0.7, 6.0


def timed(status: int, *command: str) -> float:
    """Returns the seconds that a Python command takes; exits if its status is not the expected one."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode != status:
        raise SystemExit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr[-2000:]}")
    return seconds


def first_step(folder: Path, settings: list[str]) -> float:
    """Returns the seconds until the first step of `halo.train` is done."""
    began = time.perf_counter()
    halo_command(settings, 1, folder, warm_up=0)
    return time.perf_counter() - began


def main() -> None:
    """Times each command and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    output_of(sys.executable, "-m", "halo.prepare")
    train = ("-m", "halo.train")
    with tempfile.TemporaryDirectory() as folder:
        answered = {
            "halo.train --help": partial(timed, 0, *train, "--help"),
            "halo.evaluate --help": partial(timed, 0, "-m", "halo.evaluate", "--help"),
            "halo.generate --help": partial(timed, 0, "-m", "halo.generate", "--help"),
            "halo.train model.hidden=0, exit status 2": partial(timed, 2, *train, "model.hidden=0"),
            "halo.train modle=lstm, exit status 2": partial(timed, 2, *train, "modle=lstm"),
        }
        first = {
            "halo.train, first step done": partial(first_step, Path(folder), []),
            "halo.train, plain LSTM, first step done": partial(first_step, Path(folder), PLAIN),
        }
        references = {
            f'python -c "{code}"': partial(timed, 0, "-c", code)
            for code in ("pass", "import hydra", "import torch", "import lightning")
        }
        contenders: dict[str, Callable[[], float]] = {**answered, **first, **references}
        found = in_turn(contenders, rounds)
    seconds = medians(found)
    goals = dict.fromkeys(answered, f"{ANSWERED}") | dict.fromkeys(first, f"{FIRST_STEP:g}")
    rows = [[name, f"{each:.2f}", goals.get(name, "")] for name, each in seconds.items()]
    report("startup", f"Start-up, medians of {rounds} rounds", HEADER, rows, {"seconds": found})


if __name__ == "__main__":
    main()
