"""A study through which everything goes wrong that can: what is left of it.

One trial fails, one is killed, and then the whole sweep is killed with all its trials and started again, all kills by
SIGKILL. The script checks that the study has every trial once, that no two processes worked on one at the same time,
and that the trials that were taken up again have exactly the figures of undisturbed runs of their settings: every bit
of the weights, and every row of the curves.

    python benchmarks/sweep_survival.py                                  # 30 trials of 3 epochs on the bundled corpus
    python benchmarks/sweep_survival.py --trials 6 --epochs 1 --folder outputs/small

The folder keeps the study: sweep.csv, comparison.html, and a run folder for each trial.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import lightning as L
from measuring import output_of, report
from optuna.trial import FrozenTrial
from studies import attempts_of, doubled, read_trials, shares, states_of

from halo.runtime.process_pool import num_cores
from halo.runtime.run_lock import LOCK_FILE

sys.path.insert(0, str(Path(__file__).parents[1]))  # for the tests' comparison of runs
from tests.support.same_runs import differences

STUDY = "survival"
OF_SWEEP = ("search_space", "sampler", "pruner", "launcher", "storage")
"""Settings of the sweep that may be given; all others are those of halo.train."""


class Failing(L.Callback):
    """Fails in one trial of a sweep, as a class of the user's own may.

    Args:
        trial: The number of the trial.
    """

    def __init__(self, trial: int) -> None:
        self.trial = trial

    def on_train_batch_start(self, trainer: L.Trainer, *_: Any) -> None:
        """Fails after some steps."""
        variable = os.environ.get("HALO_TRIAL")
        if trainer.global_step == 5 and variable and json.loads(variable)["number"] == self.trial:
            raise RuntimeError("made to fail by the benchmark")


def wait_for(condition: Callable[[], bool], process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Waits until something has happened; exits if the sweep ends before."""
    until = time.monotonic() + seconds
    while not condition():
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            raise SystemExit("the sweep ended before it was killed; see console.txt in its folder")
        time.sleep(0.05)


def process_of(run: Path) -> int | None:
    """Returns the id of the process that trains a run; None if there is none."""
    with contextlib.suppress(OSError):
        found = re.match(r"process (\d+) on ", (run / LOCK_FILE).read_text(encoding="utf-8"))
        return int(found[1]) if found else None
    return None


def has_checkpoint(run: Path) -> bool:
    """Returns whether a run that is training could be resumed."""
    return process_of(run) is not None and any((run / "checkpoints").glob("resume-*.ckpt"))


def kill(number: int | None) -> None:
    """Kills a process, if there is one, with all that it has started."""
    with contextlib.suppress(ProcessLookupError):
        if number is not None:
            os.killpg(os.getpgid(number), signal.SIGKILL)


def start(command: Sequence[str], folder: Path) -> "subprocess.Popen[bytes]":
    """Starts a sweep; what it prints is added to console.txt."""
    with (folder / "console.txt").open("ab") as printed:
        return subprocess.Popen(command, stdout=printed, stderr=subprocess.STDOUT, start_new_session=True)


class Disturbed(NamedTuple):
    """What was done to a study, and when, in seconds since 1970.

    Attributes:
        killed: The number of the trial that was killed alone.
        stopped: The numbers of the trials that were killed with the sweep.
        began: When the sweep was started.
        again: When it was started again.
        ended: When it ended by itself.
        status: Its exit status then.
    """

    killed: int
    stopped: list[int]
    began: float
    again: float
    ended: float
    status: int

    @property
    def resumed(self) -> list[int]:
        """The numbers of the trials that had to be taken up again."""
        return sorted({self.killed, *self.stopped})


def disturb(command: Sequence[str], sweep: Path, given: argparse.Namespace) -> Disturbed:
    """Runs a sweep in which one trial is killed and then everything, and starts it again."""
    trials, began = sweep / "trials", time.time()
    process = start(command, given.folder)
    victim = trials / "0001"
    wait_for(lambda: has_checkpoint(victim), process, given.patience)
    kill(process_of(victim))
    print("  trial 1 killed", file=sys.stderr, flush=True)

    def running() -> list[Path]:
        return [each for each in sorted(trials.iterdir()) if has_checkpoint(each)]

    middle = trials / f"{given.trials // 2:04d}"
    wait_for(lambda: middle.exists() and len(running()) == given.workers, process, given.patience)
    stopped = running()
    kill(process.pid)
    for each in stopped:
        kill(process_of(each))
    process.wait()
    numbers = [int(each.name) for each in stopped]
    print(f"  the sweep and its trials {numbers} killed", file=sys.stderr, flush=True)
    again = time.time()
    status = start(command, given.folder).wait()
    return Disturbed(1, numbers, began, again, time.time(), status)


