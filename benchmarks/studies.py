"""Shared code of the benchmarks of sweeps: the record of a study, and where its workers' time went."""

import itertools
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import optuna
from optuna.trial import FrozenTrial

from halo.sweeping.storage import open_storage


class Attempt(NamedTuple):
    """A process that worked on a trial.

    Attributes:
        trial: The number of the trial.
        worker: The name of its worker.
        started: When it was started, in seconds since 1970.
        ended: When it ended; None if nobody saw it end.
    """

    trial: int
    worker: str
    started: float
    ended: float | None


def read_trials(folder: Path) -> list[FrozenTrial]:
    """Returns the trials of the one study that is recorded in the journal of a folder."""
    storage = open_storage(None, folder)
    (summary,) = optuna.get_all_study_summaries(storage)
    return optuna.load_study(study_name=summary.study_name, storage=storage).get_trials(deepcopy=False)


def attempts_of(trials: list[FrozenTrial]) -> list[Attempt]:
    """Returns the processes that worked on trials, in the order of their starts."""
    found = [
        Attempt(trial.number, str(each["worker"]), float(each["started"]), each["ended"])
        for trial in trials
        for each in trial.user_attrs.get("attempts", [])
    ]
    return sorted(found, key=lambda each: each.started)


def states_of(trials: list[FrozenTrial]) -> dict[str, int]:
    """Returns the number of trials in each state."""
    return dict(Counter(trial.state.name.lower() for trial in trials))


def doubled(attempts: list[Attempt]) -> list[int]:
    """Returns the numbers of the trials on which two processes have worked at the same time."""
    found = set()
    for _, group in itertools.groupby(sorted(attempts), key=lambda each: each.trial):
        for before, after in itertools.pairwise(sorted(group, key=lambda each: each.started)):
            if before.ended is not None and before.ended > after.started + 1:  # the clocks of two processes
                found.add(before.trial)
    return sorted(found)


def seconds_in_trials(attempts: list[Attempt], *, until: float) -> float:
    """Returns how long all workers together have had a trial's process.

    Args:
        attempts: The processes.
        until: When those ended whose end nobody saw, in seconds since 1970.
    """
    return sum((until if each.ended is None else each.ended) - each.started for each in attempts)


def shares(attempts: list[Attempt], *, began: float, ended: float, workers: int) -> dict[str, Any]:
    """Returns the shares of the workers' time that they have spent in trials.

    `busy` counts the time of each worker until the end of its last trial: after it there was none left for it to take.
    `whole` counts all time until the command ended.

    Args:
        attempts: The processes.
        began: When the command was started, in seconds since 1970.
        ended: When it ended.
        workers: The number of workers.
    """
    last: dict[str, float] = {}
    for each in attempts:
        last[each.worker] = max(last.get(each.worker, began), ended if each.ended is None else each.ended)
    in_trials = seconds_in_trials(attempts, until=ended)
    return {
        "busy": in_trials / sum(end - began for end in last.values()),
        "whole": in_trials / (workers * (ended - began)),
    }
