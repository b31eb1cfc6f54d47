"""Kills training runs at random moments, resumes them, and compares them with uninterrupted runs.

    python benchmarks/resuming.py                  # 36 kills, takes some minutes
    python benchmarks/resuming.py --kills 100 --seed 7

Every trial starts a run, kills it with all its processes at a random moment (SIGKILL), resumes it with the same command
and resume=auto until it ends, and compares: every bit of the weights and of the optimizer state in the best checkpoint,
metrics.json, every row of the CSV curve, every value in TensorBoard's. Only times are left out: minutes and tokens/s.
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path

from measuring import report

sys.path.insert(0, str(Path(__file__).parents[1]))  # for the tests' killing and comparing
from tests.support.killing import CALLBACK, start, train_in_child
from tests.support.same_runs import differences

TEXT = Path(__file__).parents[1] / "src/halo/corpora/covid_discussions.jsonl"
BASE = [
    *(CALLBACK, "data=text", "data.path=text.jsonl", "data.batch_size=4", "data.sequence_length=16", "trainer=cpu"),
    *("data.eval_batch_size=3", "trainer.max_epochs=2", "trainer.log_every_n_steps=5", "samples.num_words=5"),
    *("callbacks.resume.every_n_steps=20", "callbacks.early_stopping.patience=50"),
]
SMALL = ["model.embedding=16", "model.hidden=16"]
AWD = [
    *(
        "model=awd_lstm",
        "model.last_hidden=16",
        "model.layers=2",
        "data.variable_sequence_length=true",
        "optim=sgd",
        "optim.lr=20",
    ),
    *("schedule=constant", "averaging=nt_asgd", "averaging.patience=0", "trainer.val_check_interval=0.2"),
]
CONFIGURATIONS = {
    "LSTM": ["averaging=ema"],
    "AWD-LSTM, random windows, NT-ASGD": AWD,
    "transformer": ["model=transformer", "model.heads=2", "model.context=20", "schedule=plateau"],
    "LSTM, two processes": ["trainer=ddp_cpu"],
    "AWD-LSTM, two processes": [*AWD, "trainer=ddp_cpu"],
}
MOMENTS = ("start", "step", "step", "validation", "checkpoint", "measuring")
LAST = {"start": 1, "step": 150, "validation": 6, "checkpoint": 8, "measuring": 1}
"""How often each moment occurs at least, in a run of any configuration."""


def train(arguments: list[str], kill_at: str = "") -> int | None:
    """Trains and returns the exit status."""
    if "trainer=ddp_cpu" not in arguments:
        return train_in_child(arguments, kill_at=kill_at)
    process = start(arguments, HALO_KILL=kill_at)
    _, err = process.communicate()
    if process.returncode not in (0, -signal.SIGKILL):
        print(err, file=sys.stderr)
    return process.returncode


def trial(settings: list[str], moment: str, dice: random.Random) -> str:
    """Kills a run, resumes it, and returns the differences from `uninterrupted`; empty if there are none."""
    shutil.rmtree("killed", ignore_errors=True)
    shutil.rmtree("cache", ignore_errors=True)
    arguments = [*settings, "run_dir=killed", "resume=auto"]
    longest = 300 if moment == "start" else 30
    kill_at = f"{moment}:{dice.randint(1, LAST[moment])}:{dice.uniform(0, longest):.2f}"
    if train(arguments, kill_at) != -signal.SIGKILL:
        return f"not killed at {kill_at}"
    if (code := train(arguments)) != 0:
        return f"exit status {code} after {kill_at}"
    found = differences(Path("uninterrupted"), Path("killed"))
    return f"{', '.join(found)} differ after {kill_at}" if found else ""


def main() -> None:
    """Kills, resumes, compares, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=36, help="the number of trials")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments")
    given = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    dice = random.Random(given.seed)
    plan = [
        (name, MOMENTS[number // len(CONFIGURATIONS) % len(MOMENTS)])
        for number, name in enumerate(list(CONFIGURATIONS)[each % len(CONFIGURATIONS)] for each in range(given.kills))
    ]
    kills: Counter[tuple[str, str]] = Counter(plan)
    same: Counter[tuple[str, str]] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        lines = TEXT.read_text(encoding="utf-8").splitlines(keepends=True)
        Path("text.jsonl").write_text("".join(lines[::15]), encoding="utf-8")
        for name, changes in CONFIGURATIONS.items():
            settings = [*BASE, *changes, *SMALL, "data.cache_dir=cache"]
            shutil.rmtree("uninterrupted", ignore_errors=True)
            if train([*settings, "run_dir=uninterrupted"]) != 0:
                raise SystemExit(
                    f"{name}: the uninterrupted run failed: {Path('printed.txt').read_text(encoding='utf-8')[-2000:]}"
                )
            for moment in (moment for each, moment in plan if each == name):
                found = trial(settings, moment, dice)
                same[name, moment] += not found
                wrong += [f"{name}: {found}"] if found else []
                print(f"{name}: killed at {moment}: {found or 'identical'}", file=sys.stderr, flush=True)
    moments = list(dict.fromkeys(MOMENTS))
    rows = [[name, *(f"{same[name, each]} of {kills[name, each]}" for each in moments)] for name in CONFIGURATIONS]
    total = f"{sum(same.values())} of {given.kills} killed and resumed runs are identical to uninterrupted ones"
    figures = {"identical": sum(same.values()), "kills": given.kills, "seed": given.seed, "differences": wrong}
    report("resuming", f"Killed and resumed: {total}", ["configuration", *moments], rows, figures)
    if wrong:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main()