def differences_from_undisturbed(run: Path, settings: Sequence[str], given: argparse.Namespace) -> list[str]:
    """Returns the parts in which a trial differs from a run of the same settings that nothing disturbs."""
    alone = given.folder / "undisturbed" / run.name
    threads = str(max(1, num_cores() // given.workers))
    command = [sys.executable, "-m", "halo.train", *settings, f"run_dir={alone}"]
    output_of(*command, environment={"OMP_NUM_THREADS": threads})
    found = differences(alone, run)
    said = f"{', '.join(found)} differ" if found else "like an undisturbed run"
    print(f"  trial {run.name}: {said}", file=sys.stderr, flush=True)
    return found


def problems_of(trials: list[FrozenTrial], done: Disturbed, *, number: int, failing: int) -> list[str]:
    """Returns what is not as it should be.

    Args:
        trials: The trials of the study.
        done: What was done to it.
        number: How many trials it should have.
        failing: The number of the one that had to fail.
    """
    problems = [f"exit status {done.status}"] if done.status else []
    if [trial.number for trial in trials] != list(range(number)):
        problems.append(f"{len(trials)} trials instead of {number}")
    failed = [trial.number for trial in trials if trial.state.name == "FAIL"]
    problems += [f"failed trials {failed} instead of [{failing}]"] if failed != [failing] else []
    unfinished = [trial.number for trial in trials if not trial.state.is_finished()]
    problems += [f"unfinished trials {unfinished}"] if unfinished else []
    twice = doubled(attempts_of(trials))
    problems += [f"two processes at once on trials {twice}"] if twice else []
    once = [each for each in done.resumed if len(trials[each].user_attrs.get("attempts", [])) < 2]
    return problems + ([f"trials {once} were not taken up again"] if once else [])


def settings_of(given: argparse.Namespace, failing: int) -> tuple[list[str], list[str]]:
    """Returns the settings of the sweep, and those of halo.train."""
    of_sweep = [each for each in given.settings if each.partition("=")[0].partition(".")[0] in OF_SWEEP]
    of_train = [
        *("trainer=cpu", f"trainer.max_epochs={given.epochs}", f"callbacks.resume.every_n_steps={given.every}"),
        *("+callbacks.failing._target_=sweep_survival.Failing", f"+callbacks.failing.trial={failing}"),
        *(each for each in given.settings if each not in of_sweep),
    ]
    return [f"num_trials={given.trials}", f"workers={given.workers}", *of_sweep], of_train


def main() -> None:
    """Runs the study, disturbs it, and checks and prints what is left."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--every", type=int, default=50, help="steps between two resume checkpoints")
    parser.add_argument("--folder", type=Path, default=Path("outputs/benchmarks/sweep_survival"))
    parser.add_argument("--patience", type=float, default=3600, help="seconds to wait for the moment of a kill")
    parser.add_argument("settings", nargs="*", help="further settings of halo.train and halo.sweep")
    given = parser.parse_args()
    shutil.rmtree(given.folder, ignore_errors=True)
    given.folder.mkdir(parents=True)
    modules = [str(Path(__file__).parent), os.environ.get("PYTHONPATH")]  # where the trials find `Failing`
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, modules))
    sweep, failing = given.folder / STUDY, given.trials // 3
    of_sweep, of_train = settings_of(given, failing)
    place = [f"study={STUDY}", f"sweep_dir={sweep}"]
    done = disturb([sys.executable, "-m", "halo.sweep", *place, *of_sweep, *of_train], sweep, given)
    trials = read_trials(sweep)
    problems = problems_of(trials, done, number=given.trials, failing=failing)
    wrong = {}
    for number in (each for each in done.resumed if trials[each].state.name == "COMPLETE"):
        settings = [*of_train, *(f"{key}={value}" for key, value in trials[number].params.items())]
        wrong[number] = differences_from_undisturbed(sweep / "trials" / f"{number:04d}", settings, given)
    problems += [f"trial {each}: {', '.join(parts)} differ" for each, parts in wrong.items() if parts]
    problems += [] if wrong else ["no resumed trial is complete: none could be compared"]
    second = [each for each in attempts_of(trials) if each.started >= done.again]
    share = shares(second, began=done.again, ended=done.ended, workers=given.workers)
    rows = [
        ["trials by state", ", ".join(f"{count} {state}" for state, count in sorted(states_of(trials).items()))],
        ["trial that was made to fail", f"{failing}: {trials[failing].user_attrs.get('reason', '')}"[:90]],
        ["trial that was killed", f"{done.killed}, {len(trials[done.killed].user_attrs['attempts'])} processes"],
        ["trials that were killed with the sweep", ", ".join(map(str, done.stopped))],
        ["resumed, complete, and like undisturbed runs", f"{sum(not each for each in wrong.values())} of {len(wrong)}"],
        ["time of workers in trials after the second start", f"{share['whole']:.1%}"],
        ["the same, until each worker's last trial ended", f"{share['busy']:.1%}"],
        [
            "minutes before and after the second start",
            f"{(done.again - done.began) / 60:.1f}, {(done.ended - done.again) / 60:.1f}",
        ],
        ["problems", "; ".join(problems) or "none"],
    ]
    found = {"problems": problems, "share": share, "states": states_of(trials)}
    report("sweep_survival", f"A study of {given.trials} trials, disturbed", ("what", "found"), rows, found)
    if problems:
        sys.exit(1)


if __name__ == "__main__":
    main()
